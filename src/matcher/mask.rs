//! A set of rules: a bit a rule, in one integer.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

/// A set of the first [`MOST`](Self::MOST) rules. An integer as wide as the rules need keeps a
/// small policy small, and the intersection of two sets is one instruction or two.
pub(crate) trait RuleMask:
    Copy
    + Default
    + PartialEq
    + fmt::Debug
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + Not<Output = Self>
{
    /// How many rules a set can tell apart.
    const MOST: usize;

    /// The set of this rule alone.
    fn only(rule: usize) -> Self;

    /// The first rule in document order.
    fn first(self) -> Option<usize>;

    /// The set of the first rule alone; empty if this one is.
    fn only_first(self) -> Self;

    #[inline]
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

macro_rules! rule_mask {
    ($($integer:ty)*) => {$(
        impl RuleMask for $integer {
            const MOST: usize = <$integer>::BITS as usize;

            #[inline]
            fn only(rule: usize) -> Self {
                1 << rule
            }

            #[inline]
            fn first(self) -> Option<usize> {
                (self != 0).then_some(self.trailing_zeros() as usize)
            }

            #[inline]
            fn only_first(self) -> Self {
                self & self.wrapping_neg()
            }
        }
    )*};
}

rule_mask!(u8 u128);

#[cfg(test)]
mod tests {
    use super::RuleMask;

    #[test]
    fn the_first_rule_is_the_lowest_bit() {
        for rule in 0..u128::MOST {
            assert_eq!(u128::only(rule).first(), Some(rule));
            assert_eq!((u128::only(rule) | u128::only(127)).first(), Some(rule));
            let two = u128::only(rule) | u128::only(127);
            assert_eq!(two.only_first(), u128::only(rule));
        }
        for rule in 0..u8::MOST {
            assert_eq!((u8::only(rule) | u8::only(7)).first(), Some(rule));
        }
        assert_eq!(0_u128.first(), None);
        assert_eq!(0_u8.only_first(), 0);
        assert!(0_u8.is_empty() && !1_u8.is_empty());
    }
}
