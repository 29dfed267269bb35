//! A launch under ptrace(2): each call of each of its processes is seen before it is made, and one of them can be made to
//! fail, or its process be killed there.

use crate::support::Host;
use crate::support::older::without_kernels_own;
use crate::support::trace::{Observer, Tracees, name, stopped};
use nix::errno::Errno;
use nix::libc::user_regs_struct;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nsbox::execute::Actor;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// How long a launch may last once something has failed: five seconds, or more where the tests are patient. The issue is a
/// launch that hangs, so a busy machine is forgiven.
fn bound() -> Duration {
    crate::support::patience() / 12
}

/// What `write` is called where it writes to standard error: the lines of `--verbose`, and what is complained of.
pub const TELL: &str = "write(stderr)";

/// A process of a launch, as the table of outcomes calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// One that takes steps.
    Actor(Actor),
    /// A copy of the monitor that is about to become another program: newuidmap, newgidmap, or an nsbox for a service.
    Mapper,
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Actor(actor) => actor.fmt(f),
            Self::Mapper => f.write_str("mapper"),
        }
    }
}

/// The calls by which a folder is removed with all that is in it.
const REMOVING: [&str; 8] =
    ["close", "fcntl(F_GETFL)", "fcntl(F_SETFD)", "getdents64", "newfstatat", "openat", "statx", "unlinkat"];

/// One call of a launch: the nth of its name within a step of a process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Whose.
    pub who: Who,
    /// The step in force; for the monitor's before its first one, `runtime` or `stage`.
    pub step: String,
    /// The name of the system call.
    pub name: &'static str,
    /// From 1.
    pub nth: usize,
}

impl Call {
    /// Whether the monitor itself makes it.
    pub fn is_of_monitor(&self) -> bool {
        self.who == Who::Actor(Actor::Monitor)
    }

    /// Whether it may be one of those by which the folder of a sandbox's sockets is removed.
    pub fn removes(&self) -> bool {
        self.step == "supervise" && REMOVING.contains(&self.name)
    }

    /// The process whose step it is.
    pub fn actor(&self) -> Actor {
        match self.who {
            Who::Actor(actor) => actor,
            Who::Mapper => Actor::Monitor,
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} #{}", self.who, self.step, self.name, self.nth)
    }
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not made, and answers this.
    Fails(Errno),
    /// It is not made, since its process is killed.
    Killed,
    /// It is not made, since its process is held there, as by a file system whose server is gone; nsbox gets this signal.
    Held(Option<Signal>),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fails(errno) => write!(f, "{errno:?}"),
            Self::Killed => f.write_str("KILL"),
            Self::Held(_) => f.write_str("HELD"),
        }
    }
}

/// How a launch went.
#[derive(Debug, Default)]
pub struct Traced {
    /// The calls that were seen, in order; none after the one that was made to fail.
    pub calls: Vec<Call>,
    /// Whether the fault was reached.
    pub was_hit: bool,
    /// The exit status of nsbox; 128+n for a signal.
    pub status: i32,
    /// Whether the command took over.
    pub was_executed: bool,
    /// What was printed; lines of `--verbose` are not complaints.
    pub stdout: String,
    /// What was complained of.
    pub complaints: String,
    /// Processes that were still there when the time was up, and had to be killed.
    pub overdue: Vec<String>,
}

/// A process under trace.
#[derive(Debug, Clone, Copy, Default)]
struct Tracee {
    who: Option<Who>,
    answers: Option<Errno>,
}

/// The streams of a launch.
pub struct Streams {
    /// What the command reads.
    pub stdin: Stdio,
    /// Where its output goes, if not to a pipe.
    pub stdout: Option<Stdio>,
}

