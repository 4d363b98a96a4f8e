//! The example `bucket`, running, with two taps in front of it.

use std::net::SocketAddr;
use std::path::Path;

use bucket_cors::{Profile, Vary};

use crate::running::Running;
use crate::wire::{Seen, Tap};

pub struct Server {
    pub provider: Provider,
    pub vary: Vary,
    pub address: SocketAddr,
    /// The browser's ways to it: the same buckets, at two origins.
    pub taps: [Tap; 2],
    pub seen: Seen,
    _process: Running,
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

    pub fn start(example: &Path, provider: Provider, vary: Vary) -> Self {
        let [provider_name, vary_name] = names(provider, vary);
        let process = Running::start(example, provider_name, vary_name);
        let address = process.address;
        let seen = Seen::default();
        Self {
            provider,
            vary,
            address,
            taps: std::array::from_fn(|_| Tap::before(address, Seen::clone(&seen)).unwrap()),
            seen,
            _process: process,
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
