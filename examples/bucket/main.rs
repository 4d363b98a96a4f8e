//! An object store in memory, with each bucket's CORS rules around it, and a page to try it.
//!
//! ```sh
//! cargo run --features tower --example bucket
//! cargo run --features tower --example bucket -- --profile cos --listen 127.0.0.1:0 --page 127.0.0.1:0
//! ```
//!
//! The crate's part in it stands in `Api::router` (api.rs), which puts `CorsLayer` around the store, and
//! in store.rs, where a bucket keeps its `Configuration` beside the `RuleSet` that it compiles to.
//!
//! Signatures are not checked, nothing is written to disk, and all is gone when it ends.

mod address;
mod api;
mod body;
mod cli;
mod fault;
mod journal;
mod listing;
mod object;
mod page;
mod store;
mod xml;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::net::TcpListener;
use tokio::sync::watch;

use api::Api;
use cli::Arguments;
use store::Store;

/// How long requests that are under way are waited for.
const GRACE: Duration = Duration::from_secs(5);

const MIB: usize = 1024 * 1024;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(false)
        .init();
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let buckets = TcpListener::bind(arguments.listen).await?;
    let page = TcpListener::bind(arguments.page).await?;
    let bucket_address = buckets.local_addr()?;
    let stop = stop_signal()?;
    let page_address = page.local_addr()?;
    for (what, address) in [("buckets", bucket_address), ("page", page_address)] {
        if !address.ip().is_loopback() {
            tracing::warn!(
                "other machines may reach the {what}, and nobody's signature is checked"
            );
        }
    }

    let store = Store::new(arguments.profile(), usize::from(arguments.memory) * MIB);
    let limit = usize::from(arguments.object_limit) * MIB;
    let mut api = Api::new(store, arguments.request_id(), &arguments.domain, limit);
    api.around = arguments.around;
    let page_router = page::router(&api, bucket_address);

    let mut out = io::stdout();
    writeln!(out, "bucket: http://{bucket_address}")?;
    writeln!(out, "page: http://{page_address}")?;
    writeln!(
        out,
        "Signatures are not checked. To try: curl -i -T Cargo.toml http://{bucket_address}/demo/a.txt; \
         curl -i -H 'Origin: http://a.test' http://{bucket_address}/demo/a.txt"
    )?;
    out.flush()?;

    let buckets = axum::serve(buckets, api.router()).with_graceful_shutdown(stopped(stop.clone()));
    let page = axum::serve(page, page_router).with_graceful_shutdown(stopped(stop.clone()));
    let late = async {
        stopped(stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = async { tokio::try_join!(buckets.into_future(), page.into_future()) } => {
            ended?;
        }
        () = late => tracing::warn!("requests are still under way; not waiting for them"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Becomes true at ctrl-c and at SIGTERM.
fn stop_signal() -> io::Result<watch::Receiver<bool>> {
    let (say, stop) = watch::channel(false);
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        let _ = say.send(true);
    });
    Ok(stop)
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
