//! Filters of every shape, compiled and asked.

use super::interpreter::{ALLOWED, REFUSED, UNKNOWN, ask, expected};
use super::*;
use crate::plan::{Comparison, Condition, Conditional, Origin};
use proptest::prelude::*;

fn empty() -> Filter {
    let origin = Origin::Flag("--test".into());
    Filter { policy: "test".into(), allow: vec![], allow_if: vec![], refuse: vec![], origin }
}

#[test]
fn a_number_out_of_all_ranges_is_unknown_on_every_entry_point() {
    let program = compile(&Filter { allow: (0..500).collect(), ..empty() }).unwrap();
    assert_eq!(ask(&program, 499, [0; 6]), ALLOWED);
    for number in [500, 1023, FIRST_OF_X32, FIRST_OF_X32 + 1, u32::MAX] {
        assert_eq!(ask(&program, number, [0; 6]), UNKNOWN);
    }
}

#[test]
fn a_filter_of_no_valid_plan_is_an_error_or_answers_strictly() {
    let none = empty();
    assert_eq!(ask(&compile(&none).unwrap(), 0, [0; 6]), UNKNOWN);
    let both = Filter { allow: vec![5], refuse: vec![5], ..none.clone() };
    assert_eq!(ask(&compile(&both).unwrap(), 5, [0; 6]), REFUSED);
    let x32 = Filter { allow: vec![0x4000_0000], ..none.clone() };
    assert!(compile(&x32).unwrap_err().message.contains("x32"));
    let all = Filter { allow: vec![u32::MAX], ..none.clone() };
    assert!(compile(&all).unwrap_err().message.contains("x32"));
    let empty_set = Conditional { number: 5, any_of: vec![vec![]] };
    assert!(compile(&Filter { allow_if: vec![empty_set], ..none }).is_err());
}

proptest! {
    #[test]
    fn any_filter_is_compiled_to_what_it_says(filter in any_filter(), arguments in prop::array::uniform6(argument())) {
        let program = compile(&filter).unwrap();
        for number in (0..600).chain([1023, 1024, FIRST_OF_X32, u32::MAX]) {
            prop_assert_eq!(ask(&program, number, arguments), expected(&filter, number, &arguments));
        }
    }
}

/// A filter with an answer of its own for each number up to 520, so that the tree gets larger than a jump's reach.
fn any_filter() -> impl Strategy<Value = Filter> {
    let lists = prop::collection::vec((0_u8..40, any_of()), 0..520);
    lists.prop_map(|lists| {
        let mut filter = empty();
        for (number, (list, any_of)) in (0..).zip(lists) {
            match list {
                0..16 => filter.allow.push(number),
                16..30 => filter.refuse.push(number),
                30 => filter.allow_if.push(Conditional { number, any_of }),
                _ => {}
            }
        }
        filter
    })
}

fn any_of() -> impl Strategy<Value = Vec<Vec<Condition>>> {
    prop::collection::vec(prop::collection::vec(condition(), 1..4), 0..4)
}

fn condition() -> impl Strategy<Value = Condition> {
    (0_u8..6, any::<bool>(), 0..4, argument(), argument()).prop_map(|(argument, low_half_only, kind, mask, value)| {
        let comparison = match kind {
            0 => Comparison::Equal(value),
            1 => Comparison::NotEqual(value),
            2 => Comparison::AtMost(value),
            _ => Comparison::MaskedEqual { mask, value },
        };
        Condition { argument, low_half_only, comparison }
    })
}

/// Few values in each half, so that conditions hold as often as not.
fn argument() -> impl Strategy<Value = u64> {
    (0_u64..4, 0_u64..4).prop_map(|(high, low)| high << 32 | low)
}

#[test]
fn a_set_of_many_conditions_reaches_past_a_jump() {
    let condition = |value| Condition { argument: 1, low_half_only: false, comparison: Comparison::NotEqual(value) };
    let many = Conditional { number: 3, any_of: vec![(0..200).map(condition).collect(), vec![condition(7)]] };
    let filter = Filter { allow_if: vec![many], ..empty() };
    let program = compile(&filter).unwrap();
    for value in [0, 7, 150, 199, 200, 7 | 1 << 40] {
        let arguments = [0, value, 0, 0, 0, 0];
        assert_eq!(ask(&program, 3, arguments), expected(&filter, 3, &arguments), "{value}");
    }
}
