//! Whole explanations, as they are read.

use super::{Caller, explain};
use crate::cli::launcher::Groups;
use crate::cli::plan::folding::Folding;
use crate::cli::plan::layout::lay_out;
use crate::cli::terminal::{Paint, Target};
use nsbox::execute::Report;
use nsbox::plan::{
    Access, Architecture, Capabilities, Command, Demand, Descriptors, Draft, Enforcement, Exception, Filter, IdRange,
    Identity, Init, Mount, MountKind, Namespaces, Nested, Network, OnDenied, Origin, Plan, ProcMasks, ProcSource,
    Protections, Resource, ResourceLimit, Root, RootAccess, Syscalls, Table, Terminal, Unlisted, VERSION, Variable,
    Verdict,
};
use std::path::{Path, PathBuf};

fn at(line: u32) -> Origin {
    Origin::Profile { file: "base".into(), line, column: 5 }
}

fn mount(path: &str, kind: MountKind, origin: Origin) -> Mount {
    Mount { destination: path.into(), kind, origin }
}

fn bind(path: &str, access: Access, origin: Origin) -> Mount {
    mount(path, MountKind::Bind { source: path.into(), access }, origin)
}

fn default(key: &str) -> Origin {
    Origin::Default(key.into())
}

fn mounts() -> Vec<Mount> {
    let flag = Origin::Flag("--write".into());
    let tmpfs = |size| MountKind::Tmpfs { size, mode: 0o700 };
    let masks = ProcMasks { hidden: vec!["kcore".into(), "keys".into()], read_only: vec!["sys".into()] };
    let proc = MountKind::Proc { source: ProcSource::New, repeatable: false, masks };
    let file = || MountKind::File { contents: String::new(), mode: 0o644 };
    let device = |name: &str| MountKind::Device { source: Path::new("/dev").join(name) };
    let data = MountKind::Bind { source: "/home/ann/datasets".into(), access: Access::Read };
    vec![
        bind("/usr", Access::Read, at(3)),
        mount("/bin", MountKind::Symlink { target: "usr/bin".into() }, at(4)),
        mount("/data", data, Origin::Flag("--read".into())),
        bind("/etc/ssl", Access::Read, at(7)),
        bind("/etc/fonts", Access::Read, at(9)),
        mount("/etc/passwd", file(), default("identity")),
        mount("/etc/group", file(), default("identity")),
        mount("/home/ann", tmpfs(None), at(12)),
        mount("/tmp", tmpfs(Some(1 << 30)), at(13)),
        bind("/home/ann/app", Access::Write, flag),
        mount("/home/ann/app/.env", MountKind::Hide, at(15)),
        mount("/proc", proc, default("filesystem.proc")),
        mount("/proc/cpuinfo", MountKind::Hide, at(16)),
        mount("/dev/null", device("null"), default("filesystem.dev")),
        mount("/dev/pts", MountKind::Devpts, default("filesystem.dev")),
    ]
}

fn draft() -> Draft {
    let variable = |name: &str, value: &str, origin| Variable { name: name.into(), value: value.into(), origin };
    let allow = [libc::SYS_write, libc::SYS_execve, libc::SYS_exit_group].map(|number| number as u32).to_vec();
    Draft {
        services: Vec::new(),
        version: VERSION,
        command: Command {
            argv: ["sh", "-c", "make test"].map(Into::into).to_vec(),
            directory: PathBuf::from("/home/ann/app"),
            directory_origin: default("command.directory"),
        },
        environment: vec![
            variable("LANG", "C.UTF-8", at(20)),
            variable("PATH", "/usr/bin:/bin", at(21)),
            variable("TOKEN", &"x".repeat(100), Origin::Flag("--env".into())),
        ],
        descriptors: Descriptors::Only(vec![]),
        identity: Identity {
            uid: 1000,
            gid: 1000,
            uid_map: vec![IdRange { inside: 1000, outside: 1000, count: 1 }],
            gid_map: vec![IdRange { inside: 1000, outside: 1000, count: 1 }],
            hostname: Some("nsbox".into()),
            origin: default("identity.user"),
        },
        capabilities: Capabilities { keep: vec![], origin: default("capabilities.keep") },
        namespaces: Namespaces {
            pid: true,
            ipc: true,
            uts: true,
            cgroup: true,
            time: Vec::new(),
            nested: Nested::Deny,
            init: Init::Own,
        },
        network: Network::None { origin: default("network.mode") },
        root: Root::Tmpfs { size: None },
        mounts: mounts(),
        syscalls: Syscalls::Filtered(Filter {
            policy: "default".into(),
            tables: vec![Table {
                architecture: Architecture::NATIVE,
                allow,
                allow_if: vec![],
                refuse: vec![libc::SYS_mount as u32],
                origin: default("syscalls.policy"),
            }],
            unlisted: Unlisted::Unknown,
            on_denied: OnDenied::Errno,
            on_denied_origin: default("syscalls.on-denied"),
            exceptions: vec![],
            origin: default("syscalls.policy"),
        }),
        limits: vec![ResourceLimit { resource: Resource::CoreSize, value: 0, origin: at(30) }],
        terminal: Terminal::Shared { origin: default("terminal.mode") },
        wall_time: None,
        protections: Protections { landlock_scopes: Demand::BestEffort, user_namespace_limit: Demand::Required },
    }
}

