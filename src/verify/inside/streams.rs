//! Attacks on what is promised of the terminal, of descriptors and of the environment.

use super::{Inside, aside};
use crate::plan::Descriptors;
use crate::sys::attempt::call;
use crate::verify::testimony::Seen;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;

/// The ioctls that put words into a terminal or change what it is: TIOCSTI, TIOCLINUX, TIOCSETD (ioctl_tty(2)).
const TRICKS: [(&str, usize); 3] = [("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541c), ("TIOCSETD", 0x5423)];
/// The kernel looks at the low half of a command only; a filter must as well.
const HIGH_BITS: [usize; 3] = [0, 1 << 32, 0xdead_beef << 32];
/// An address at which nothing is: should such a call be let through, nothing is put anywhere.
const NOWHERE: usize = 1;

/// What refuses these commands refuses them on any descriptor; where only the kernel does, it says that this is no terminal,
/// that there is nothing at the address, or that it does not take such words any more (EIO).
pub fn keystrokes(_: &Inside, seen: &mut Seen) {
    let terminal = openat(CWD, "/dev/tty", OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty());
    let terminal = terminal.as_ref().map(|terminal| terminal.as_raw_fd()).ok();
    for descriptor in [0, 1, 2].into_iter().chain(terminal) {
        for (name, command) in TRICKS {
            for high in HIGH_BITS {
                let answer = call(libc::SYS_ioctl, [descriptor as usize, command | high, NOWHERE, 0, 0, 0]);
                let place =
                    if Some(descriptor) == terminal { "/dev/tty".into() } else { format!("descriptor {descriptor}") };
                seen.expects(answer.is_refused(), format_args!("{name} is let through to {place}"));
            }
        }
    }
}

pub fn descriptors(inside: &Inside, seen: &mut Seen) {
    let named = match &inside.claim().descriptors {
        Descriptors::Only(named) => named.clone(),
        // No profile can ask for that.
        Descriptors::Inherit => Vec::new(),
    };
    for number in (3..1024).filter(|number| !named.contains(number)) {
        // What this process has opened by itself is closed when it executes something.
        let is_inherited = crate::sys::descriptors::is_inherited(number);
        seen.expects(is_inherited == Ok(false), format_args!("descriptor {number}"));
    }
}

pub fn reopening(_: &Inside, seen: &mut Seen) {
    aside(seen, |seen| {
        seen.tries();
        // It was opened to be written to.
        let mut bytes = Vec::new();
        if let Ok(file) = openat(CWD, "/proc/self/fd/2", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            && File::from(file).take(256).read_to_end(&mut bytes).is_ok()
        {
            seen.gets("a file that was given for writing", &bytes);
        }
    });
    for (path, what) in [("/proc/self/fd/0", "for reading"), ("/dev/stdin", "for reading, by its name in /dev")] {
        let opened = openat(CWD, path, OFlags::WRONLY | OFlags::APPEND | OFlags::CLOEXEC, Mode::empty());
        seen.expects(opened.is_err(), format_args!("a file that was given {what} could be opened for writing"));
    }
    if std::fs::metadata("/proc/self/fd").is_err() {
        seen.cannot("there is no /proc inside to open it through");
    }
}

pub fn environment(inside: &Inside, seen: &mut Seen) {
    let known = &inside.claim().environment;
    seen.tries();
    for (name, value) in std::env::vars_os() {
        let is_named = known.iter().any(|variable| variable.name == name && variable.value == value);
        if !is_named {
            seen.reaches(format_args!("the variable {}", String::from_utf8_lossy(name.as_bytes())));
        }
    }
}
