//! What the pages say, and that it is what the filters answer.

use super::answers::Subject;
use super::{named, of_policy, pages};
use crate::cli::layout::{Section, lay_out};
use crate::cli::terminal::{Paint, Target};
use ::syscalls::Sysno;
use nsbox::frontend::syscalls::{Calls, GROUPS, Group, Policy, inquiry};
use nsbox::plan::{Answer, OnDenied, Syscalls};
use std::ffi::OsStr;

fn policies() -> Vec<Subject> {
    [Policy::Default, Policy::Strict].map(of_policy).into()
}

fn page(sections: &[Section]) -> String {
    lay_out(sections, Target { paint: Paint::Plain, width: Some(100) })
}

fn of_call(name: &str) -> String {
    let Ok(Calls::One(name)) = named(OsStr::new(name)) else { panic!("{name} is a call") };
    page(&pages::call(name, &policies()))
}

fn named_group(name: &str) -> &'static Group {
    GROUPS.iter().find(|group| group.name == name).unwrap_or_else(|| panic!("{name} is a group"))
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_call_is_told_with_its_numbers_its_answers_and_what_changes_them() {
    let expected = "\
setpriority
  number   141
  32-bit   97, where `syscalls.architectures` lets such programs in
  group    @scheduler: reads and lowers priorities, and pins threads to processors
  with it  its other names in 32-bit programs: nice

What is answered
  default, strict  allowed

To change it, by an option or by `syscalls.allow` and `syscalls.deny` of a profile
  --deny-syscall setpriority  refuses it, whatever allows it
                              but not the others of its group, which @scheduler closes with it
";
    assert_eq!(of_call("setpriority"), expected);
    assert_eq!(of_call("141"), expected);
}

#[test]
fn conditions_are_told_in_words_and_as_they_are_tested() {
    let clone = of_call("clone");
    assert!(clone.contains("default, strict  allowed without a new namespace; else EPERM\n"), "{clone}");
    assert!(clone.contains("that is, argument 1 has no bit of 0x7e020000\n"), "{clone}");
    assert!(clone.contains("--allow-syscall clone  allows it with any arguments\n"), "{clone}");
    let prctl = of_call("prctl");
    assert!(prctl.contains("that is, argument 1 is not 0x23 or 0x3e\n"), "{prctl}");
    let socket = of_call("socket").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(socket.contains("and netlink for routes; else EAFNOSUPPORT"), "{socket}");
    assert!(socket.contains("and with it") && socket.contains("io_uring_setup, by which it could be made"), "{socket}");
}

#[test]
fn what_is_unknown_says_why_and_what_a_launch_needs_that_it_stays() {
    let clone3 = of_call("clone3");
    assert!(clone3.contains("none: its flags lie behind a pointer"), "{clone3}");
    assert!(clone3.contains("default, strict  ENOSYS, as on a kernel that does not have it\n"), "{clone3}");
    let execve = of_call("execve");
    assert!(execve.contains("It cannot be denied") && !execve.contains("--deny-syscall"), "{execve}");
    let process = page(&pages::group(named_group("@process"), &policies()));
    assert!(process.contains("It cannot be denied as a whole: a launch needs execve"), "{process}");
}

#[test]
fn a_group_is_told_by_answers_and_policies_that_agree_stand_together() {
    let mount = page(&pages::group(named_group("@mount"), &policies()));
    assert!(mount.contains("default, strict\n  EPERM  mount, "), "{mount}");
    let debug = page(&pages::group(named_group("@debug"), &policies()));
    assert!(debug.contains("default\n  allowed  ptrace, ") && debug.contains("strict\n  EPERM  ptrace, "), "{debug}");
    assert!(debug.contains("--allow-syscall @debug  opens it as a whole"), "{debug}");
    let seccomp = page(&pages::group(named_group("@seccomp"), &policies()));
    assert!(seccomp.contains("strict\n  limited  seccomp (without a listener)\n"), "{seccomp}");
    assert!(seccomp.contains("--allow-syscall @seccomp"), "{seccomp}");
    let events = page(&pages::group(named_group("@events"), &policies()));
    assert!(!events.contains("--allow-syscall") && events.contains("--deny-syscall @events"), "{events}");
}

#[test]
fn every_group_has_its_line_in_the_overview() {
    let overview = page(&pages::overview(&policies()));
    for group in GROUPS {
        assert!(overview.contains(&format!("\n  {:12}  ", group.name)), "{}: {overview}", group.name);
    }
    assert!(overview.contains("  @debug        allowed  EPERM    debuggers"), "{overview}");
    assert!(overview.contains("  @network      limited  limited  makes"), "{overview}");
    assert!(overview.contains("  @numa         allowed  ENOSYS   places"), "{overview}");
}

#[test]
fn every_condition_of_every_policy_has_its_words() {
    let mut found = 0;
    for subject in policies() {
        for name in Sysno::iter().map(|call| call.name()) {
            if let Answer::If(conditional) = subject.answer(name) {
                assert!(inquiry::words(&conditional.any_of).is_some(), "{name} by {}", subject.name);
                found += 1;
            }
        }
    }
    assert!(found > 15, "{found} conditions");
}

#[test]
fn what_happens_to_a_refused_call_is_told_as_the_filter_has_it() {
    let Syscalls::Filtered(filter) = inquiry::filter_of(Policy::Default) else { panic!("a filter") };
    let killing = Syscalls::Filtered(nsbox::plan::Filter { on_denied: OnDenied::Kill, ..filter });
    let subject = Subject { name: "mine".into(), syscalls: killing, has_origins: false };
    assert_eq!(subject.sentence(subject.answer("keyctl")), "killed");
    assert_eq!(subject.sentence(subject.answer("clone")), "allowed without a new namespace; else killed");
    assert_eq!(subject.sentence(subject.answer("clone3")), "ENOSYS, as on a kernel that does not have it");
    let open = Subject {
        name: "none".into(),
        syscalls: Syscalls::Unfiltered { origin: nsbox::plan::Origin::Flag("--syscalls".into()) },
        has_origins: true,
    };
    assert_eq!(open.sentence(open.answer("keyctl")), "allowed");
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let hint = |word: &str| named(OsStr::new(word)).unwrap_err().hint.unwrap_or_default();
    assert_eq!(hint("ptrce"), "did you mean `ptrace`?");
    assert_eq!(hint("@debugg"), "did you mean `@debug`?");
    assert_eq!(hint("mount_"), "did you mean `mount`?");
    assert!(named(OsStr::new("9999")).unwrap_err().message.contains("9999"));
}
