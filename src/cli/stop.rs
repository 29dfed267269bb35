//! Why nsbox stopped short of an exit status of the command's own, and how that is told.

use super::invocation::Detail;
use super::terminal::Target;
use super::{help, render};
use nsbox::error::{Diagnostic, Diagnostics};
use nsbox::execute::{EXIT_FAILED, Failure, end_self};
use std::io::Write;

/// Why nsbox stopped.
#[derive(Debug)]
pub enum Stop {
    /// What was typed, or a profile, is wrong.
    Diagnostics(Diagnostics),
    /// The sandbox could not be started.
    Failure(Box<Failure>),
    /// The host got in the way.
    Host(anyhow::Error),
    /// Whoever read what is printed has read enough, and closed the pipe.
    OutputClosed,
    /// Not one word was given: the help is not an answer then, and nothing was achieved.
    NothingAsked,
}

impl Stop {
    /// Tells the person, once, on standard error, and gives the exit status.
    pub fn report(&self) -> u8 {
        let target = Target::of(&std::io::stderr());
        let text = match self {
            Self::Diagnostics(all) => render::diagnostics(all.iter(), target),
            Self::Failure(failure) => render::failure(failure, failure.hint.as_deref(), target),
            Self::Host(error) => render::failure(&format_args!("{error:#}"), None, target),
            Self::NothingAsked => help::help(None, Detail::Short, target),
            Self::OutputClosed => return self.exit(),
        };
        tell(&text);
        if let Self::Failure(failure) = self
            && let Some(signal) = failure.signal()
        {
            // As it would have without a word; where that cannot be, the exit status says so.
            end_self(signal, false).ok();
        }
        self.exit()
    }

    /// The exit status that says so.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Failure(failure) => failure.exit,
            Self::OutputClosed => 0,
            Self::Diagnostics(_) | Self::Host(_) | Self::NothingAsked => EXIT_FAILED,
        }
    }
}

/// What programs are told of it.
impl Stop {
    /// The step of the launch, if one had begun.
    pub fn step(&self) -> Option<&'static str> {
        if let Self::Failure(failure) = self { Some(failure.step.name()) } else { None }
    }

    /// What went wrong, in plain text.
    pub fn message(&self) -> String {
        match self {
            Self::Diagnostics(all) => all.to_string(),
            Self::Failure(failure) => failure.to_string(),
            Self::Host(error) => format!("{error:#}"),
            Self::OutputClosed | Self::NothingAsked => String::new(),
        }
    }

    /// What to do about it, where there is one thing to do.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Failure(failure) => failure.hint.as_deref(),
            Self::Diagnostics(all) => match all.iter().as_slice() {
                [one] => one.hint.as_deref().or(one.label.as_deref()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Writes to standard error; where even that fails there is nobody left to tell.
pub fn tell(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

impl From<Diagnostic> for Stop {
    fn from(one: Diagnostic) -> Self {
        Self::Diagnostics(one.into())
    }
}

impl From<Diagnostics> for Stop {
    fn from(all: Diagnostics) -> Self {
        Self::Diagnostics(all)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Host(error)
    }
}