struct Tracer {
    /// All that there ever were.
    tracees: BTreeMap<Pid, Tracee>,
    monitor: Pid,
    nsbox: PathBuf,
    steps: BTreeMap<Actor, String>,
    counts: BTreeMap<(Who, String, &'static str), usize>,
    fault: Option<(Call, Fault)>,
    errors: File,
    told: String,
    traced: Traced,
    /// Whether the payload is a process of its own.
    has_payload: bool,
}

/// Starts nsbox by these words and follows it, and all that it starts, to the end.
///
/// The words may begin with a program that becomes nsbox.
pub fn trace(host: &Host, folder: &Path, words: &[String], streams: Streams, fault: Option<(Call, Fault)>) -> Traced {
    let (errors, theirs) = pipe();
    let output = streams.stdout.is_none().then(pipe);
    let mut command = stopped(host, words, "3>/dev/null 4<../plan");
    command.current_dir(folder).stdin(streams.stdin).stderr(theirs);
    let (reader, stdout) = match (output, streams.stdout) {
        (Some((reader, writer)), _) => (Some(reader), Stdio::from(writer)),
        (None, Some(stdout)) => (None, stdout),
        (None, None) => (None, Stdio::null()),
    };
    command.stdout(stdout);
    for name in ["TMPDIR", "XDG_RUNTIME_DIR"] {
        command.env(name, host.folder("run"));
    }
    let tracees = Tracees::start(command);
    let mut tracer = Tracer {
        tracees: BTreeMap::new(),
        monitor: tracees.first(),
        nsbox: host.nsbox(),
        steps: BTreeMap::from([(Actor::Monitor, "runtime".to_owned())]),
        counts: BTreeMap::new(),
        fault,
        errors,
        told: String::new(),
        traced: Traced::default(),
        has_payload: false,
    };
    let end = tracees.follow(bound(), &mut tracer);
    tracer.hear();
    let overdue = end.overdue.iter().map(|process| {
        let who = tracer.tracee(process.pid).who;
        format!("{} {}", who.map_or_else(|| "command".to_owned(), |who| who.to_string()), process.doing)
    });
    let overdue = overdue.collect();
    let mut traced = Traced { status: end.status, overdue, ..tracer.traced };
    let complaints = tracer.told.lines().filter(|line| !line.starts_with("nsbox: ")).map(|line| format!("{line}\n"));
    traced.complaints = without_kernels_own(&complaints.collect::<String>());
    if let Some(mut reader) = reader {
        drain(&mut reader, &mut traced.stdout);
    }
    traced
}

impl Observer for Tracer {
    /// Those of nsbox's own, as long as there is something to be done.
    fn watches(&self, pid: Pid) -> bool {
        let tracee = self.tracee(pid);
        tracee.who.is_some() && !self.traced.was_hit || tracee.answers.is_some()
    }

    fn at_call(&mut self, pid: Pid, registers: user_regs_struct) -> bool {
        let Some(who) = self.tracee(pid).who.filter(|_| !self.traced.was_hit) else { return true };
        let call = self.count(who, by_argument(&registers));
        let fault = self.fault.as_ref().filter(|(wanted, _)| *wanted == call).map(|(_, fault)| *fault);
        self.traced.calls.push(call);
        self.traced.was_hit = fault.is_some();
        match fault {
            Some(Fault::Fails(errno)) => {
                // The descriptor is closed whatever close(2) answers.
                if name(&registers) != "close" {
                    let registers = user_regs_struct { orig_rax: u64::MAX, ..registers };
                    ptrace::setregs(pid, registers).expect("a call that is not made");
                }
                self.tracees.entry(pid).or_default().answers = Some(errno);
            }
            Some(Fault::Killed) => kill(pid, Signal::SIGKILL).expect("a process to kill"),
            Some(Fault::Held(told)) => {
                kill(self.monitor, told).expect("nsbox");
                // What is killed ends also while it is held.
                return false;
            }
            None => {}
        }
        true
    }

