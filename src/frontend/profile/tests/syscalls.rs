//! `[syscalls]`: how its lists merge, and what is said of words that cannot be.

use super::fixture::{Host, rendered};
use crate::plan::{Architecture, Draft, Filter, OnDenied, Plan, Syscalls, Unlisted};

const EXTENDS: &str = "extends = [\"./inherited.toml\"]\n[syscalls]\n";

/// A host with a profile `inherited.toml` in the working directory.
fn host(inherited: &str) -> Host {
    Host::new().file("/home/ann/work/inherited.toml", format!("[syscalls]\n{inherited}"))
}

#[track_caller]
fn filter(plan: &Plan) -> &Filter {
    match &plan.syscalls {
        Syscalls::Filtered(filter) => filter,
        Syscalls::Unfiltered { .. } => panic!("there is no filter"),
    }
}

/// What a plan says of a call: whether it is allowed, be it under conditions, and otherwise whether refused.
fn verdict(plan: &Plan, number: libc::c_long) -> &'static str {
    let (filter, number) = (filter(plan), number as u32);
    let table = &filter.tables[0];
    match table.allow_if.iter().any(|conditional| conditional.number == number) {
        true => "conditional",
        false if filter.lets_through(Architecture::NATIVE, number) => "allowed",
        false if table.refuse.contains(&number) => "refused",
        false => "unknown",
    }
}

/// The exceptions, one a line.
fn exceptions(plan: &Plan) -> String {
    let line = |e: &crate::plan::Exception| format!("{:?} {} by {}\n", e.verdict, e.calls, e.origin);
    filter(plan).exceptions.iter().map(line).collect()
}

#[track_caller]
fn says(profile: &str, expected: &str) {
    assert_eq!(Host::new().problems(profile), expected);
}

#[test]
fn lists_append_along_the_chain_and_from_flags() {
    let host = host("allow = [\"@keyring\"]\ndeny = [\"ptrace\"]\n");
    let flags = [("--allow-syscall", "syscalls.allow", "bpf"), ("--deny-syscall", "syscalls.deny", "add_key")];
    let plan = host.plan_with(&format!("{EXTENDS}allow = [\"clone\"]\n"), &flags);
    assert_eq!(
        exceptions(&plan),
        "Allow @keyring by ./inherited.toml:2:10\nAllow bpf by --allow-syscall\nAllow clone by test.toml:3:10\n\
         Deny add_key by --deny-syscall\nDeny ptrace by ./inherited.toml:3:9\n"
    );
    let verdicts = [libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_clone, libc::SYS_bpf, libc::SYS_ptrace];
    assert_eq!(verdicts.map(|number| verdict(&plan, number)), ["allowed", "refused", "allowed", "allowed", "refused"]);
    let control = Host::new().plan("");
    assert_eq!(
        verdicts.map(|number| verdict(&control, number)),
        ["refused", "refused", "conditional", "refused", "allowed"]
    );
}

#[test]
fn denying_wins_whatever_the_layer() {
    let host = host("deny = [\"@keyring\"]\n");
    let plan = host
        .plan_with(&format!("{EXTENDS}allow = [\"@keyring\"]\n"), &[("--allow-syscall", "syscalls.allow", "keyctl")]);
    assert_eq!(verdict(&plan, libc::SYS_keyctl), "refused");
}

#[test]
fn drop_takes_back_what_is_inherited_wherever_its_line_stands() {
    let host = host("allow = [\"bpf\", \"@keyring\"]\ndeny = [\"ptrace\", \"bpf\"]\n");
    for profile in
        ["drop = [\"bpf\", \"ptrace\"]\nallow = [\"kcmp\"]\n", "allow = [\"kcmp\"]\ndrop = [\"ptrace\", \"bpf\"]\n"]
    {
        let plan = host.plan(&format!("{EXTENDS}{profile}"));
        let told = exceptions(&plan);
        assert!(told.starts_with("Allow @keyring by ./inherited.toml:2:17\nAllow kcmp by "), "{told}");
        assert_eq!(told.lines().count(), 2, "{told}");
        assert_eq!(verdict(&plan, libc::SYS_ptrace), "allowed");
    }
    // What a profile itself says is not what it drops.
    let plan = host.plan(&format!("{EXTENDS}drop = [\"ptrace\"]\ndeny = [\"ptrace\"]\n"));
    assert_eq!(verdict(&plan, libc::SYS_ptrace), "refused");
    let flag = host.plan_with(EXTENDS, &[("--set", "syscalls.drop", "[\"ptrace\"]")]);
    assert_eq!(verdict(&flag, libc::SYS_ptrace), "allowed");
}

