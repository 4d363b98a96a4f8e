//! bucket-cors beside the CORS middleware of other frameworks, a naive scan and the floor, in one
//! process and in turn. README.md says what is printed and how to read it.

mod check;
mod contender;
mod contest;
mod more;
mod naive;
mod peers;
mod plots;
mod policy;
mod provider;
#[path = "../../support/mod.rs"]
mod support;
mod table;
mod timing;

use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: Option<&str>) -> Result<(), Box<dyn Error>> {
    match what {
        None => table::print(),
        Some("more") => {
            more::print();
            Ok(())
        }
        Some("plots") => plots::write(),
        Some(what) => Err(format!("unknown command {what:?}; `more` or `plots`, or none").into()),
    }
}
