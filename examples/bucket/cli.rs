//! The command line.

use std::net::SocketAddr;

use axum::http::HeaderName;
use bucket_cors::{Profile, Vary};
use clap::{Parser, ValueEnum};

use crate::api::Around;

/// An object store in memory that speaks the subset of S3 and COS that browsers and SDKs use, with
/// the crate's CORS around it, and a page to try it.
///
/// Signatures are not checked: whoever reaches the address may read and write everything. Any web
/// page that a browser on this machine shows is among them, within what CORS lets it read.
#[derive(Parser)]
#[command(name = "bucket")]
pub struct Arguments {
    /// Where the buckets are; port 0 lets the system choose
    #[arg(long, default_value = "127.0.0.1:9000", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    /// Where the page is, which by its port is another origin
    #[arg(long, default_value = "127.0.0.1:9001", value_name = "ADDRESS")]
    pub page: SocketAddr,

    /// The provider to answer like
    #[arg(long, value_enum, default_value_t = Provider::Cos)]
    pub profile: Provider,

    /// When answers say `Vary`
    #[arg(long, value_enum, default_value_t = Varying::Safe)]
    pub vary: Varying,

    /// What stands around the store: all but `all` is for benches/load.sh
    #[arg(long, value_enum, default_value_t = Around::All, hide = true)]
    pub around: Around,

    /// What follows the bucket in a host name, so that `BUCKET.DOMAIN` is a bucket, too; to names
    /// other than these, `localhost` and IP addresses the buckets do not answer
    #[arg(long, default_value = "localhost")]
    pub domain: String,

    /// The most MiB of an object that is sent whole, and of a part
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub object_limit: u16,

    /// The most MiB that everything stored may take
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u16).range(1..))]
    pub memory: u16,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Provider {
    /// Tencent COS
    Cos,
    /// Amazon S3
    S3,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Varying {
    /// On every answer of a configured bucket
    Safe,
    /// Where the provider does, which confuses caches
    AsProvider,
}

impl Arguments {
    pub fn profile(&self) -> Profile {
        let profile = match self.profile {
            Provider::Cos => Profile::COS,
            Provider::S3 => Profile::S3,
        };
        profile.with_vary(match self.vary {
            Varying::Safe => Vary::Safe,
            Varying::AsProvider => Vary::AsProvider,
        })
    }

    pub fn request_id(&self) -> HeaderName {
        HeaderName::from_static(match self.profile {
            Provider::Cos => "x-cos-request-id",
            Provider::S3 => "x-amz-request-id",
        })
    }
}