#[test]
fn dropping_what_nobody_inherited_is_an_error() {
    let host = host("allow = [\"@keyring\"]\ndeny = [\"ptrace\"]\n");
    let cases = [
        ("ptarce", "  label: did you mean `ptrace`?\n"),
        ("keyctl", "  hint: it is inherited with `@keyring`: drop that, and name those that are to stay\n"),
        ("mount", "  hint: inherited are `@keyring`, `ptrace`\n"),
    ];
    for (word, remedy) in cases {
        let message = format!("test.toml:3:9 \"{word}\" : `{word}` is in no inherited list, so it cannot be dropped\n");
        assert_eq!(host.problems(&format!("{EXTENDS}drop = [\"{word}\"]\n")), message + remedy);
    }
    says(
        "[syscalls]\nallow = [\"bpf\"]\ndrop = [\"bpf\"]\n",
        "test.toml:3:9 \"bpf\" : `bpf` is in no inherited list, so it cannot be dropped\n  \
         hint: no earlier profile allows or denies anything by name\n",
    );
}

#[test]
fn words_that_name_no_system_call_are_all_said_with_their_places() {
    says(
        "[syscalls]\nallow = [\"ptrce\", \"@debgu\"]\ndeny = [\"keyring\", 3]\n",
        "test.toml:2:10 \"ptrce\" : no system call is called `ptrce`\n  label: did you mean `ptrace`?\n\
         test.toml:2:19 \"@debgu\" : there is no group of system calls `@debgu`\n  label: did you mean `@debug`?\n\
         test.toml:3:9 \"keyring\" : no system call is called `keyring`\n  label: did you mean `@keyring`?\n\
         test.toml:3:20 3 : expected a string, found a number\n",
    );
    says(
        "[syscalls]\nallow = \"ptrace\"\n",
        "test.toml:2:9 \"ptrace\" : expected a list of system calls and groups, such as `ptrace` and `@debug`, found a string\n  \
         hint: as in `allow = [\"perf_event_open\", \"@keyring\"]`\n",
    );
    let said = Host::new().problems_with("", &[("--deny-syscall", "syscalls.deny", "@everything")]);
    assert!(said.starts_with("--deny-syscall:1:1 @everything : there is no group"), "{said}");
    assert!(said.contains("  hint: the groups are @basic-io, @events"), "{said}");
}

#[test]
fn what_a_launch_needs_cannot_be_denied() {
    for name in ["execve", "write", "exit_group"] {
        says(
            &format!("[syscalls]\ndeny = [\"{name}\"]\n"),
            &format!("test.toml:2:9 \"{name}\" : `{name}` cannot be denied: no command could be started\n"),
        );
    }
    says(
        "[syscalls]\npolicy = \"none\"\ndeny = [\"@process\"]\n",
        "test.toml:3:9 \"@process\" : `@process` cannot be denied as a whole: without `execve` and `exit_group` no \
         command could be started\n  hint: name those of its system calls that are to be denied\n",
    );
}

#[test]
fn the_policy_none_can_be_denied_from_and_says_that_nothing_need_be_allowed() {
    let plan = Host::new().plan("[syscalls]\npolicy = \"none\"\ndeny = [\"ptrace\"]\n");
    assert_eq!(filter(&plan).unlisted, Unlisted::Allow);
    assert_eq!([libc::SYS_ptrace, libc::SYS_mount].map(|n| verdict(&plan, n)), ["refused", "allowed"]);
    let allowed = Host::new().lower("[syscalls]\npolicy = \"none\"\nallow = [\"bpf\"]\n", &[], &["bash"]);
    let Ok((plan, warnings)) = allowed else { panic!("it lowers") };
    assert!(matches!(plan.syscalls, Syscalls::Unfiltered { .. }));
    assert_eq!(
        rendered(&warnings),
        "warning: test.toml:3:10 \"bpf\" : nothing need be allowed where the policy is `none`: everything is but what \
         `deny` names\n"
    );
}