fn told(draft: Draft, caller: &Caller) -> String {
    let plan = Plan::try_from(draft).expect("a valid plan");
    lay_out(&explain(&plan, caller, Folding::Folded), Target { paint: Paint::Plain, width: Some(100) })
}

#[test]
fn what_hears_sees_and_reads_keys_is_said_in_words() {
    let mut draft = draft();
    let device = |path: &str, line| mount(path, MountKind::Device { source: path.into() }, at(line));
    draft.mounts.extend([
        bind("/run/user/1000/pulse/native", Access::Read, at(40)),
        device("/dev/dri/card0", 41),
        device("/dev/dri/renderD128", 41),
        device("/dev/video0", 42),
        device("/dev/input", 43),
    ]);
    draft.mounts.sort_by_key(|mount| mount.destination.components().count());
    let told = told(draft, &Caller::default());
    let (_, reach) = told.split_once("It can reach\n").expect("what it can reach");
    let (reach, _) = reach.split_once("\n\n").expect("its end");
    let words = reach.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in [
        "also by your microphone, and hears what other programs play (base:40:5)",
        "It draws by the graphics card, which means much of the kernel: the whole of a driver (base:41:5)",
        "It sees through your cameras, as far as you may use them (base:42:5)",
        "tells all that you type, to whichever program (base:43:5)",
    ] {
        assert!(words.contains(line), "{line} is not in {words}");
    }
    let weaker = told.split_once("Weaker than it could be\n").expect("what is weaker").1;
    assert!(weaker.trim().starts_with("The sound server may load modules for it"), "{weaker}");
}

#[test]
fn a_plan_reads_like_an_explanation() {
    let expected = "\
nsbox would run: sh -c 'make test'
  Starts in /home/ann/app  (the default of `command.directory`)
  Is uid 1000, gid 1000, inside as outside  (the default of `identity.user`)
  Sees the host name nsbox
  Talks to your terminal, under job control  (the default of `terminal.mode`)

It can read, but not change
  /usr  (base:3:5)
  /data (on the host: /home/ann/datasets)  (--read)
  in /etc: ssl, fonts  (base:7-9)
  /bin -> usr/bin  (base:4:5)
  No other file of the host is there, but for what follows

It can change, on the host itself
  /home/ann/app  (--write)

It has in memory, empty at first and gone at the end, together at most half of the memory
  /home/ann, /tmp (at most 1G)  (base:12-13)

It is given, made by nsbox
  in /etc: passwd, group  (the default of `identity`)
  /proc: the sandbox's own processes; 3 entries look empty; 1 entry is read-only
    (the default of `filesystem.proc`)
  in /dev: null, pts (terminals of its own)  (the default of `filesystem.dev`)

It sees as empty
  /home/ann/app/.env  (base:15:5)

It can reach
  No network: a loopback interface of its own, and nothing else  (the default of `network.mode`)
  Its own processes only; when it ends, whatever it started ends too

Its environment, and no other variable
  LANG=C.UTF-8, PATH=/usr/bin:/bin  (base:20-21)
  TOKEN=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...  (--env)

The kernel holds it to
  The system calls of the policy `default`: 3 allowed; 1 refused (EPERM); any other looks unknown
    to the kernel (ENOSYS), and so does every one of a 32-bit program
    (the default of `syscalls.policy`)
  No capability, no new privilege from set-id programs or file capabilities, no user namespace of
    its own
  No core dumps  (base:30:5)
";
    assert_eq!(told(draft(), &Caller::default()), expected);
}

