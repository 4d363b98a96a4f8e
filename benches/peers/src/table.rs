//! The table of ratios: w1 to w8 under each provider.

use std::error::Error;
use std::time::Duration;

use crate::check::Limit;
use crate::contest::Contest;
use crate::provider::Provider;
use crate::support::{Workload, workloads};

/// The later ones are hostile requests, whose cost no peer bounds.
const WORKLOADS: usize = 8;

pub fn print() -> Result<(), Box<dyn Error>> {
    // All answers are checked before anything is timed.
    let mut contests = Vec::new();
    for provider in Provider::ALL {
        for workload in workloads().into_iter().take(WORKLOADS) {
            let Workload {
                name,
                configuration,
                request,
            } = workload;
            let contest = Contest::new(provider, &configuration, &request)
                .map_err(|error| format!("{provider}, {name}: {error}"))?;
            contests.push((name, contest));
        }
    }
    every_listed_limit_shows(&contests)?;

    for (provider, contests) in Provider::ALL.iter().zip(contests.chunks_mut(WORKLOADS)) {
        println!("{provider}, time / ours, of a peer net of its bare service:\n");
        print_aligned(&rows(contests));
        println!();
    }
    for limit in Limit::ALL {
        println!("- {}: {}", limit.mark(), limit.reason());
    }
    Ok(())
}

/// What a peer has learnt since must leave its list.
fn every_listed_limit_shows(contests: &[(&str, Contest)]) -> Result<(), String> {
    let (_, first) = &contests[0];
    for (index, peer) in first.peers.iter().enumerate() {
        for limit in peer.limits {
            let shows = |(_, contest): &(_, Contest)| contest.limits[index].contains(limit);
            if !contests.iter().any(shows) {
                let name = peer.name;
                return Err(format!("{name}: {limit:?} is listed, and no longer shows"));
            }
        }
    }
    Ok(())
}

fn rows(contests: &mut [(&str, Contest)]) -> Vec<Vec<String>> {
    let (_, first) = &contests[0];
    let peers = first.peers.iter().map(|peer| peer.name);
    let columns = ["", "naive"].into_iter().chain(peers).chain([
        "best peer",
        "floor",
        "best peer / floor",
        "ours, ns",
        "fields of ours and of each peer",
    ]);
    let mut rows = vec![columns.map(str::to_owned).collect()];
    rows.extend(
        contests
            .iter_mut()
            .map(|(name, contest)| row(name, contest)),
    );
    rows
}

fn row(name: &str, contest: &mut Contest) -> Vec<String> {
    let times = contest.run(Duration::from_secs(2));
    let mut cells = vec![name.to_owned(), ratio(times.naive / times.ours)];
    for (time, limits) in times.peers.iter().zip(&contest.limits) {
        let marks: String = limits.iter().map(|limit| limit.mark()).collect();
        let cell = format!("{} {marks}", ratio(time / times.ours));
        cells.push(cell.trim_end().to_owned());
    }
    let best = times.peers.iter().copied().fold(f64::INFINITY, f64::min);
    cells.push(ratio(best / times.ours));
    cells.push(ratio(times.floor / times.ours));
    cells.push(ratio(best / times.floor));
    cells.push(format!("{:.0}", times.ours));
    let fields = contest.fields();
    let fields: Vec<String> = fields.iter().map(usize::to_string).collect();
    cells.push(fields.join(" "));
    cells
}

/// Two digits after the point, fewer of a big number.
pub fn ratio(ratio: f64) -> String {
    match ratio {
        ..10.0 => format!("{ratio:.2}"),
        ..100.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}

/// In Markdown, the first row its head.
fn print_aligned(rows: &[Vec<String>]) {
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0))
        .collect();
    let line = |cells: Vec<String>| println!("| {} |", cells.join(" | "));
    let pad = |(cell, &width): (&String, &usize)| format!("{cell:width$}");
    for (number, row) in rows.iter().enumerate() {
        line(row.iter().zip(&widths).map(pad).collect());
        if number == 0 {
            line(widths.iter().map(|&width| "-".repeat(width)).collect());
        }
    }
}
