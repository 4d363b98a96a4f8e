//! Changes that a program can make.

use crate::configuration::{Configuration, Rule};
use crate::element::Element;
use crate::place::Place;
use crate::profile::Profile;

/// What would mend a [`Finding`](crate::Finding).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Fix {
    edits: Vec<Edit>,
    safe: bool,
}

/// One change of a [`Configuration`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Edit {
    /// What changes. A place without a value's index, in an element that can be repeated, stands for
    /// the end of its list.
    pub place: Place,

    /// What shall stand there, as it would in the document. None removes what does.
    pub value: Option<String>,
}

impl Fix {
    /// One that leaves no doubt: what it changes can't have been meant.
    pub(super) fn safe(edit: Edit) -> Self {
        Self {
            edits: vec![edit],
            safe: true,
        }
    }

    /// One that guesses what was meant.
    pub(super) fn guess(edit: Edit) -> Self {
        Self {
            safe: false,
            ..Self::safe(edit)
        }
    }

    /// One that guesses, of several changes. None if there is nothing to change.
    pub(super) fn guesses(edits: impl IntoIterator<Item = Edit>) -> Option<Self> {
        let mut edits = edits.into_iter();
        let first = Self::guess(edits.next()?);
        Some(edits.fold(first, Self::and))
    }

    /// The same, as one that guesses.
    pub(super) fn into_guess(self) -> Self {
        Self {
            safe: false,
            ..self
        }
    }

    /// Another change that belongs to it.
    pub(super) fn and(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// The changes, all of which belong together. Their places are those of the configuration as it
    /// was linted.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether it can be applied without asking: it neither allows what nobody can have meant to
    /// allow nor takes away what works. What is not safe guesses.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.safe
    }

    /// The configuration with the changes made, and nothing else. A place that the configuration
    /// does not have is left out.
    #[must_use]
    pub fn apply(&self, configuration: &Configuration) -> Configuration {
        changed(configuration, self.edits.iter().collect())
    }
}

fn changed(configuration: &Configuration, mut edits: Vec<&Edit>) -> Configuration {
    let mut changed = configuration.clone();
    // From the end, so that what is removed moves no place that is still to be changed.
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place));
    for edit in edits {
        edit.apply(&mut changed);
    }
    changed
}

impl Edit {
    pub(super) fn replace(place: Place, value: impl Into<String>) -> Self {
        let value = Some(value.into());
        Self { place, value }
    }

    /// A value behind the others.
    pub(super) fn add(rule: usize, element: Element, value: impl Into<String>) -> Self {
        Self::replace(Place::element(rule, element), value)
    }

    pub(super) fn remove(place: Place) -> Self {
        Self { place, value: None }
    }

    fn apply(&self, configuration: &mut Configuration) {
        let value = self.value.clone();
        let Some(n) = self.place.rule else {
            if self.place.element == Element::ResponseVary {
                configuration.response_vary = value.map(|value| value == "true");
            }
            return;
        };
        if self.place.element == Element::Rule && value.is_none() && n < configuration.rules.len() {
            configuration.rules.remove(n);
            return;
        }
        let Some(rule) = configuration.rules.get_mut(n) else {
            return;
        };
        match self.place.element {
            Element::Id => rule.id = value,
            Element::MaxAgeSeconds => {
                rule.max_age_seconds = value.and_then(|value| value.parse().ok());
            }
            element => {
                if let Some(list) = list_mut(rule, element) {
                    edit_list(list, self.place.value, value);
                }
            }
        }
    }
}

fn list_mut(rule: &mut Rule, element: Element) -> Option<&mut Vec<String>> {
    match element {
        Element::AllowedOrigin => Some(&mut rule.allowed_origins),
        Element::AllowedMethod => Some(&mut rule.allowed_methods),
        Element::AllowedHeader => Some(&mut rule.allowed_headers),
        Element::ExposeHeader => Some(&mut rule.expose_headers),
        _ => None,
    }
}

fn edit_list(list: &mut Vec<String>, at: Option<usize>, value: Option<String>) {
    match (at, value) {
        (Some(n), Some(value)) => {
            if let Some(old) = list.get_mut(n) {
                *old = value;
            }
        }
        (Some(n), None) => {
            if n < list.len() {
                list.remove(n);
            }
        }
        (None, Some(value)) => list.push(value),
        (None, None) => list.clear(),
    }
}

impl Configuration {
    /// The same configuration with every [safe](Fix::is_safe) fix applied, and those of what is
    /// found then, until there is none.
    #[must_use]
    pub fn fixed(&self, profile: Profile) -> Self {
        let mut fixed = self.clone();
        loop {
            let findings = fixed.lint(profile);
            let safe = findings.iter().filter_map(|finding| {
                let fix = finding.fix().filter(|fix| fix.is_safe())?;
                Some((finding.lint(), fix))
            });
            // All of one kind at once: no two of these change the same place, and what one leaves
            // out is never the reason for another.
            let kind = safe.clone().next().map(|(lint, _)| lint);
            let of_kind = safe.filter(|(lint, _)| Some(*lint) == kind);
            let next = changed(&fixed, of_kind.flat_map(|(_, fix)| fix.edits()).collect());
            if next == fixed {
                return fixed;
            }
            fixed = next;
        }
    }
}
