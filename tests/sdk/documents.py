"""The configurations that the SDKs put, and what they send for them.

Each is written the way the SDK's own documentation writes one. `record` keeps the bodies under
tests/data/sdk, where tests/sdk_documents.rs reads them.
"""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from botocore.config import Config
from qcloud_cos import CosConfig, CosS3Client

DATA = Path(__file__).parents[1] / "data" / "sdk"

BOTO3 = {
    "one-rule": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}],
    "every-element": [
        {
            "ID": "uploads & <reads>",
            "AllowedHeaders": ["*"],
            "AllowedMethods": ["PUT", "POST", "DELETE"],
            "AllowedOrigins": ["https://www.example.com", "http://*.example.net:8080"],
            "ExposeHeaders": ["ETag", "x-amz-request-id"],
            "MaxAgeSeconds": 3000,
        }
    ],
    "several-rules": [
        {"ID": "", "AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 0},
        {
            "ID": "größe",
            "AllowedHeaders": ["content-*", "X-Amz-Date"],
            "AllowedMethods": ["PUT"],
            "AllowedOrigins": ["https://a.example.com"],
            "ExposeHeaders": [],
        },
    ],
}

COS = {
    "one-rule": {"CORSRule": [{"AllowedOrigin": "*", "AllowedMethod": "GET"}]},
    "every-element": {
        "CORSRule": [
            {
                "ID": "1234",
                "AllowedOrigin": ["http://www.qq.com", "https://*.example.com"],
                "AllowedMethod": ["GET", "PUT"],
                "AllowedHeader": ["x-cos-meta-test", "content-*"],
                "ExposeHeader": ["x-cos-meta-test1", "ETag"],
                "MaxAgeSeconds": 500,
            }
        ]
    },
    "response-vary": {
        "CORSRule": [
            {"ID": "读", "AllowedOrigin": ["*"], "AllowedMethod": ["GET", "HEAD"]},
            {"AllowedOrigin": ["https://a.example.com"], "AllowedMethod": ["PUT"], "AllowedHeader": "*", "MaxAgeSeconds": "0"},
        ],
        "ResponseVary": "true",
    },
}


def boto3_client(address):
    """`address` is HOST:PORT."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://{address}",
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def cos_client(address):
    """The bucket is in the host name, whose address need not be looked up."""
    host, port = address.split(":")
    return CosS3Client(
        CosConfig(
            Endpoint="localhost",
            IP=host,
            Port=port,
            Scheme="http",
            SecretId="AKIDEXAMPLE",
            SecretKey="secret",
        ),
        retry=0,
    )


class Recorder(BaseHTTPRequestHandler):
    def do_PUT(self):
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def sent():
    """What the SDKs send: paths under `DATA`, and bodies."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.bodies = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    bodies = {}
    for name, rules in BOTO3.items():
        boto3_client(address).put_bucket_cors(Bucket="bucket", CORSConfiguration={"CORSRules": rules})
        bodies[f"boto3-{name}.xml"] = server.bodies.pop()
    for name, configuration in COS.items():
        cos_client(address).put_bucket_cors(Bucket="bucket-125", CORSConfiguration=configuration)
        bodies[f"cos-{name}.xml"] = server.bodies.pop()
    if put := os.environ.get("PUT"):  # and there is a node
        rules = json.dumps(list(BOTO3.values()))
        subprocess.run(["node", "--no-warnings", put, address], input=rules, text=True, check=True, timeout=60)
        for name, body in zip(BOTO3, server.bodies, strict=True):
            bodies[f"js-{name}.xml"] = body
    server.shutdown()
    return bodies


if __name__ == "__main__" and sys.argv[1:] == ["record"]:
    DATA.mkdir(parents=True, exist_ok=True)
    for name, body in sent().items():
        (DATA / name).write_bytes(body)
        print(DATA / name)
