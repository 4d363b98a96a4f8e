//! Short batches in turn, and the median over many rounds: what the machine does meanwhile meets
//! all contenders alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Calls of a batch before the clock starts: the contender before has had the caches.
const UNTIMED: usize = 32;
const TIMED: u32 = 128;

/// What a batch takes.
pub const REQUESTS: usize = UNTIMED + TIMED as usize;

/// Nanoseconds that one call takes, its answer's drop included. There must be [`REQUESTS`] requests.
pub fn batch<R, A>(requests: impl IntoIterator<Item = R>, mut call: impl FnMut(R) -> A) -> f64 {
    let mut requests = requests.into_iter();
    for request in requests.by_ref().take(UNTIMED) {
        black_box(call(black_box(request)));
    }
    let start = Instant::now();
    for request in requests.by_ref() {
        black_box(call(black_box(request)));
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMED)
}

const LEAST_ROUNDS: usize = 50;

/// Takes one batch of each in turn until the time is up. The times are by contender, then by round.
pub fn interleave(batches: &mut [&mut dyn FnMut() -> f64], time: Duration) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); batches.len()];
    let start = Instant::now();
    while start.elapsed() < time || times[0].len() < LEAST_ROUNDS {
        for (batch, times) in batches.iter_mut().zip(&mut times) {
            times.push(batch());
        }
    }
    times
}

/// How much longer the first takes than the second, measured in turn.
pub fn ratio(first: &mut dyn FnMut() -> f64, second: &mut dyn FnMut() -> f64) -> f64 {
    let times = interleave(&mut [first, second], Duration::from_millis(500));
    median(times[0].iter().copied()) / median(times[1].iter().copied())
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