    fn at_return(&mut self, pid: Pid, registers: user_regs_struct) {
        let tracee = self.tracees.entry(pid).or_default();
        let who = tracee.who;
        if let Some(errno) = tracee.answers.take() {
            // One that was killed meanwhile needs no answer.
            let _ = ptrace::setregs(pid, user_regs_struct { rax: -(errno as i64) as u64, ..registers });
        }
        if by_argument(&registers) == TELL {
            self.hear();
            let is_payload_too = !self.has_payload && self.steps.contains_key(&Actor::Payload);
            if is_payload_too && who == Some(Who::Actor(Actor::Init)) {
                self.tracees.entry(pid).or_default().who = Some(Who::Actor(Actor::Payload));
            }
        }
        if name(&registers) == "sigaltstack" && who == Some(Who::Actor(Actor::Monitor)) {
            self.leave_runtime(registers.rdi != 0);
        }
    }

    fn at_fork(&mut self, parent: Pid, child: Pid) {
        let is_cloning = self.steps.get(&Actor::Monitor).is_some_and(|step| step == "clone-init");
        let who = match self.tracee(parent).who {
            Some(Who::Actor(Actor::Monitor)) if is_cloning => Some(Who::Actor(Actor::Init)),
            Some(Who::Actor(Actor::Monitor)) => Some(Who::Mapper),
            Some(Who::Actor(Actor::Init)) => Some(Who::Actor(Actor::Payload)),
            _ => None,
        };
        self.has_payload |= who == Some(Who::Actor(Actor::Payload));
        self.tracees.insert(child, Tracee { who, answers: None });
    }

    fn at_exec(&mut self, pid: Pid) {
        let executed = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let is_nsbox = pid == self.monitor && executed == self.nsbox;
        let who = is_nsbox.then_some(Who::Actor(Actor::Monitor));
        let before = std::mem::replace(&mut self.tracees.entry(pid).or_default().who, who);
        self.traced.was_executed |= before == Some(Who::Actor(Actor::Payload));
    }
}

impl Tracer {
    fn tracee(&self, pid: Pid) -> Tracee {
        self.tracees.get(&pid).copied().unwrap_or_default()
    }

    /// The loader and the language's own start are over: they end with a stack for the handler of overflows.
    fn leave_runtime(&mut self, own_stack: bool) {
        let step = self.steps.entry(Actor::Monitor).or_default();
        if step == "runtime" && own_stack {
            *step = "stage".to_owned();
        }
    }

    fn count(&mut self, who: Who, name: &'static str) -> Call {
        let actor = match who {
            Who::Actor(actor) => actor,
            Who::Mapper => Actor::Monitor,
        };
        let step = self.steps.get(&actor).cloned().unwrap_or_else(|| "begin".to_owned());
        let count = self.counts.entry((who, step.clone(), name)).or_default();
        *count += 1;
        Call { who, step, name, nth: *count }
    }

    /// Reads what was said on standard error, the steps among it.
    fn hear(&mut self) {
        let known = self.told.len();
        drain(&mut self.errors, &mut self.told);
        for line in self.told[known..].lines() {
            let Some((actor, step)) = line.strip_prefix("nsbox: ").and_then(|line| line.split_once(": ")) else {
                continue;
            };
            if let Some(actor) = Actor::ALL.into_iter().find(|known| known.to_string() == actor) {
                self.steps.insert(actor, step.to_owned());
            }
        }
    }
}

/// Tells apart what one call is used for.
fn by_argument(registers: &user_regs_struct) -> &'static str {
    let name = name(registers);
    // Numbers of linux/fcntl.h.
    match (name, registers.rdi, registers.rsi) {
        ("write", 2, _) => TELL,
        ("fcntl", _, 1) => "fcntl(F_GETFD)",
        ("fcntl", _, 2) => "fcntl(F_SETFD)",
        ("fcntl", _, 3) => "fcntl(F_GETFL)",
        ("fcntl", _, 4) => "fcntl(F_SETFL)",
        ("fcntl", _, 1030) => "fcntl(F_DUPFD_CLOEXEC)",
        _ => name,
    }
}

/// A pipe whose reading side never waits.
pub fn pipe() -> (File, OwnedFd) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let reader = OwnedFd::from(reader);
    rustix::io::ioctl_fionbio(reader.as_fd(), true).expect("a reading side that never waits");
    (File::from(reader), OwnedFd::from(writer))
}

/// Reads what is there.
pub fn drain(source: &mut File, text: &mut String) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}
