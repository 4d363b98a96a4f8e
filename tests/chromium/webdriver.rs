//! A headless Chromium, driven after the W3C's `WebDriver`.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use http::{Method, Request};
use serde_json::{Value, json};

use crate::wire;

/// Where the two programs are.
pub struct Programs {
    chromium: PathBuf,
    driver: PathBuf,
}

impl Programs {
    /// On the PATH. An error says which is not there.
    pub fn find() -> Result<Self, String> {
        Ok(Self {
            chromium: on_path("chromium")?,
            driver: on_path("chromedriver")?,
        })
    }
}

fn on_path(name: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).map(|folder| folder.join(name));
    places
        .find(|place| place.is_file())
        .ok_or_else(|| format!("{name} is not on the PATH"))
}

/// One session. It ends, and its processes and files go, when this is dropped.
pub struct Chromium {
    pub version: String,
    driver: Child,
    /// Open for as long as it may write to it.
    _stdout: BufReader<ChildStdout>,
    address: SocketAddr,
    session: String,
    profile: PathBuf,
}

impl Chromium {
    pub fn start(programs: &Programs) -> Self {
        let mut driver = Command::new(&programs.driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let port = stdout.by_ref().lines().find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");

        let folder = format!("chromium-{}", std::process::id());
        let mut chromium = Self {
            version: String::new(),
            driver,
            _stdout: stdout,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
            profile: Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder),
        };
        let session = chromium.command(
            &Method::POST,
            "",
            &capabilities(programs, &chromium.profile),
        );
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        chromium.session = text(&session["sessionId"]);
        chromium.version = text(&session["capabilities"]["browserVersion"]);
        chromium
    }

    pub fn open(&self, url: &str) {
        self.command(&Method::POST, "/url", &json!({ "url": url }));
    }

    /// Calls a function of the script, and waits for what it promises.
    pub fn call(&self, script: &str, function: &str, argument: &Value) -> Value {
        let script = format!("{script}\nreturn {function}(arguments[0]);");
        let body = json!({ "script": script, "args": [argument] });
        self.command(&Method::POST, "/execute/sync", &body)
    }

    pub fn forget_cookies(&self) {
        self.command(&Method::DELETE, "/cookie", &Value::Null);
    }

    fn command(&self, method: &Method, path: &str, body: &Value) -> Value {
        let slash = if self.session.is_empty() { "" } else { "/" };
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/session{slash}{}{path}", self.session))
            .header("content-type", "application/json")
            .body(body);
        let answer = wire::send(self.address, &request.unwrap()).unwrap();
        let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(answer.status().is_success(), "WebDriver, {path}: {body:#}");
        body["value"].take()
    }
}

fn capabilities(programs: &Programs, profile: &Path) -> Value {
    let profile = format!("--user-data-dir={}", profile.display());
    let arguments = [
        "--headless=new",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        // Nothing but the pages of this test is opened, and under root there is no sandbox.
        "--no-sandbox",
        "--no-first-run",
        // Nothing beyond loopback.
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &profile,
    ];
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": programs.chromium, "args": arguments },
    } } })
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let request = Request::delete(format!("/session/{}", self.session)).body(Vec::new());
        // The driver closes the browser before it answers.
        let _ = wire::send(self.address, &request.unwrap());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
