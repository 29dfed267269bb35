//! The monitor's long wait: signals go in, news come out, and the terminal belongs to whoever is talking.

use super::channel::Message;
use super::monitor::InitProcess;
use super::outcome::{Passed, Watched};
use super::relay::{Ready, Relay};
use super::rest::Rest;
use super::script::Progress;
use super::signals::{Arrived, Sender};
use super::stage::Staged;
use super::start::StartLine;
use super::step::{Actor, Step};
use crate::error::{Errno, Fault};
use crate::isolate::terminal::Terminal;
use crate::plan::Init;
use crate::sys::signal::is_ignored;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::Termios;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long a payload whose time is up may take to end by itself after SIGTERM; then everything is killed.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How long the making of a sandbox may take once there has come a signal that ends the command.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    /// There is no end to it.
    Unbounded,
    /// The payload may run until then.
    Until(Instant),
    /// It was told to end, and has until then to do so.
    Over(Instant),
}

/// What the monitor watches.
pub(super) struct Supervisor<'a, 'l> {
    init: &'a InitProcess,
    terminal: Option<&'a Terminal>,
    /// Whether the payload is the one that the terminal talks to.
    given: bool,
    /// Whether the payload is pid 1 itself, so that nobody relays to it.
    payload_is_init: bool,
    /// Whether the channel has ended while such a payload lives on: it closed as the command took over.
    is_alone: bool,
    time: Time,
    /// How far the payload has come.
    progress: Progress,
    /// The signal that was to end the command before there was one, and how long that is waited for.
    hurry: Option<(i32, Instant)>,
    /// That signal, once it was waited for in vain.
    given_up: Option<i32>,
    /// What the terminal sent to end the job that nsbox is part of, if that ends the payload as well, once it gets there.
    owed: Option<i32>,
    /// The line to the payload, where its start is to be told.
    start: Option<StartLine<'l>>,
    /// The person's side of the sandbox's own terminal, where it has one.
    relay: Option<Relay<'a>>,
    passed_on: Passed,
    rest: Rest,
}

impl<'a, 'l> Supervisor<'a, 'l> {
    pub(super) fn new(
        staged: &'a Staged,
        init: &'a InitProcess,
        start: Option<StartLine<'l>>,
        relay: Option<Relay<'a>>,
    ) -> Self {
        let bound = staged.plan.wall_time.as_ref().map(|time| Duration::from_secs(time.seconds));
        let end = bound.and_then(|bound| Instant::now().checked_add(bound));
        let terminal = staged.terminal.as_ref();
        Self {
            init,
            // The payload takes an interactive terminal by itself, before it runs anything.
            given: terminal.is_some_and(Terminal::is_interactive),
            terminal,
            payload_is_init: staged.plan.namespaces.init == Init::Payload,
            is_alone: false,
            time: end.map_or(Time::Unbounded, Time::Until),
            progress: staged.progress,
            hurry: None,
            given_up: None,
            owed: None,
            start,
            relay,
            passed_on: Passed::default(),
            rest: Rest::soon(),
        }
    }

    /// Watches until init says no more.
    pub(super) fn watch(mut self) -> Result<Watched, Fault> {
        let mut last = None;
        loop {
            self.look_at_the_clock()?;
            let readable = self.wait()?;
            if readable.signals {
                while let Some(arrived) = self.init.signals.next()? {
                    self.forward(arrived)?;
                }
            }
            if let Some(start) = self.start.as_mut().filter(|_| readable.start) {
                start.hear()?;
            }
            if let Some(relay) = &mut self.relay {
                relay.pass_on(readable.relay)?;
            }
            if readable.channel {
                let word = if self.is_alone { None } else { self.init.channel.receive()? };
                match word {
                    Some(Message::Stopped(signal)) => self.stopped(signal)?,
                    // What it is good for, it has done: nsbox runs.
                    Some(Message::Continued) => {}
                    Some(Message::TakenOn) => self.owed = None,
                    // What the payload itself says of a failure is more than what init says of its end.
                    Some(word) if !matches!(last, Some(Message::Failed(_))) => last = Some(word),
                    Some(_) => {}
                    None if self.payload_is_init && !self.is_alone => self.is_alone = true,
                    None => {
                        if let Some(relay) = &mut self.relay {
                            // What is left in the terminal can be read when nothing writes to it any more.
                            self.init.end();
                            relay.drain()?;
                        }
                        if let Some(start) = &mut self.start {
                            start.settle(last.as_ref())?;
                        }
                        return Ok(self.sum_up(last));
                    }
                }
            }
        }
    }

