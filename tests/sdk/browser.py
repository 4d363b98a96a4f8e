"""A headless Chromium by the WebDriver standard, and a tap between it and the buckets."""

import contextlib
import http.client
import json
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARGUMENTS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # Nothing but the pages of this test is opened, and under root there is no sandbox.
    "--no-sandbox",
    "--no-first-run",
    # Nothing beyond loopback.
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class Chromium:
    def __init__(self, driver):
        self.url = f"http://127.0.0.1:{driver}/session"
        options = {"args": ARGUMENTS}
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        session = self.command("POST", "", {"capabilities": capabilities})
        self.url += "/" + session["sessionId"]

    def command(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    def call(self, script, function, argument):
        """What the function of the script promises."""
        script += f"\nreturn {function}(arguments[0]);"
        return self.command("POST", "/execute/sync", {"script": script, "args": [argument]})


@contextlib.contextmanager
def chromium():
    with subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True) as driver:
        try:
            said = next(line for line in driver.stdout if "started successfully" in line)
            browser = Chromium(int(said.split()[-1].rstrip(".")))
            try:
                yield browser
            finally:
                browser.command("DELETE", "")
        finally:
            driver.terminate()


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.headers, body))
        bucket = http.client.HTTPConnection(self.server.bucket, timeout=60)
        bucket.request(self.command, self.path, body, dict(self.headers))
        answer = bucket.getresponse()
        text = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        bucket.close()

    do_GET = do_PUT = do_OPTIONS = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def tap(bucket):
    """A server that passes everything on, and keeps what came in `seen`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        server.bucket = bucket
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
