import io
import urllib.error
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

import documents

ORIGIN = "https://www.example.com"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def s3(s3_address):
    return documents.boto3_client(s3_address)


@pytest.fixture
def bucket(s3, request):
    name = request.node.name.partition("[")[0].replace("_", "-")
    s3.create_bucket(Bucket=name)
    return name


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def configure(s3, bucket, *rules):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": list(rules)})


@pytest.mark.parametrize("name", documents.BOTO3)
def test_a_configuration_comes_back(s3, bucket, name):
    rules = documents.BOTO3[name]
    configure(s3, bucket, *rules)
    # An empty list is not sent.
    rules = [{key: value for key, value in rule.items() if value != []} for rule in rules]
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules


def test_none_is_an_error(s3, bucket):
    assert error(s3.get_bucket_cors, Bucket=bucket)["Code"] == "NoSuchCORSConfiguration"
    configure(s3, bucket, *documents.BOTO3["one-rule"])
    s3.delete_bucket_cors(Bucket=bucket)
    assert error(s3.get_bucket_cors, Bucket=bucket)["Code"] == "NoSuchCORSConfiguration"
    s3.delete_bucket_cors(Bucket=bucket)


RULE = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        ([], *MALFORMED),
        ([RULE | {"AllowedMethods": []}], *MALFORMED),
        ([RULE | {"MaxAgeSeconds": -1}], *MALFORMED),
        (
            [RULE] * 101,
            "InvalidRequest",
            "The number of CORS rules should not exceed allowed limit of 100 rules.",
        ),
        (
            [RULE | {"AllowedMethods": ["PATCH"]}],
            "InvalidRequest",
            "Found unsupported HTTP method in CORS config. Unsupported method is PATCH",
        ),
        (
            [RULE, RULE | {"AllowedOrigins": ["http://*.*"]}],
            "InvalidRequest",
            'AllowedOrigin "http://*.*" can not have more than one wildcard.',
        ),
        (
            [RULE | {"ExposeHeaders": ["x-amz-*"]}],
            "InvalidRequest",
            'ExposeHeader "x-amz-*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
        ),
    ],
    ids=["no-rule", "no-method", "age", "101-rules", "method", "origin", "exposed"],
)
def test_a_refusal_is_the_providers(s3, bucket, rules, code, message):
    configure(s3, bucket, *documents.BOTO3["every-element"])
    configuration = {"CORSRules": rules}
    refused = error(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=configuration)
    assert (refused["Code"], refused["Message"].rstrip()) == (code, message)
    # And what was there stays.
    kept = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert kept == documents.BOTO3["every-element"]


def test_objects(s3, bucket):
    configure(s3, bucket, *documents.BOTO3["every-element"])
    put = s3.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"hello", ContentType="text/plain", Metadata={"a": "b"})
    got = s3.get_object(Bucket=bucket, Key="a b/ü.txt")
    assert got["Body"].read() == b"hello"
    assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"a": "b"})
    head = s3.head_object(Bucket=bucket, Key="a b/ü.txt")
    assert (head["ContentLength"], head["ETag"]) == (5, put["ETag"])

    s3.put_object(Bucket=bucket, Key="stream", Body=io.BytesIO(b"x" * 100_000))
    assert s3.get_object(Bucket=bucket, Key="stream")["Body"].read() == b"x" * 100_000
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == ["a b/ü.txt", "stream"]

    s3.delete_object(Bucket=bucket, Key="stream")
    assert error(s3.get_object, Bucket=bucket, Key="stream")["Code"] == "NoSuchKey"


def test_multipart(s3, bucket, tmp_path):
    path = tmp_path / "object"
    path.write_bytes(bytes(range(256)) * (11 * MIB // 256))
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_file(str(path), bucket, "object", Config=parts)
    assert s3.head_object(Bucket=bucket, Key="object")["ETag"].endswith('-3"')
    s3.download_file(bucket, "object", str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()


def fetch(url, **headers):
    """The status and fields of an answer, as a page's request would have it."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as answer:
        return answer.status, answer.headers


def test_a_presigned_url_has_the_fields(s3, bucket):
    configure(s3, bucket, RULE | {"AllowedOrigins": [ORIGIN], "ExposeHeaders": ["ETag"]})
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    for key, expected in [("a", 200), ("none", 404)]:
        url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        status, fields = fetch(url, Origin=ORIGIN)
        assert status == expected
        assert fields["Access-Control-Allow-Origin"] == ORIGIN
        assert fields["Access-Control-Expose-Headers"] == "ETag"
        status, fields = fetch(url, Origin="https://example.org")
        assert status == expected
        assert fields["Access-Control-Allow-Origin"] is None
        assert "Origin" in fields["Vary"]
