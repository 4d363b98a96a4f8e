//! Pages in a headless Chromium ask the example `bucket`, and the browser in miniature of
//! `tests/browser` asks beside them: both have to come to the same.
//!
//! Without Chromium and its driver there is nothing to see, and nothing fails, unless the
//! environment variable `BUCKET_CORS_BROWSER` is `required`. An argument is a part of the names of
//! the scenarios that are to run.

mod bucket;
#[path = "../built/mod.rs"]
mod built;
mod miniature;
#[path = "../running/mod.rs"]
mod running;
mod scenarios;
mod server;
mod webdriver;
mod wire;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use bucket_cors::Vary;

use bucket::{Bucket, Pages};
// By the names that they have at home.
use miniature::{answer, browser, cache, common, model, request, url};
use scenarios::{SCENARIOS, Scenario};
use server::{Provider, Server};
use webdriver::{Chromium, Programs};

struct Run {
    name: String,
    provider: Provider,
    vary: Vary,
    /// Every scenario is for every server.
    scenario: &'static Scenario,
}

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let servers = Server::ALL.into_iter();
    let runs = servers.flat_map(|(provider, vary)| {
        SCENARIOS.iter().map(move |scenario| {
            let [provider_name, vary_name] = server::names(provider, vary);
            Run {
                name: format!("{provider_name}::{vary_name}::{}", scenario.name),
                provider,
                vary,
                scenario,
            }
        })
    });
    let runs: Vec<Run> = runs.filter(|run| arguments.ask_for(&run.name)).collect();

    if arguments.list {
        for run in &runs {
            println!("{}: test", run.name);
        }
    }
    if arguments.list || runs.is_empty() {
        return ExitCode::SUCCESS;
    }
    match Programs::find() {
        Ok(programs) => run_all(&runs, &programs),
        Err(missing) if env::var_os("BUCKET_CORS_BROWSER").is_some_and(|it| it == "required") => {
            println!("the browser test is required, and {missing}");
            ExitCode::FAILURE
        }
        Err(missing) => {
            println!("skipped: the browser test, as {missing}");
            ExitCode::SUCCESS
        }
    }
}

fn run_all(runs: &[Run], programs: &Programs) -> ExitCode {
    let example = built::example("bucket", "tower");
    let since = Instant::now();
    let servers = Server::ALL.map(|(provider, vary)| Server::start(&example, provider, vary));
    let pages = Pages::serve();
    let chromium = Chromium::start(programs);
    println!(
        "\nrunning {} tests in Chromium {}",
        runs.len(),
        chromium.version
    );

    let mut failed = Vec::new();
    for run in runs {
        let passed = catch_unwind(AssertUnwindSafe(|| {
            let mut servers = servers.iter();
            let server = servers.find(|it| (it.provider, it.vary) == (run.provider, run.vary));
            let server = server.expect("each of them is started");
            chromium.forget_cookies();
            let bucket = Bucket::new(&chromium, &pages, server, run.scenario.name);
            (run.scenario.run)(&bucket);
        }));
        let result = if passed.is_ok() { "ok" } else { "FAILED" };
        println!("test {} ... {result}", run.name);
        if passed.is_err() {
            failed.push(&run.name);
        }
    }

    if !failed.is_empty() {
        println!("\nfailures:");
        for name in &failed {
            println!("    {name}");
        }
    }
    println!(
        "\ntest result: {}. {} passed; {} failed; finished in {:.2}s\n",
        if failed.is_empty() { "ok" } else { "FAILED" },
        runs.len() - failed.len(),
        failed.len(),
        since.elapsed().as_secs_f32(),
    );
    ExitCode::from(u8::from(!failed.is_empty()))
}

/// As much of what `cargo test` passes on as means something here.
struct Arguments {
    list: bool,
    exact: bool,
    /// Nothing here is.
    ignored: bool,
    /// Parts of names, or names; any of them will do.
    names: Vec<String>,
}

impl Arguments {
    fn read() -> Self {
        const WITH_VALUE: &[&str] = &["--color", "--format", "--skip", "--test-threads", "-Z"];

        let mut read = Self {
            list: false,
            exact: false,
            ignored: false,
            names: Vec::new(),
        };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--list" => read.list = true,
                "--exact" => read.exact = true,
                "--ignored" => read.ignored = true,
                flag if WITH_VALUE.contains(&flag) => {
                    arguments.next();
                }
                flag if flag.starts_with('-') => {}
                _ => read.names.push(argument),
            }
        }
        read
    }

    fn ask_for(&self, name: &str) -> bool {
        let is_asked = |wanted: &String| {
            if self.exact {
                name == wanted
            } else {
                name.contains(wanted.as_str())
            }
        };
        !self.ignored && (self.names.is_empty() || self.names.iter().any(is_asked))
    }
}
