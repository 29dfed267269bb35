//! Filters of every shape, compiled and asked.

use super::interpreter::{ALLOWED, KILLED, NO_SUCH_FAMILY, REFUSED, UNKNOWN, ask, ask_by, expected};
use super::*;
use crate::plan::{Comparison, Condition, Conditional, Origin, Otherwise, Table, Unlisted};
use proptest::prelude::*;

fn origin() -> Origin {
    Origin::Flag("--test".into())
}

fn table(architecture: Architecture) -> Table {
    Table { architecture, allow: vec![], allow_if: vec![], refuse: vec![], origin: origin() }
}

/// A filter of one table.
fn filter(table: Table) -> Filter {
    Filter {
        policy: "test".into(),
        tables: vec![table],
        unlisted: Unlisted::Unknown,
        on_denied: OnDenied::Errno,
        on_denied_origin: origin(),
        exceptions: vec![],
        origin: origin(),
    }
}

fn native() -> Table {
    table(Architecture::NATIVE)
}

#[test]
fn a_number_out_of_all_ranges_is_unknown_on_every_entry_point() {
    let program = compile(&filter(Table { allow: (0..500).collect(), ..native() })).unwrap();
    assert_eq!(ask(&program, 499, [0; 6]), ALLOWED);
    for number in [500, 1023, FIRST_OF_X32, FIRST_OF_X32 + 1, u32::MAX] {
        assert_eq!(ask(&program, number, [0; 6]), UNKNOWN);
    }
}

#[test]
fn where_all_is_allowed_but_what_is_refused_x32_does_not_lead_around_it() {
    let open = Filter { unlisted: Unlisted::Allow, ..filter(Table { refuse: vec![7, 1023], ..native() }) };
    let program = compile(&open).unwrap();
    for (number, answer) in [(0, ALLOWED), (7, REFUSED), (8, ALLOWED), (1023, REFUSED), (1024, ALLOWED)] {
        assert_eq!(ask(&program, number, [0; 6]), answer, "{number}");
        assert_eq!(ask(&program, number + FIRST_OF_X32, [0; 6]), UNKNOWN, "{number}");
    }
    assert_eq!(ask_by(Architecture::X86, &program, 7, [0; 6]), UNKNOWN);
}

#[test]
fn what_is_refused_kills_where_that_was_asked_for_and_what_is_unknown_does_not() {
    let one = Condition { argument: 0, low_half_only: true, comparison: Comparison::Equal(1) };
    let conditional = Conditional { number: 4, any_of: vec![vec![one]], otherwise: Otherwise::NoSuchFamily };
    let lists = Table { allow: vec![3], allow_if: vec![conditional], refuse: vec![5], ..native() };
    let answers = |on_denied| {
        let program = compile(&Filter { on_denied, ..filter(lists.clone()) }).unwrap();
        (program.logs, [(3, 0), (4, 1), (4, 2), (5, 0), (6, 0)].map(|(n, a)| ask(&program, n, [a; 6])))
    };
    assert_eq!(answers(OnDenied::Errno), (false, [ALLOWED, ALLOWED, NO_SUCH_FAMILY, REFUSED, UNKNOWN]));
    assert_eq!(answers(OnDenied::Log), (true, [ALLOWED, ALLOWED, NO_SUCH_FAMILY, REFUSED, UNKNOWN]));
    assert_eq!(answers(OnDenied::Kill), (false, [ALLOWED, ALLOWED, KILLED, KILLED, UNKNOWN]));
}

#[test]
fn a_filter_of_no_valid_plan_is_an_error_or_answers_strictly() {
    assert_eq!(ask(&compile(&filter(native())).unwrap(), 0, [0; 6]), UNKNOWN);
    let no_table = Filter { tables: vec![], unlisted: Unlisted::Allow, ..filter(native()) };
    assert_eq!(ask(&compile(&no_table).unwrap(), 0, [0; 6]), UNKNOWN);
    let both = Table { allow: vec![5], refuse: vec![5], ..native() };
    assert_eq!(ask(&compile(&filter(both)).unwrap(), 5, [0; 6]), REFUSED);
    let x32 = Table { allow: vec![0x4000_0000], ..native() };
    assert!(compile(&filter(x32)).unwrap_err().message.contains("x32"));
    let all = Table { allow: vec![u32::MAX], ..native() };
    assert!(compile(&filter(all)).unwrap_err().message.contains("x32"));
    let empty_set = Conditional { number: 5, any_of: vec![vec![]], otherwise: Otherwise::Refused };
    assert!(compile(&filter(Table { allow_if: vec![empty_set], ..native() })).is_err());
}

proptest! {
    #[test]
    fn any_filter_is_compiled_to_what_it_says(filter in any_filter(), arguments in prop::array::uniform6(argument())) {
        let program = compile(&filter).unwrap();
        for number in (0..600).chain([1023, 1024, FIRST_OF_X32, u32::MAX]) {
            for architecture in [Architecture::X86_64, Architecture::X86, Architecture::Aarch64] {
                let answer = ask_by(architecture, &program, number, arguments);
                prop_assert_eq!(answer, expected(&filter, architecture, number, &arguments));
            }
        }
    }
}

/// A filter of one entry point or of two, which share no number's answer but by chance.
fn any_filter() -> impl Strategy<Value = Filter> {
    let on_denied = prop::sample::select(vec![OnDenied::Errno, OnDenied::Kill, OnDenied::Log]);
    let unlisted = prop::sample::select(vec![Unlisted::Unknown, Unlisted::Allow]);
    let tables = (any_table(Architecture::X86_64), prop::option::of(any_table(Architecture::X86)));
    (tables, on_denied, unlisted).prop_map(|((first, second), on_denied, unlisted)| {
        let tables = std::iter::once(first).chain(second).collect();
        Filter { tables, on_denied, unlisted, ..filter(native()) }
    })
}

/// A table with an answer of its own for each number up to 520, so that the tree gets larger than a jump's reach.
fn any_table(architecture: Architecture) -> impl Strategy<Value = Table> {
    let lists = prop::collection::vec((0_u8..40, any_of()), 0..520);
    lists.prop_map(move |lists| {
        let mut table = table(architecture);
        for (number, (list, any_of)) in (0..).zip(lists) {
            match list {
                0..16 => table.allow.push(number),
                16..30 => table.refuse.push(number),
                30 => table.allow_if.push(Conditional { number, any_of, otherwise: Otherwise::Refused }),
                _ => {}
            }
        }
        table
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
    let many = Conditional {
        number: 3,
        any_of: vec![(0..200).map(condition).collect(), vec![condition(7)]],
        otherwise: Otherwise::Refused,
    };
    let filter = filter(Table { allow_if: vec![many], ..native() });
    let program = compile(&filter).unwrap();
    for value in [0, 7, 150, 199, 200, 7 | 1 << 40] {
        let arguments = [0, value, 0, 0, 0, 0];
        assert_eq!(ask(&program, 3, arguments), expected(&filter, Architecture::NATIVE, 3, &arguments), "{value}");
    }
}
