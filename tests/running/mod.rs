//! The example `bucket`, running.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Until it is dropped.
pub struct Running {
    pub address: SocketAddr,
    process: Child,
    /// Open for as long as it may write to it.
    _stdout: BufReader<ChildStdout>,
}

impl Running {
    /// The provider and its choice of `Vary` as the example's arguments have them.
    pub fn start(example: &Path, provider: &str, vary: &str) -> Self {
        let mut process = Command::new(example)
            .args(["--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"])
            .args(["--profile", provider, "--vary", vary])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("bucket: http://");
        let address = address.and_then(|address| address.parse().ok());
        Self {
            address: address.expect("the example says its address"),
            process,
            _stdout: stdout,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
