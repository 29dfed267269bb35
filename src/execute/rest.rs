//! What a process of the sandbox does once it has nothing more to do than wait.

use crate::sys::program;
use std::time::{Duration, Instant};

/// A command that has run for this long may run for days. Most are over before, and the pages would be read again at their end.
const WHILE: Duration = Duration::from_millis(100);

/// The time at which monitor and init give back the memory of what they have done and will not do again.
#[derive(Debug)]
pub(super) struct Rest(Option<Instant>);

impl Rest {
    /// In a while from now.
    pub fn soon() -> Self {
        Self(Instant::now().checked_add(WHILE))
    }

    /// When that is; nothing where it has been.
    pub fn due(&self) -> Option<Instant> {
        self.0
    }

    /// Gives it back, where the time has come.
    pub fn take(&mut self, now: Instant) {
        if self.0.take_if(|due| *due <= now).is_some() {
            program::give_back();
        }
    }
}