#[test]
fn what_is_weaker_is_said_at_the_end() {
    let weak = Draft {
        syscalls: Syscalls::Unfiltered { origin: at(41) },
        network: Network::Host { origin: at(40) },
        protections: Protections { landlock_scopes: Demand::Off, user_namespace_limit: Demand::Required },
        ..draft()
    };
    let docker = ("docker".into(), "whoever reaches its socket is root");
    let groups = Groups { powerful: vec![docker], others: vec!["ann".into()], more: 0 };
    let text = told(weak, &Caller { groups, root: true, ..Caller::default() });
    let (_, weaker) = text.split_once("Weaker than it could be\n").expect("such a section");
    let expected = "  \
  Root starts it: it owns root's files wherever it sees them, so only read-only mounts and masks
    protect those, and no limit on processes binds it
  No system call is filtered, so every hole in the kernel can be tried  (base:41:5)
  Abstract sockets of the host are not closed by Landlock
  It stays a member of groups, and what they may use, it may use wherever it sees it: docker
    (whoever reaches its socket is root), ann
";
    assert_eq!(weaker, expected);
    assert!(text.contains("The host's network as it is, with the services that listen on this host only  (base:40:5)"));
}

#[test]
fn what_this_kernel_enforces_is_told_and_what_it_lacks() {
    let report = |scopes, files| Report {
        landlock_scopes: scopes,
        landlock_execution: files,
        landlock_reopening: files,
        user_namespace_limit: Enforcement::Enforced,
    };
    let told = |draft, report| told(draft, &Caller { protections: Some(report), ..Caller::default() });
    let whole = told(draft(), report(Enforcement::Enforced, Enforcement::Enforced));
    assert_eq!(whole.matches("(Landlock)").count(), 3, "{whole}");
    assert!(!whole.contains("Weaker"), "{whole}");
    let none = told(draft(), report(Enforcement::Missing, Enforcement::Missing));
    assert!(none.contains("Weaker than it could be\n  This kernel has no Landlock scopes"), "{none}");
    assert!(!none.contains("(Landlock)"), "{none}");
    let demanding = Protections { landlock_scopes: Demand::Required, user_namespace_limit: Demand::Required };
    let refused =
        told(Draft { protections: demanding, ..draft() }, report(Enforcement::Missing, Enforcement::Enforced));
    assert!(refused.contains("nsbox will refuse"), "{refused}");
}

#[test]
fn of_thousands_of_groups_the_powerful_ones_and_the_first_are_named() {
    let told_of = |groups| told(draft(), &Caller { groups, ..Caller::default() }).replace("\n    ", " ");
    let disk = || vec![("disk".into(), "every block device")];
    let many = told_of(Groups { powerful: disk(), others: vec!["a".into(), "b".into()], more: 3 });
    assert!(
        many.contains(
            "what they may use, it may use wherever it sees it: disk (every block device), a, b, and 3 more\n"
        )
    );
    let one = told_of(Groups { powerful: disk(), ..Groups::default() });
    assert!(one.contains("a member of a group, and what its members may use"), "{one}");
    assert!(!told_of(Groups::default()).contains("a member of"));
}

#[test]
fn a_root_folder_is_told_where_it_belongs() {
    let root = |access| Root::Directory { source: "/srv/debian".into(), access, origin: at(60) };
    let alone = |access| told(Draft { root: root(access), mounts: Vec::new(), ..draft() }, &Caller::default());
    let section = |text: &str, heading: &str| {
        let (_, lines) = text.split_once(&format!("\n{heading}\n")).expect("such a section");
        lines.split("\n\n").next().map(str::to_owned).unwrap_or_default()
    };
    let discarded = alone(RootAccess::Discard);
    assert_eq!(
        section(&discarded, "It can change for itself, in memory"),
        "  / (on the host: /srv/debian, where nothing changes)  (base:60:5)"
    );
    assert_eq!(
        section(&discarded, "It can read, but not change"),
        "  No file of the host is there, but for what follows"
    );
    let written = alone(RootAccess::Write);
    assert_eq!(section(&written, "It can change, on the host itself"), "  / (on the host: /srv/debian)  (base:60:5)");
    assert!(!written.contains("for itself"), "{written}");
}