#[test]
fn what_happens_to_the_denied_is_the_last_word() {
    let host = host("on-denied = \"kill\"\n");
    let of = |plan: &Plan| (filter(plan).on_denied, filter(plan).on_denied_origin.to_string());
    assert_eq!(of(&host.plan(EXTENDS)), (OnDenied::Kill, "./inherited.toml:2:13".to_owned()));
    let last = host.plan(&format!("{EXTENDS}on-denied = \"log\"\n"));
    assert_eq!(of(&last), (OnDenied::Log, "test.toml:3:13".to_owned()));
    assert_eq!(of(&Host::new().plan("")).0, OnDenied::Errno);
    says(
        "[syscalls]\non-denied = \"kil\"\n",
        "test.toml:2:13 \"kil\" : `kil` is not one of `errno`, `kill`, `log`\n  label: did you mean `kill`?\n",
    );
}

#[test]
#[cfg(target_arch = "x86_64")]
fn architectures_are_replaced_as_a_whole() {
    let host = host("architectures = [\"native\", \"x86\"]\n");
    let of = |plan: &Plan| -> Vec<_> { filter(plan).tables.iter().map(|table| table.architecture).collect() };
    let inherited = host.plan(EXTENDS);
    assert_eq!(of(&inherited), [Architecture::X86_64, Architecture::X86]);
    assert_eq!(filter(&inherited).tables[1].origin.to_string(), "./inherited.toml:2:17");
    assert_eq!(of(&host.plan(&format!("{EXTENDS}architectures = [\"native\"]\n"))), [Architecture::X86_64]);
    assert_eq!(of(&Host::new().plan("")), [Architecture::X86_64]);
}

#[test]
#[cfg(target_arch = "aarch64")]
fn a_machine_that_runs_no_32_bit_programs_says_so() {
    says(
        "[syscalls]\narchitectures = [\"native\", \"x86\"]\n",
        "test.toml:2:28 \"x86\" : this is aarch64, which runs no programs of x86\n",
    );
}

#[test]
fn architectures_that_are_none() {
    says(
        "[syscalls]\narchitectures = [\"natvie\"]\n",
        "test.toml:2:18 \"natvie\" : `natvie` is not `native` or `x86`\n  label: did you mean `native`?\n",
    );
    says(
        "[syscalls]\narchitectures = [\"native\", \"riscv\"]\n",
        "test.toml:2:28 \"riscv\" : `riscv` is not `native` or `x86`\n",
    );
    says(
        "[syscalls]\narchitectures = []\n",
        "test.toml:2:17 [] : `native` is missing from the architectures\n  \
         hint: every launch begins with native system calls: `[\"native\", \"x86\"]`\n",
    );
}

/// What validation says of a plan whose filter was changed behind the language's back.
fn refused(change: impl FnOnce(&mut Filter)) -> String {
    let mut draft = Draft::from(Host::new().plan(""));
    match &mut draft.syscalls {
        Syscalls::Filtered(filter) => change(filter),
        Syscalls::Unfiltered { .. } => panic!("there is no filter"),
    }
    Plan::try_from(draft).map_or_else(|found| found.to_string(), |_| "a plan".to_owned())
}

#[test]
fn a_filter_that_comes_from_elsewhere_is_held_to_the_same() {
    let needed = "the syscall policy refuses `write`, without which no command can be started";
    let write = libc::SYS_write as u32;
    assert_eq!(refused(|_| {}), "a plan");
    assert_eq!(refused(|filter| filter.tables[0].allow.retain(|number| *number != write)), needed);
    let denied = |filter: &mut Filter| {
        filter.unlisted = Unlisted::Allow;
        filter.tables[0].allow.clear();
        filter.tables[0].refuse = vec![write];
    };
    assert_eq!(refused(denied), needed);
    let none = "the filter's first table is not that of";
    assert!(refused(|filter| filter.tables.clear()).starts_with(none));
    let foreign = if Architecture::NATIVE == Architecture::Aarch64 { Architecture::X86 } else { Architecture::Aarch64 };
    assert!(refused(|filter| filter.tables[0].architecture = foreign).starts_with(none));
    let twice = |architecture| {
        move |filter: &mut Filter| {
            let table = crate::plan::Table { architecture, ..filter.tables[0].clone() };
            filter.tables.push(table);
        }
    };
    assert!(refused(twice(Architecture::NATIVE)).ends_with(" has two tables in the filter"));
    assert!(refused(twice(foreign)).contains(" runs no programs of "));
    assert!(refused(|filter| filter.tables[0].refuse.push(1024)).contains("1024 is no system call"));
    let two_answers = format!("system call {write} has two answers in the filter");
    assert!(refused(|filter| filter.tables[0].refuse.push(write)).contains(&two_answers));
    assert!(refused(|filter| filter.tables[0].allow.push(write)).contains(&two_answers));
}
