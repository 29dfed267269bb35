//! What is allowed and denied beside a policy, as the compiled filter answers it by each entry point.

use super::{filter, resolved, selection};
use crate::frontend::syscalls::{Calls, Entries, Policy, Said, Selection, names, resolve};
use crate::isolate::seccomp::interpreter::{ALLOWED, KILLED, NO_SUCH_FAMILY, REFUSED, UNKNOWN, ask_by};
use crate::isolate::seccomp::{Program, compile};
use crate::plan::{Architecture, OnDenied, Origin, Syscalls, Unlisted, Verdict};

fn said(words: &[&str]) -> Vec<Said> {
    let said = |word: &&str| Said { calls: word.parse().unwrap(), origin: Origin::Flag((*word).into()) };
    words.iter().map(said).collect()
}

/// A policy with what is allowed and denied beside it.
fn with(policy: Policy, allow: &[&str], deny: &[&str]) -> Selection {
    Selection { allow: said(allow), deny: said(deny), ..selection(policy) }
}

fn compiled(selection: &Selection) -> Program {
    compile(&resolved(selection)).unwrap()
}

/// The answer to a call by its name, by an entry point, all of its arguments being `argument`.
fn answer(program: &Program, architecture: Architecture, name: &str, argument: u64) -> u32 {
    let names: &[&str] = match architecture {
        Architecture::X86_64 => &names::X86_64,
        Architecture::Aarch64 => &names::AARCH64,
        Architecture::X86 => &names::X86,
    };
    let number = names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{name} is there"));
    ask_by(architecture, program, number as u32, [argument; 6])
}

/// As [`answer`], by the native entry point.
fn native(program: &Program, name: &str, argument: u64) -> u32 {
    answer(program, Architecture::NATIVE, name, argument)
}

#[test]
fn a_selection_of_nothing_but_a_policy_is_that_policy() {
    for policy in [Policy::Default, Policy::Strict] {
        assert_eq!(resolved(&with(policy, &[], &[])), filter(policy));
    }
    assert!(matches!(resolve(&selection(Policy::None)), Syscalls::Unfiltered { .. }));
}

#[test]
fn what_is_allowed_is_open_whether_the_policy_refuses_or_ignores_it() {
    let control = compiled(&selection(Policy::Strict));
    let open = compiled(&with(Policy::Strict, &["ptrace", "clone3", "@keyring"], &[]));
    for (name, closed) in [("ptrace", REFUSED), ("clone3", UNKNOWN), ("keyctl", REFUSED), ("add_key", REFUSED)] {
        assert_eq!((native(&control, name, 0), native(&open, name, 0)), (closed, ALLOWED), "{name}");
    }
    assert_eq!(native(&open, "mount", 0), REFUSED);
}

#[test]
fn denying_wins_over_allowing_and_over_the_policy() {
    let program =
        compiled(&with(Policy::Default, &["ptrace", "@mount"], &["@debug", "pivot_root", "getpid", "clone3"]));
    for name in ["ptrace", "process_vm_readv", "pivot_root", "getpid", "clone3"] {
        assert_eq!(native(&program, name, 0), REFUSED, "{name}");
    }
    assert_eq!(native(&program, "move_mount", 0), ALLOWED);
    assert_eq!(native(&compiled(&selection(Policy::Default)), "getpid", 0), ALLOWED);
}

#[test]
fn conditions_are_lifted_by_the_calls_own_name_alone() {
    let new_user_namespace = libc::CLONE_NEWUSER as u64;
    let by_group = compiled(&with(Policy::Default, &["@process", "@network"], &[]));
    let by_name = compiled(&with(Policy::Default, &["clone", "socket"], &[]));
    for (program, answer, of_family) in [(&by_group, REFUSED, NO_SUCH_FAMILY), (&by_name, ALLOWED, ALLOWED)] {
        assert_eq!(native(program, "clone", new_user_namespace), answer);
        assert_eq!(native(program, "socket", libc::AF_VSOCK as u64), of_family);
        assert_eq!(native(program, "unshare", new_user_namespace), REFUSED);
    }
    // A group that the policy has not is opened as a whole.
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    assert_eq!(native(&compiled(&selection(Policy::Strict)), "seccomp", listener), REFUSED);
    assert_eq!(native(&compiled(&with(Policy::Strict, &["@seccomp"], &[])), "seccomp", listener), ALLOWED);
}

