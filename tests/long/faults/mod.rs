//! Set-up faults: every call that a launch makes fails once, and every process is killed at every call. What is right for
//! each stands in `outcomes.txt`.

mod host;
mod outcome;
mod table;
mod tracer;
mod variant;

use crate::support::{has_program, is_root};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nsbox::execute::{Actor, Step};
use outcome::{Outcome, Run};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use table::Table;
use tracer::{Call, Fault, TELL, Who};
use variant::{Place, Variant};

/// What a call may answer where it fails.
const FAULTS: [Fault; 6] = [
    Fault::Fails(Errno::ENOMEM),
    Fault::Fails(Errno::EPERM),
    Fault::Fails(Errno::ENOSYS),
    Fault::Fails(Errno::EINTR),
    Fault::Fails(Errno::EMFILE),
    Fault::Killed,
];

/// Signals that end a command: one of a process, and those of a terminal that is closed and of its keys.
const ENDING: [Signal; 4] = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGUSR1];

/// Calls that never fail, so that a failure would prove nothing. A process can still be killed there.
const NEVER_FAIL: [&str; 12] = [
    "exit_group",
    "uname",
    "umask",
    "getpid",
    "gettid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "rt_sigreturn",
    "sysinfo",
    // The language's own, on a pair of sockets of its own: whether what it started could be executed.
    "recvfrom",
];

/// How often a launch is repeated in which the fault was not reached, since not every call is made every time, or which
/// took too long, since the machine may be busy.
const TRIES: usize = 4;

/// Which of the faults are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    /// One that fails, at the first call of each name in a step, and one kill in each step.
    Quick,
    /// Every one, at the first three and the last call of each name in a step: those in between are made by the same line;
    /// and one that fails at every call that looks at the host.
    Ends,
    /// Every one.
    All,
}

impl Selection {
    fn of(self, calls: &BTreeSet<Call>) -> Vec<(Call, Fault)> {
        let mut last: BTreeMap<_, usize> = BTreeMap::new();
        for call in calls {
            let nth = last.entry((call.who, &*call.step, call.name)).or_default();
            *nth = call.nth.max(*nth);
        }
        let mut killed = BTreeSet::new();
        let mut chosen = Vec::new();
        for call in calls {
            let is_last = last[&(call.who, &*call.step, call.name)] == call.nth;
            for fault in FAULTS {
                let is_chosen = match (self, fault) {
                    (Self::All, _) => true,
                    (Self::Ends, _) => call.nth <= 3 || is_last || call.step == "stage" && fault == FAULTS[0],
                    (Self::Quick, Fault::Killed) => killed.insert((call.who, &*call.step)),
                    (Self::Quick, _) => fault == FAULTS[0] && call.nth == 1 && call.name != TELL,
                };
                if is_chosen && (fault == Fault::Killed || !NEVER_FAIL.contains(&call.name)) {
                    chosen.push((call.clone(), fault));
                }
            }
        }
        chosen
    }
}

/// What was seen of one variant.
#[derive(Debug, Default)]
struct Tally {
    reached: usize,
    never_reached: Vec<String>,
    /// Launches that took too long once, and not when they were repeated.
    slow: Vec<String>,
    wrong: Vec<String>,
    steps: BTreeSet<(Who, String)>,
}

fn survive(variant: Variant, selection: Selection) -> Tally {
    let table = Table::read();
    let place = Place::of(variant);
    let sound = Run::of(&place, None);
    assert_eq!(sound.traced.status, 0, "{}", sound.traced.complaints);
    let again = Run::of(&place, None);
    assert_eq!(again.without_fault(&sound), Outcome::Recovers, "two launches without a fault are alike");
    let calls: BTreeSet<Call> = sound.traced.calls.iter().chain(&again.traced.calls).cloned().collect();
    let faults = selection.of(&calls);
    let steps = calls.iter().map(|call| (call.who, call.step.clone())).collect();
    let tally = Mutex::new(Tally { steps, ..Tally::default() });
    let next = AtomicUsize::new(0);
    // One thread a processor: a launch waits for its tracer, and the tracer for the launch.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let place = Place::of(variant);
                let sound = Run::of(&place, None);
                while let Some((call, fault)) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (found, slow) = with_fault(&place, &sound, call, *fault);
                    let mut tally = tally.lock().expect("the tally");
                    tally.slow.extend(slow.map(|slow| format!("{}: {call} {fault}: {slow}", variant.name)));
                    match found {
                        None => tally.never_reached.push(format!("{call} {fault}")),
                        Some(outcome) => {
                            tally.reached += 1;
                            if let Err(problem) = table.judge(call, *fault, &outcome) {
                                tally.wrong.push(format!("{}: {call} {fault}: {outcome}; {problem}", variant.name));
                            }
                        }
                    }
                }
            });
        }
    });
    tally.into_inner().expect("the tally")
}

