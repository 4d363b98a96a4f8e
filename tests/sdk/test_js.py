"""The SDK for browsers, bundled as pages have it, uploads from a page on another origin."""

import os
from pathlib import Path

import pytest

import browser
import documents

# `run` makes it, where the programs for that are.
BUNDLE = os.environ.get("BUNDLE")
pytestmark = pytest.mark.skipif(not BUNDLE, reason="npm, chromium or chromedriver is not there")


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as chromium:
        yield chromium


@pytest.fixture
def upload(chromium, s3_address):
    """Configures, uploads, and gives what the page saw and what the bucket was asked."""

    # The tap's own page is another origin for it.
    def upload(*allowed_headers):
        s3 = documents.boto3_client(s3_address)
        s3.create_bucket(Bucket="uploads")
        with browser.tap(s3_address) as pages, browser.tap(s3_address) as bucket:
            origin = f"http://127.0.0.1:{pages.server_port}"
            rule = {
                "AllowedOrigins": [origin],
                "AllowedMethods": ["PUT", "GET"],
                "AllowedHeaders": list(allowed_headers),
                "ExposeHeaders": ["ETag"],
            }
            s3.put_bucket_cors(Bucket="uploads", CORSConfiguration={"CORSRules": [rule]})
            s3.put_object(Bucket="uploads", Key="page.html", Body=b"<!doctype html>", ContentType="text/html")
            chromium.open(f"{origin}/uploads/page.html")
            endpoint = f"http://127.0.0.1:{bucket.server_port}"
            argument = {"endpoint": endpoint, "bucket": "uploads", "key": "a.txt", "text": "hello"}
            saw = chromium.call(Path(BUNDLE).read_text(), "sdk.upload", argument)
            return saw, bucket.seen

    return upload


@pytest.mark.parametrize(
    "allowed_headers",
    [["*"], ["x-amz-*", "amz-sdk-*", "authorization", "content-type"]],
    ids=["all", "by-prefix"],
)
def test_an_upload(upload, allowed_headers):
    saw, seen = upload(*allowed_headers)
    assert saw == {"etag": '"5d41402abc4b2a76b9719d911017c592"', "text": "hello"}
    assert [method for method, _, _ in seen] == ["OPTIONS", "PUT", "OPTIONS", "GET"]
    _, put, body = seen[1]
    assert put["x-amz-checksum-crc32"] == "NhCmhg=="
    assert body == b"hello"


def test_names_that_are_not_listed_fail(upload):
    saw, seen = upload("content-type")
    assert saw == {"error": "TypeError"}
    assert [method for method, _, _ in seen] == ["OPTIONS"]


def test_recorded(upload):
    """What the preflights ask for is in the files that tests/sdk_documents.rs reads."""
    _, seen = upload("*")
    for index, name in [(0, "put"), (2, "get")]:
        names = seen[index][1]["Access-Control-Request-Headers"] + "\n"
        path = documents.DATA / f"js-{name}-names.txt"
        if os.environ.get("RECORD"):
            path.write_text(names)
        assert path.read_text() == names
