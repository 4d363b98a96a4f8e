//! Where in a text each part of a configuration stands.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::place::Place;

/// The span of everything that has a text of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans(BTreeMap<Place, Range<usize>>);

impl Spans {
    pub(crate) fn keep(&mut self, place: Place, span: Range<usize>) {
        self.0.insert(place, span);
    }

    /// The span of a place, or of what encloses it: its list, which in XML is the first element,
    /// then its rule, then the root.
    pub(crate) fn of(&self, place: Place) -> Range<usize> {
        let list = |value| Some(Place { value, ..place });
        let nearest = [
            Some(place),
            list(None),
            list(Some(0)),
            place.rule.map(Place::rule),
            Some(Place::CONFIGURATION),
        ];
        let mut known = nearest.iter().flatten().filter_map(|at| self.0.get(at));
        known.next().cloned().unwrap_or_default()
    }
}
