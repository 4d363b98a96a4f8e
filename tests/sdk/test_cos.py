import urllib.request

import pytest
from qcloud_cos import CosServiceError

import documents

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def cos(cos_address):
    return documents.cos_client(cos_address)


@pytest.fixture
def bucket(cos, request):
    name = request.node.name.partition("[")[0].replace("_", "-") + "-1250000000"
    cos.create_bucket(Bucket=name)
    return name


def refused(call, **arguments):
    with pytest.raises(CosServiceError) as caught:
        call(**arguments)
    return caught.value.get_error_code(), caught.value.get_error_msg().rstrip()


def listed(rule):
    """A rule as the SDK gives it back: lists, and text for numbers."""
    lists = ("AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader")
    as_list = lambda value: value if isinstance(value, list) else [value]
    return {key: as_list(value) if key in lists else str(value) for key, value in rule.items()}


@pytest.mark.parametrize("name", documents.COS)
def test_a_configuration_comes_back(cos, bucket, name):
    configuration = documents.COS[name]
    cos.put_bucket_cors(Bucket=bucket, CORSConfiguration=configuration)
    got = cos.get_bucket_cors(Bucket=bucket)
    assert got["CORSRule"] == [listed(rule) for rule in configuration["CORSRule"]]
    assert got.get("ResponseVary") == configuration.get("ResponseVary")


def test_none_is_an_error(cos, bucket):
    assert refused(cos.get_bucket_cors, Bucket=bucket)[0] == "NoSuchCORSConfiguration"
    cos.put_bucket_cors(Bucket=bucket, CORSConfiguration=documents.COS["one-rule"])
    cos.delete_bucket_cors(Bucket=bucket)
    assert refused(cos.get_bucket_cors, Bucket=bucket)[0] == "NoSuchCORSConfiguration"


def test_a_refusal_is_the_providers(cos, bucket):
    cos.put_bucket_cors(Bucket=bucket, CORSConfiguration=documents.COS["one-rule"])
    rule = {"AllowedOrigin": ["*"], "AllowedMethod": ["OPTIONS"]}
    assert refused(cos.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRule": [rule]}) == (
        "InvalidRequest",
        "Found unsupported HTTP method in CORS config. Unsupported method is OPTIONS",
    )
    # The S3 spelling, which a schema does not know.
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    code, _ = refused(cos.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRule": [rule]})
    assert code == "MalformedXML"
    kept = cos.get_bucket_cors(Bucket=bucket)["CORSRule"]
    assert kept == [listed(rule) for rule in documents.COS["one-rule"]["CORSRule"]]


# The SDK returns fields under names as the server spells them.
def test_objects(cos, bucket):
    put = cos.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"hello", Metadata={"x-cos-meta-a": "b"})
    got = cos.get_object(Bucket=bucket, Key="a b/ü.txt")
    assert got["Body"].get_raw_stream().read() == b"hello"
    assert got["x-cos-meta-a"] == "b"
    head = cos.head_object(Bucket=bucket, Key="a b/ü.txt")
    assert (head["content-length"], head["etag"]) == ("5", put["etag"])
    cos.delete_object(Bucket=bucket, Key="a b/ü.txt")
    assert refused(cos.get_object, Bucket=bucket, Key="a b/ü.txt")[0] == "NoSuchKey"


def test_multipart(cos, bucket, tmp_path):
    path = tmp_path / "object"
    path.write_bytes(bytes(range(256)) * (3 * MIB // 256) + b"end")
    # It goes on with an upload that is there.
    begun = cos.create_multipart_upload(Bucket=bucket, Key="object")["UploadId"]
    cos.upload_part(Bucket=bucket, Key="object", Body=path.read_bytes()[:MIB], PartNumber=1, UploadId=begun)
    done = cos.upload_file(Bucket=bucket, Key="object", LocalFilePath=str(path), PartSize=1)
    assert done["Bucket"] == bucket
    assert "Upload" not in cos.list_multipart_uploads(Bucket=bucket)
    assert cos.head_object(Bucket=bucket, Key="object")["etag"].endswith('-4"')
    got = cos.get_object(Bucket=bucket, Key="object")["Body"].get_raw_stream().read()
    assert got == path.read_bytes()


def test_a_presigned_url_has_the_fields(cos, bucket, cos_address):
    rule = {"AllowedOrigin": "https://*.example.com", "AllowedMethod": "GET", "ExposeHeader": "x-cos-request-id"}
    cos.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [rule]})
    cos.put_object(Bucket=bucket, Key="a", Body=b"hello")
    url = cos.get_presigned_url(Bucket=bucket, Key="a", Method="GET")
    assert url.startswith(f"http://{cos_address}/a?")
    headers = {"Host": f"{bucket}.localhost", "Origin": "https://www.example.com"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        assert answer.read() == b"hello"
        assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.com"
        assert answer.headers["Access-Control-Expose-Headers"] == "x-cos-request-id"
        assert answer.headers["Vary"] == "Origin"