/// Launches with a fault; no outcome where it is never reached. With it comes what was there too long, if anything ever was.
fn with_fault(place: &Place, sound: &Run, call: &Call, fault: Fault) -> (Option<Outcome>, Option<String>) {
    let (mut found, mut slow) = (None, None);
    for _ in 0..TRIES {
        let run = Run::of(place, Some((call.clone(), fault)));
        if !run.traced.was_hit {
            continue;
        }
        found = Some(run.outcome(sound, call, fault));
        if run.traced.overdue.is_empty() {
            break;
        }
        slow = Some(run.traced.overdue.join(", "));
    }
    (found, slow)
}

/// Whether a variant can be launched here.
fn can_launch(variant: Variant) -> bool {
    let has_session = || ["dbus-daemon", "xdg-dbus-proxy"].map(has_program) == [true; 2];
    has_program("bash")
        && (!variant.has_session || has_session())
        && (!variant.needs_ids || has_program("newuidmap") && is_root())
}

#[test]
fn a_fault_in_a_step_stops_the_launch_or_is_recovered_from() {
    let variant = variant::ALL[0];
    if !can_launch(variant) {
        return;
    }
    let tally = survive(variant, Selection::Quick);
    println!("{} reached, {} never", tally.reached, tally.never_reached.len());
    assert!(tally.reached > 100, "{tally:?}");
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

#[test]
fn a_signal_ends_a_launch_that_hangs_in_any_step() {
    // By itself init is not held up once it reaps, and a command that is being executed gets signals of its own.
    let is_set_up = |call: &Call| {
        matches!(call.who, Who::Actor(Actor::Init | Actor::Payload))
            && !["begin", "reap", "exec"].contains(&&*call.step)
    };
    for variant in [variant::ALL[0], variant::ALL[6]] {
        if !can_launch(variant) {
            return;
        }
        let place = Place::of(variant);
        let mut calls = Run::of(&place, None).traced.calls;
        let mut steps = BTreeSet::new();
        calls.retain(|call| is_set_up(call) && call.name != TELL && steps.insert(call.step.clone()));
        assert!(steps.len() > 20, "{steps:?}");
        let held = |(index, call): (usize, &Call)| {
            let told = ENDING[index % ENDING.len()];
            let traced = Run::of(&Place::of(variant), Some((call.clone(), Fault::Held(Some(told))))).traced;
            let found = (traced.was_hit, traced.status, traced.was_executed, &*traced.complaints, &*traced.overdue);
            assert_eq!(found, (true, 128 + told as i32, false, "", &[][..]), "{call}: {told}");
        };
        // They wait more than they work.
        for some in calls.iter().enumerate().collect::<Vec<_>>().chunks(8) {
            std::thread::scope(|scope| some.iter().for_each(|call| drop(scope.spawn(|| held(*call)))));
        }
        // Control: without a signal it goes on hanging, and what ends nobody ends it no more.
        for told in [None, Some(Signal::SIGWINCH)] {
            let run = Run::of(&place, Some((calls[0].clone(), Fault::Held(told))));
            assert!(run.traced.was_hit && !run.traced.overdue.is_empty(), "{told:?}: {run:?}");
        }
    }
}

#[test]
#[ignore = "takes long: tests/full"]
fn every_fault_in_every_step() {
    let (mut reached, mut wrong, mut never, mut slow) = (0, Vec::new(), Vec::new(), Vec::new());
    let mut steps = BTreeSet::new();
    let only = std::env::var("NSBOX_VARIANT").ok();
    let variants = variant::ALL.into_iter().filter(|variant| only.as_ref().is_none_or(|only| only == variant.name));
    for (index, variant) in variants.enumerate() {
        if !can_launch(variant) {
            continue;
        }
        let selection = if index == 0 && only.is_none() { Selection::All } else { Selection::Ends };
        let tally = survive(variant, selection);
        println!(
            "faults: {}: {} injections reached, {} survived, {} never reached",
            variant.name,
            tally.reached,
            tally.reached - tally.wrong.len(),
            tally.never_reached.len()
        );
        reached += tally.reached;
        wrong.extend(tally.wrong);
        never.extend(tally.never_reached);
        slow.extend(tally.slow);
        steps.extend(tally.steps);
    }
    never.iter().for_each(|call| println!("faults: never reached: {call}"));
    slow.iter().for_each(|call| println!("faults: took too long once: {call}"));
    wrong.iter().for_each(|wrong| println!("faults: WRONG: {wrong}"));
    println!(
        "faults: {reached} injections reached, {} survived; {} never reached, {} took too long once",
        reached - wrong.len(),
        never.len(),
        slow.len()
    );
    assert!(wrong.is_empty(), "{} of {reached} went wrong", wrong.len());
    if only.is_none() && can_launch(variant::ALL[4]) {
        for step in Step::ALL {
            let is_reached = steps.contains(&(Who::Actor(step.actor()), step.name().to_owned()));
            assert!(is_reached, "no launch takes the step {step} ({})", step.actor());
        }
    }
}
