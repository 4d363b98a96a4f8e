//! Where in a configuration something stands.

use crate::element::Element;

/// A value, an element or a rule of a [`Configuration`](crate::Configuration), by index.
///
/// A [`Fault`](crate::Fault) and a [`Finding`](crate::Finding) say their place, and a
/// [`Document`](crate::Document) knows where in its text that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Place {
    /// The rule's index in [`Configuration::rules`](crate::Configuration::rules), from 0. None for
    /// the configuration as a whole.
    pub rule: Option<usize>,

    /// The element; [`Element::Rule`] for the rule as a whole.
    pub element: Element,

    /// The value's index in the rule's list, from 0, if the element can be repeated. None for what
    /// is missing, and for the list as a whole.
    pub value: Option<usize>,
}

impl Place {
    /// The configuration as a whole.
    pub(crate) const CONFIGURATION: Self = Self {
        rule: None,
        element: Element::Configuration,
        value: None,
    };

    /// The list of rules.
    pub(crate) const RULES: Self = Self {
        rule: None,
        element: Element::Rule,
        value: None,
    };

    /// The one other thing that is not in a rule.
    #[cfg(any(feature = "xml", feature = "json"))]
    pub(crate) const RESPONSE_VARY: Self = Self {
        rule: None,
        element: Element::ResponseVary,
        value: None,
    };

    /// A rule as a whole.
    pub(crate) const fn rule(rule: usize) -> Self {
        Self::element(rule, Element::Rule)
    }

    /// An element of a rule as a whole.
    pub(crate) const fn element(rule: usize, element: Element) -> Self {
        Self {
            rule: Some(rule),
            element,
            value: None,
        }
    }

    /// One value of an element that can be repeated.
    pub(crate) const fn value(rule: usize, element: Element, value: usize) -> Self {
        Self {
            rule: Some(rule),
            element,
            value: Some(value),
        }
    }

    /// What to sort by: the configuration as a whole comes first, then rule by rule.
    pub(crate) fn in_document_order(self) -> (Option<usize>, Element, Option<usize>) {
        (self.rule, self.element, self.value)
    }
}