    fn sum_up(&self, last: Option<Message>) -> Watched {
        Watched {
            last: self.in_the_end(last),
            timed_out: matches!(self.time, Time::Over(_)),
            passed_on: self.passed_on,
            had_terminal: self.given || self.relay.as_ref().is_some_and(Relay::is_listening),
            given_up: self.given_up,
        }
    }

    /// What becomes of the last word. Ctrl-C in `producer | nsbox consumer` ends the producer at once, and that may end the
    /// consumer before the signal gets there, as if all had been produced. In one process group the signal ends both.
    fn in_the_end(&self, last: Option<Message>) -> Option<Message> {
        match (last, self.owed) {
            (Some(Message::Exited(_)), Some(signal)) => Some(Message::Signalled(signal)),
            (last, _) => last,
        }
    }

    /// Tells a payload whose time is up to end, and ends it where it does not.
    fn look_at_the_clock(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        self.rest.take(now);
        if let Some((signal, _)) = self.hurry.take_if(|(_, end)| *end <= now)
            && !self.has_begun()
        {
            self.given_up = Some(signal);
            self.init.end();
        }
        match self.time {
            Time::Until(end) if end <= now => {
                self.time = Time::Over(now + GRACE);
                if self.payload_is_init {
                    return self.init.signal(libc::SIGTERM);
                }
                // One that is stopped would never hear of it.
                self.tell(&Message::Signal { signal: libc::SIGTERM, to_group: true })?;
                self.tell(&Message::Signal { signal: libc::SIGCONT, to_group: true })
            }
            Time::Over(end) if end <= now => {
                self.init.end();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// How long to wait at most.
    fn timeout(&self) -> PollTimeout {
        let end = match self.time {
            Time::Until(end) | Time::Over(end) => Some(end),
            Time::Unbounded => None,
        };
        let hurry = self.hurry.map(|(_, end)| end);
        end.into_iter().chain(hurry).chain(self.rest.due()).min().map_or(PollTimeout::NONE, until)
    }

    fn wait(&self) -> Result<Readable, Fault> {
        // In the place of what is not to be watched stands something that is, and asks for nothing: nothing is allocated while
        // a run lasts. It must not be the thing itself, of which the kernel would tell that it is hung up, again and again.
        let start = self.start.as_ref().and_then(StartLine::socket);
        let asked = start.map_or(PollFlags::empty(), |_| PollFlags::POLLIN);
        let terminal = self.relay.as_ref().and_then(Relay::terminal);
        let of_terminal = match terminal {
            Some((_, true)) => PollFlags::POLLIN | PollFlags::POLLOUT,
            Some((_, false)) => PollFlags::POLLIN,
            None => PollFlags::empty(),
        };
        let keys = self.relay.as_ref().and_then(Relay::keys);
        let of_keys = keys.map_or(PollFlags::empty(), |_| PollFlags::POLLIN);
        let nobody = self.init.signals.as_fd();
        let news = if self.is_alone { self.init.as_fd() } else { self.init.channel.as_fd() };
        let mut watched = [
            PollFd::new(news, PollFlags::POLLIN),
            PollFd::new(self.init.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(start.unwrap_or(nobody), asked),
            PollFd::new(terminal.map_or(nobody, |(terminal, _)| terminal), of_terminal),
            PollFd::new(keys.unwrap_or(nobody), of_keys),
        ];
        match poll(&mut watched, self.timeout()) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(Fault::of("poll", "")(errno)),
        }
        let ready = |index: usize| watched[index].revents().is_some_and(|events| !events.is_empty());
        let relay = Ready { terminal: terminal.is_some() && ready(3), keystrokes: keys.is_some() && ready(4) };
        Ok(Readable { channel: ready(0), signals: ready(1), start: ready(2), relay })
    }

    /// Whether the payload is about to become the command, or has.
    fn has_begun(&self) -> bool {
        self.progress.of(Actor::Payload) == Some(Step::Exec)
    }

    /// Passes a signal on. What the terminal sends reaches its foreground group by itself: where that is the payload's,
    /// it would come twice.
    fn forward(&mut self, arrived: Arrived) -> Result<(), Fault> {
        if arrived.by == Sender::Descriptor {
            // It was meant for nsbox itself, which had stopped.
            return Ok(());
        }
        if let Some(relay) = &mut self.relay {
            match arrived.signal {
                libc::SIGWINCH => return relay.resize(),
                // This job may be in the foreground again, or no longer.
                libc::SIGCONT => drop(relay.resume()?),
                _ => {}
            }
        }
        let of_terminal = arrived.by == Sender::Terminal;
        if self.given && of_terminal && self.has_begun() {
            return Ok(());
        }
        // Whoever is to pass it on may wait for something that never comes: a file system whose server is gone.
        if self.init.would_end(arrived.signal) && !self.has_begun() {
            self.hurry.get_or_insert((arrived.signal, Instant::now() + PATIENCE));
        }
        self.passed_on.add(arrived);
        if self.payload_is_init {
            return self.init.signal(arrived.signal);
        }
        if of_terminal && matches!(arrived.signal, libc::SIGINT | libc::SIGQUIT) {
            // One that the caller ignores does nothing to the payload either.
            self.owed = (!is_ignored(arrived.signal)).then_some(arrived.signal);
        }
        let job_control = matches!(arrived.signal, libc::SIGTSTP | libc::SIGCONT);
        self.tell(&Message::Signal { signal: arrived.signal, to_group: job_control || of_terminal })
    }

    /// The payload was stopped: by somebody who means the whole job, or because it wants the terminal.
    fn stopped(&mut self, signal: i32) -> Result<(), Fault> {
        let wants_terminal = matches!(signal, libc::SIGTTIN | libc::SIGTTOU);
        if wants_terminal && self.given {
            // Old news: it asked again before it was given the terminal, or it has lost it to a job of its own.
            return self.tell(&Message::Foreground);
        }
        if wants_terminal && self.terminal.is_some_and(Terminal::is_ours) {
            return self.give(None);
        }
        let has_person = self.terminal.is_some() || self.relay.as_ref().is_some_and(Relay::has_person);
        if !has_person && self.time != Time::Unbounded {
            // Nobody at a terminal could continue nsbox, which has yet to end the payload when its time is up.
            return Ok(());
        }
        if let Some(relay) = &mut self.relay {
            // Where this job has the terminal, the payload need only be given it.
            let is_at_hand = wants_terminal && relay.ask();
            if !is_at_hand {
                let had_terminal = relay.pause()?;
                if !self.init.stop_alike(had_terminal)? {
                    return relay.resume().map(drop);
                }
            }
            return match relay.resume()? {
                true => self.tell(&Message::Foreground),
                false => self.tell(&Message::Signal { signal: libc::SIGCONT, to_group: true }),
            };
        }
        let modes = self.take_back()?;
        if !self.init.stop_alike(modes.is_some())? {
            return Ok(());
        }
        match self.terminal {
            Some(terminal) if terminal.is_ours() && modes.is_some() => self.give(modes),
            _ => self.tell(&Message::Signal { signal: libc::SIGCONT, to_group: true }),
        }
    }

    /// Gives the terminal to the payload and lets it go on.
    fn give(&mut self, modes: Option<Termios>) -> Result<(), Fault> {
        if let Some(terminal) = self.terminal {
            terminal.remember();
            modes.map_or(Ok(()), |modes| terminal.set_modes(&modes))?;
        }
        self.given = true;
        self.tell(&Message::Foreground)
    }

    /// Takes the terminal from the payload, if it had it, and gives the modes in which that left it.
    fn take_back(&mut self) -> Result<Option<Termios>, Fault> {
        let Some(terminal) = self.terminal.filter(|_| self.given) else { return Ok(None) };
        let modes = terminal.modes();
        self.given = false;
        terminal.restore()?;
        Ok(modes)
    }

    /// Tells init something, unless it has ended meanwhile, which the next look at the channel shows.
    fn tell(&self, message: &Message) -> Result<(), Fault> {
        match self.init.channel.send(message) {
            Err(fault) if fault.errno == Errno(libc::EPIPE) => Ok(()),
            result => result,
        }
    }
}

/// A wait that ends then. Rounded up, so that the time is up when the wait is over; a longer one than fits ends too soon,
/// harmlessly.
pub(super) fn until(end: Instant) -> PollTimeout {
    let left = end.saturating_duration_since(Instant::now()).as_millis() + 1;
    i32::try_from(left).ok().and_then(|left| PollTimeout::try_from(left).ok()).unwrap_or(PollTimeout::MAX)
}

impl Drop for Supervisor<'_, '_> {
    fn drop(&mut self) {
        // What the payload left running lives until init is gone, and could change the terminal once more.
        self.init.end();
        // A terminal that has gone away meanwhile needs no restoring.
        drop(self.take_back());
        drop(self.terminal.map(Terminal::open_up));
    }
}

struct Readable {
    channel: bool,
    signals: bool,
    start: bool,
    relay: Ready,
}
