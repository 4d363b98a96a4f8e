import os
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True


def serve(profile):
    """The example, on ports of the system's choice; its address."""
    command = [os.environ["BUCKET"], "--profile", profile]
    command += ["--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip().removeprefix("bucket: http://")
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def s3_address():
    yield from serve("s3")


@pytest.fixture(scope="session")
def cos_address():
    yield from serve("cos")