#[test]
fn a_denied_group_is_closed_with_its_conditional_calls() {
    let program = compiled(&with(Policy::Default, &["socket"], &["@network"]));
    for name in ["socket", "socketpair", "connect", "sendto"] {
        assert_eq!(native(&program, name, libc::AF_UNIX as u64), REFUSED, "{name}");
    }
}

#[test]
fn without_a_policy_only_what_is_denied_is_refused() {
    let filter = resolved(&with(Policy::None, &[], &["@keyring", "ptrace"]));
    assert_eq!(filter.unlisted, Unlisted::Allow);
    let program = compile(&filter).unwrap();
    for (name, expected) in [("keyctl", REFUSED), ("ptrace", REFUSED), ("mount", ALLOWED), ("clone3", ALLOWED)] {
        assert_eq!(native(&program, name, 0), expected, "{name}");
    }
    // A number to come, and the entry point by which all of it could be had under other numbers.
    assert_eq!(ask_by(Architecture::NATIVE, &program, 900, [0; 6]), ALLOWED);
    assert_eq!(ask_by(Architecture::X86, &program, 20, [0; 6]), UNKNOWN);
}

#[test]
fn a_denied_call_is_not_made_by_another_that_does_its_work() {
    let program = compiled(&with(Policy::Default, &["@io-uring"], &["connect"]));
    assert_eq!(native(&program, "io_uring_setup", 0), REFUSED);
    let control = compiled(&with(Policy::Default, &["@io-uring"], &["ptrace"]));
    assert_eq!(native(&control, "io_uring_setup", 0), ALLOWED);
}

#[test]
fn refusals_kill_if_that_was_asked_for_and_the_unknown_never_does() {
    let killing = Selection { on_denied: OnDenied::Kill, ..with(Policy::Default, &[], &["getpid"]) };
    let program = compiled(&killing);
    for (name, argument, expected) in [
        ("getpid", 0, KILLED),
        ("keyctl", 0, KILLED),
        ("clone", libc::CLONE_NEWUSER as u64, KILLED),
        ("clone", 0, ALLOWED),
        ("clone3", 0, UNKNOWN),
    ] {
        assert_eq!(native(&program, name, argument), expected, "{name}");
    }
}

#[test]
fn nesting_opens_what_a_sandbox_is_made_with_and_nothing_else() {
    for policy in [Policy::Default, Policy::Strict] {
        let control = compiled(&selection(policy));
        let program = compiled(&Selection { nested: true, ..selection(policy) });
        let flags = (libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWPID) as u64;
        let opened = ["mount", "fsopen", "pivot_root", "chroot", "setns", "sethostname", "clone", "unshare", "clone3"];
        for name in opened {
            assert_ne!(native(&control, name, flags), ALLOWED, "{name}");
            assert_eq!(native(&program, name, flags), ALLOWED, "{name}");
        }
        // Only to begin a new keyring (1), not to link (8) or read (11) one.
        for (operation, answer) in [(1, ALLOWED), (8, REFUSED), (11, REFUSED)] {
            assert_eq!(native(&program, "keyctl", operation), answer);
        }
        for name in ["bpf", "io_uring_setup", "init_module", "reboot", "add_key", "request_key"] {
            assert_eq!(native(&program, name, flags), REFUSED, "{name}");
        }
    }
    let denied = Selection { nested: true, ..with(Policy::Default, &[], &["mount"]) };
    assert_eq!(native(&compiled(&denied), "mount", 0), REFUSED);
}

#[test]
fn files_run_as_the_caller_for_nobody_but_where_ids_are_lent() {
    for policy in [Policy::Default, Policy::Strict] {
        let program = compiled(&selection(policy));
        let lent = compiled(&Selection { lent_ids: true, ..selection(policy) });
        // The oldest of them is not on every machine.
        let calls = ["chmod", "fchmod", "fchmodat", "fchmodat2"];
        for name in calls.into_iter().skip(usize::from(Architecture::NATIVE != Architecture::X86_64)) {
            for mode in [0o4755, 1 << 32 | 0o6755] {
                assert_eq!(native(&program, name, mode), REFUSED, "{name}");
                assert_eq!(native(&lent, name, mode), ALLOWED, "{name}");
            }
            assert_eq!(native(&program, name, 0o3777), ALLOWED, "{name}");
        }
    }
}

#[test]
fn who_said_what_is_kept_for_people() {
    let filter = resolved(&with(Policy::Default, &["@keyring"], &["ptrace"]));
    let told: Vec<_> = filter.exceptions.iter().map(|e| (e.calls.as_str(), e.verdict, e.origin.to_string())).collect();
    assert_eq!(
        told,
        [("@keyring", Verdict::Allow, "@keyring".to_owned()), ("ptrace", Verdict::Deny, "ptrace".to_owned())]
    );
}

