//! Two plots: the whole cost against the number of rules.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use bucket_cors::Configuration;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::contest::Contest;
use crate::provider::Provider;
use crate::support::{THREE_NAMES, exact, patterns, preflight};

const RULES: [u32; 7] = [1, 2, 5, 10, 20, 50, 100];

/// From the palette of Okabe and Ito, which the colour-blind can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(110, 110, 110),
    RGBColor(0, 0, 0),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(184, 134, 0),
];

pub fn write() -> Result<(), Box<dyn Error>> {
    let plots = Path::new(env!("CARGO_MANIFEST_DIR")).join("plots");
    draw(
        &plots.join("rules-exact.svg"),
        "Rules of ten exact origins each, asked for one of the last rule's",
        &lines(
            |rules| exact(rules, 10),
            |last| format!("https://tenant{last:02}-7.example.com"),
        )?,
    )?;
    draw(
        &plots.join("rules-patterns.svg"),
        "Rules of ten patterns each, asked for one of the last rule's",
        &lines(
            |rules| patterns(rules, 10),
            |last| format!("https://www.tenant{last}-7.example.com"),
        )?,
    )
}

struct Line {
    name: &'static str,
    /// By [`RULES`], in multiples of the floor.
    times: Vec<f64>,
}

fn lines(
    configuration: impl Fn(usize) -> Configuration,
    origin: impl Fn(usize) -> String,
) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for rules in RULES.map(|rules| rules as usize) {
        let request = preflight(&origin(rules - 1), THREE_NAMES);
        let mut contest = Contest::new(Provider::S3, &configuration(rules), &request)?;
        let times = contest.run(Duration::from_secs(1));
        let own = [
            ("bucket-cors", times.ours),
            ("floor", times.floor),
            ("naive scan", times.naive),
        ];
        let peers = contest.peers.iter().map(|peer| peer.name).zip(times.peers);
        let all = own.into_iter().chain(peers);
        if lines.is_empty() {
            let line = |(name, _)| Line {
                name,
                times: vec![],
            };
            lines.extend(all.clone().map(line));
        }
        for (line, (_, time)) in lines.iter_mut().zip(all) {
            line.times.push(time / times.floor);
        }
    }
    Ok(lines)
}

const SIZE: (u32, u32) = (860, 520);
const FONT: &str = "sans-serif";

fn draw(path: &Path, title: &str, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?; // it is shown on dark pages too
    let most = lines.iter().flat_map(|line| &line.times).copied();
    let most = most.fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, (FONT, 19))
        .margin(12)
        .margin_right(118) // the labels
        .x_label_area_size(46)
        .y_label_area_size(64)
        .build_cartesian_2d((1_u32..100).log_scale(), (0.8..most * 1.4).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_desc("rules")
        .y_desc("time / floor")
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 14))
        .y_label_formatter(&|y| format!("{y}"))
        .draw()?;

    for (line, colour) in lines.iter().zip(COLOURS).rev() {
        let points = RULES.into_iter().zip(line.times.iter().copied());
        let width = if line.name == "bucket-cors" { 4 } else { 2 };
        chart.draw_series(LineSeries::new(points, colour.stroke_width(width)))?;
    }

    let mut labels: Vec<(i32, &Line, RGBColor)> = Vec::new();
    for (line, colour) in lines.iter().zip(COLOURS) {
        let end = line.times.last().copied().unwrap_or(1.0);
        let (_, y) = chart.backend_coord(&(100, end));
        labels.push((y, line, colour));
    }
    let (x, _) = chart.backend_coord(&(100, 1.0));
    labels.sort_by_key(|&(y, ..)| y);
    spread(&mut labels);
    for (y, line, colour) in labels {
        let style = (FONT, 15).into_text_style(&root).color(&colour);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(line.name, (x + 8, y), style))?;
    }
    root.present()?;
    Ok(())
}

const LABEL_HEIGHT: i32 = 17;

/// Moves sorted labels apart, upwards, since the lowest line lies at the axis.
fn spread(labels: &mut [(i32, &Line, RGBColor)]) {
    for below in (1..labels.len()).rev() {
        let most = labels[below].0 - LABEL_HEIGHT;
        let above = &mut labels[below - 1].0;
        *above = most.min(*above);
    }
}
