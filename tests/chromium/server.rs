//! The example `bucket`, running, with two taps in front of it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use bucket_cors::{Profile, Vary};

use crate::wire::{Seen, Tap};

pub struct Server {
    pub provider: Provider,
    pub vary: Vary,
    pub address: SocketAddr,
    /// The browser's ways to it: the same buckets, at two origins.
    pub taps: [Tap; 2],
    pub seen: Seen,
    process: Child,
    /// Open for as long as it may write to it.
    _stdout: BufReader<ChildStdout>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Cos,
    S3,
}

impl Server {
    pub const ALL: [(Provider, Vary); 4] = [
        (Provider::Cos, Vary::Safe),
        (Provider::Cos, Vary::AsProvider),
        (Provider::S3, Vary::Safe),
        (Provider::S3, Vary::AsProvider),
    ];

    pub fn start(example: &PathBuf, provider: Provider, vary: Vary) -> Self {
        let [provider_name, vary_name] = names(provider, vary);
        let mut process = Command::new(example)
            .args(["--listen", "127.0.0.1:0", "--page", "127.0.0.1:0"])
            .args(["--profile", provider_name, "--vary", vary_name])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("bucket: http://");
        let address = address.and_then(|address| address.parse().ok());
        let address = address.expect("the example says its address");
        let seen = Seen::default();
        Self {
            provider,
            vary,
            address,
            taps: std::array::from_fn(|_| Tap::before(address, Seen::clone(&seen)).unwrap()),
            seen,
            process,
            _stdout: stdout,
        }
    }

    /// For a document's XML: the server has its own.
    pub fn profile(&self) -> Profile {
        match self.provider {
            Provider::Cos => Profile::COS,
            Provider::S3 => Profile::S3,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// As the example's arguments have them.
pub fn names(provider: Provider, vary: Vary) -> [&'static str; 2] {
    let provider = match provider {
        Provider::Cos => "cos",
        Provider::S3 => "s3",
    };
    let vary = match vary {
        Vary::AsProvider => "as-provider",
        _ => "safe",
    };
    [provider, vary]
}