#[test]
fn a_name_that_only_another_architecture_has_is_known_and_closes_nothing_here() {
    let foreign: Vec<_> = if Architecture::NATIVE == Architecture::X86_64 { vec!["socketcall"] } else { vec!["open"] };
    assert_eq!(resolved(&with(Policy::Default, &foreign, &[])).tables, filter(Policy::Default).tables);
}

#[test]
fn words_that_name_nothing_are_answered_with_the_nearest() {
    let wrong = |word: &str| word.parse::<Calls>().unwrap_err();
    assert_eq!(wrong("ptrce").label.unwrap(), "did you mean `ptrace`?");
    assert_eq!(wrong("debug").label.unwrap(), "did you mean `@debug`?");
    assert_eq!(wrong("@debgu").label.unwrap(), "did you mean `@debug`?");
    assert!(wrong("@nothing-like-it").hint.unwrap().starts_with("the groups are @basic-io, @events, "));
    assert!(wrong("nothing_like_it").hint.unwrap().contains("syscalls(2)"));
    assert!(wrong("").hint.unwrap().contains("syscalls(2)"));
}

#[cfg(target_arch = "x86_64")]
mod of_32_bit_programs {
    use super::*;

    /// With 32-bit programs.
    fn opened(selection: Selection) -> Selection {
        let origin = Origin::Flag("--set".into());
        Selection { entries: Some(Entries { foreign: vec![Architecture::X86], origin }), ..selection }
    }

    fn x86(program: &Program, name: &str, argument: u64) -> u32 {
        answer(program, Architecture::X86, name, argument)
    }

    #[test]
    fn the_same_names_have_the_same_answers() {
        for policy in [Policy::Default, Policy::Strict] {
            let program = compiled(&opened(selection(policy)));
            for name in names::X86.iter().filter(|name| !name.is_empty() && names::X86_64.contains(name)) {
                for argument in [0, 1, 0x5412, 0x1000_0000, 0xffff_ffff] {
                    assert_eq!(x86(&program, name, argument), native(&program, name, argument), "{name} {argument:#x}");
                }
            }
        }
    }

    #[test]
    fn what_only_they_have_is_answered_as_its_twin() {
        for policy in [Policy::Default, Policy::Strict] {
            let program = compiled(&opened(selection(policy)));
            for (name, twins) in crate::frontend::syscalls::twins::TWINS {
                for twin in *twins {
                    assert_eq!(x86(&program, twin, 0), native(&program, name, 0), "{twin}");
                }
            }
            for (name, expected) in [("set_thread_area", ALLOWED), ("ipc", ALLOWED), ("socketcall", REFUSED)] {
                assert_eq!(x86(&program, name, 0), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_denial_holds_for_every_name_of_a_call() {
        let program = compiled(&opened(with(Policy::Default, &["socketcall"], &["setuid", "connect", "shmget"])));
        for name in ["setuid", "setuid32", "connect", "socketcall", "shmget", "ipc"] {
            assert_eq!(x86(&program, name, 0), REFUSED, "{name}");
        }
        let control = compiled(&opened(with(Policy::Default, &["socketcall"], &["ptrace"])));
        for name in ["setuid32", "socketcall", "ipc"] {
            assert_eq!(x86(&control, name, 0), ALLOWED, "{name}");
        }
        let none = compiled(&opened(with(Policy::None, &[], &["connect"])));
        assert_eq!((x86(&none, "socketcall", 0), x86(&none, "mount", 0)), (REFUSED, ALLOWED));
    }

    #[test]
    fn the_entry_point_is_closed_unless_it_is_opened() {
        let origin = Origin::Flag("--set".into());
        let native_only = |policy| Selection {
            entries: Some(Entries { foreign: vec![], origin: origin.clone() }),
            ..selection(policy)
        };
        for policy in [Policy::Default, Policy::None] {
            let program = compiled(&native_only(policy));
            assert_eq!(x86(&program, "getpid", 0), UNKNOWN);
            assert_eq!(native(&program, "getpid", 0), ALLOWED);
            assert_eq!(x86(&compiled(&opened(selection(policy))), "getpid", 0), ALLOWED);
        }
    }

    #[test]
    fn both_tables_fit_into_a_short_program() {
        let length = compiled(&opened(selection(Policy::Default))).len();
        println!("with x86: {length} instructions");
        assert!(length <= 200);
    }
}
