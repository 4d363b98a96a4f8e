//! One workload under one provider: ours, the floor, the naive scan and the peers, with equal
//! answers.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Duration;

use bucket_cors::Configuration;
use http::header::{HeaderName, VARY};
use http::{HeaderMap, Request};

use crate::check::{self, Limit};
use crate::contender::{Contender, direct};
use crate::naive;
use crate::peers::{self, Peer};
use crate::policy::Policy;
use crate::provider::Provider;
use crate::support::{self, Floor};
use crate::timing::{interleave, median};

pub struct Contest {
    request: Request<()>,
    ours: Box<dyn Contender>,
    floor: Box<dyn Contender>,
    naive: Box<dyn Contender>,
    pub peers: [Peer; 4],
    /// By peer, what it leaves undone.
    pub limits: Vec<BTreeSet<Limit>>,
}

/// Nanoseconds an answer; the peers' net of their bare services.
pub struct Times {
    pub ours: f64,
    pub floor: f64,
    pub naive: f64,
    pub peers: Vec<f64>,
}

impl Contest {
    /// # Errors
    ///
    /// An answer that is not ours, unless it is for one of the peer's listed limits.
    pub fn new(
        provider: Provider,
        configuration: &Configuration,
        request: &Request<()>,
    ) -> Result<Self, String> {
        let rules = support::rules(configuration, provider.profile());
        let vary = rules.evaluate(request).vary();
        let mut peers = peers::all(&Policy::of(configuration, vary));
        let mut limits = Vec::new();
        for peer in &mut peers {
            let found = check::limits(&rules, &mut *peer.cors, request)
                .map_err(|error| format!("{}: {error}", peer.name))?;
            if let Some(limit) = found.iter().find(|limit| !peer.limits.contains(limit)) {
                return Err(format!("{}: an unlisted limit: {limit:?}", peer.name));
            }
            limits.push(found);
        }

        let fields = check::answer(&rules, request);
        let floor = Floor::new(&rules, request);
        let configuration = configuration.clone();
        let mut contest = Self {
            request: request.clone(),
            ours: direct(move |request| check::answer(&rules, request)),
            floor: direct(move |request| {
                let mut response = HeaderMap::new();
                black_box(floor.decide(request));
                floor.write_to(&mut response);
                response
            }),
            naive: direct(move |request| naive::answer(&configuration, provider, request)),
            peers,
            limits,
        };
        for (name, contender) in [("floor", &mut contest.floor), ("naive", &mut contest.naive)] {
            let theirs = contender.answer(request);
            if theirs != fields {
                return Err(format!("{name}: {theirs:?}, and ours {fields:?}"));
            }
        }
        Ok(contest)
    }

    /// How many fields of CORS, `Vary` among them, ours answers, and each peer.
    pub fn fields(&mut self) -> Vec<usize> {
        let peers = self.peers.iter_mut().map(|peer| &mut peer.cors);
        std::iter::once(&mut self.ours)
            .chain(peers)
            .map(|contender| {
                let answer = contender.answer(&self.request);
                let of_cors =
                    |name: &&HeaderName| **name == VARY || name.as_str().starts_with("access-");
                answer.keys().filter(of_cors).count()
            })
            .collect()
    }

    pub fn run(&mut self, time: Duration) -> Times {
        let request = &self.request;
        let own = [&mut self.ours, &mut self.floor, &mut self.naive];
        let peers = self.peers.iter_mut();
        let peers = peers.flat_map(|peer| [&mut peer.cors, &mut peer.bare]);
        let mut batches: Vec<_> = own
            .into_iter()
            .chain(peers)
            .map(|contender| move || contender.time(request))
            .collect();
        let mut batches: Vec<&mut dyn FnMut() -> f64> =
            batches.iter_mut().map(|batch| batch as _).collect();
        let times = interleave(&mut batches, time);

        // By round, since a peer and its bare service run next to each other.
        let net = |pair: &[Vec<f64>]| median(pair[0].iter().zip(&pair[1]).map(|(c, b)| c - b));
        let of = |contender: usize| median(times[contender].iter().copied());
        Times {
            ours: of(0),
            floor: of(1),
            naive: of(2),
            peers: times[3..].chunks(2).map(net).collect(),
        }
    }
}