#[test]
fn a_limit_is_no_higher_than_the_callers_own_and_names_who_asked_for_it() {
    let limit = |resource, origin| ResourceLimit { resource, value: 0, origin };
    let files = ResourceLimit { value: 64, ..limit(Resource::OpenFiles, at(61)) };
    let limits = vec![limit(Resource::CoreSize, default("limits.core-size")), files];
    let text = told(Draft { limits, ..draft() }, &Caller::default());
    assert!(
        text.contains(
            "  No core dumps  (the default of `limits.core-size`)\n  At most 64 open files a process, or the caller's own limit where \
             that is lower  (base:61:5)\n"
        ),
        "{text}"
    );
}

#[test]
fn an_identity_of_its_own_is_told_from_the_one_outside() {
    let identity = Identity {
        uid: 0,
        uid_map: vec![IdRange { inside: 0, outside: 1000, count: 1 }],
        hostname: None,
        origin: Origin::Flag("--user".into()),
        ..draft().identity
    };
    let text = told(Draft { identity, ..draft() }, &Caller::default());
    assert!(text.contains("  Is uid 0, gid 1000 inside; on the host it acts as uid 1000, gid 1000  (--user)\n"));
    assert!(text.contains("  Sees the host's own name\n"));
}

/// The filter of the usual draft, changed.
fn filtered(change: impl FnOnce(&mut Filter)) -> String {
    let mut draft = draft();
    match &mut draft.syscalls {
        Syscalls::Filtered(filter) => change(filter),
        Syscalls::Unfiltered { .. } => panic!("the draft has a filter"),
    }
    told(draft, &Caller::default())
}

#[test]
fn exceptions_from_the_syscall_policy_are_told_with_who_made_them() {
    let exception = |calls: &str, verdict, origin| Exception { calls: calls.into(), verdict, origin };
    let text = filtered(|filter| {
        filter.exceptions = vec![
            exception("@keyring", Verdict::Allow, at(50)),
            exception("bpf", Verdict::Allow, at(50)),
            exception("kcmp", Verdict::Allow, Origin::Flag("--allow-syscall".into())),
            exception("ptrace", Verdict::Deny, at(51)),
        ];
        filter.on_denied = OnDenied::Log;
        filter.on_denied_origin = at(52);
    });
    assert!(text.contains(
        "  Allowed beyond the policy: @keyring, bpf  (base:50)
  Allowed beyond the policy: kcmp  (--allow-syscall)
  Denied, whoever allows it: ptrace  (base:51:5)
  The kernel logs each call that it refuses  (base:52:5)
  No capability"
    ));
}

#[test]
fn what_ends_a_process_does_not_answer_eperm() {
    let text = filtered(|filter| filter.on_denied = OnDenied::Kill);
    assert!(text.contains("; 1 refused; any other looks unknown"), "{text}");
    assert!(text.contains("  A process that makes a refused call is ended, by SIGSYS"), "{text}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn programs_of_32_bits_are_told_of() {
    let text = filtered(|filter| {
        let native = &filter.tables[0];
        let x86 = Table { architecture: Architecture::X86, origin: at(53), ..native.clone() };
        filter.tables.push(x86);
    });
    assert!(text.contains("  32-bit programs run too, under the same policy by name  (base:53:5)"), "{text}");
    assert!(!text.contains("every one of a 32-bit program"), "{text}");
}

#[test]
fn a_filter_of_denials_alone_is_told_as_one_and_called_weak() {
    let text = filtered(|filter| {
        filter.policy = "none".into();
        filter.tables[0].allow.clear();
        filter.unlisted = Unlisted::Allow;
    });
    assert!(text.contains("All system calls, by the policy `none`; 1 refused (EPERM)"), "{text}");
    assert!(
        text.contains("Only what is denied is filtered, so nearly every hole in the kernel can be tried"),
        "{text}"
    );
}
