//! X servers: the file that lets the payload in at the caller's, or one in a sandbox beside it.

mod authority;

use super::companion::Companion;
use super::options::option;
use crate::error::{Errno, Fault};
use crate::plan::{HostDisplay, WAYLAND_SOCKET, X11_AUTHORITY, X11_SOCKETS, XServer, x11_socket};
use authority::{COOKIE_LENGTH, Entry};
use rustix::rand::{GetRandomFlags, getrandom};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, remove_file};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// The profile that servers run under.
const PROFILE: &str = "builtin:x-server";
/// Width and height of their screens, in pixels.
const SIZE: &str = "1280x800";
/// Bits of a pixel of a screen that is shown nowhere; others have those of where they are shown.
const DEPTH: &str = "24";
/// How much of an Xauthority file is read, in bytes; an entry has about 60.
const AUTHORITY_MAX: u64 = 1 << 20;
/// Where a server finds the compositor that shows its window.
const COMPOSITOR: &str = "/run/compositor";
/// Where it finds the socket of the X server that does.
const PARENT: &str = "/run/parent";
/// The file in its folder that it shows to that one.
const PARENT_AUTHORITY: &str = "parent-authority";

/// Makes the payload's Xauthority file, with what the caller's has for this one display.
///
/// # Errors
/// As open(2), read(2) and write(2).
pub fn let_in(folder: &Path, host: &HostDisplay, display: u16) -> Result<(), Fault> {
    write_authority_for(host, display, &folder.join(X11_AUTHORITY))
}

/// Starts a server of the sandbox's own, with a secret of its own; [`is_shown`] is for when it can be reached.
///
/// # Errors
/// As for the companion that it is, and as getrandom(2), open(2), read(2), write(2) and symlink(2).
pub fn start(nsbox: &Path, folder: &Path, server: &XServer, display: u16, title: &str) -> Result<Companion, Fault> {
    let secret = secret()?;
    write(&folder.join(X11_AUTHORITY), &authority::file(&[Entry::cookie(&secret)], display))?;
    let mut options = vec![option("--profile", PROFILE), option("--write", bound(folder, X11_SOCKETS))];
    let own = match server {
        XServer::Xwayland { compositor } => {
            options.push(option("--read", bound(compositor, COMPOSITOR)));
            options.push(option("--env", option("WAYLAND_DISPLAY", COMPOSITOR)));
            xwayland()
        }
        XServer::Xephyr { parent } => {
            options.push(option("--read", bound(&x11_socket(parent.number), PARENT)));
            options.extend(show_to(parent, folder)?);
            words(&["-screen", SIZE, "-resizeable", "-title", title])
        }
        XServer::Xvfb => words(&["-screen", "0", &format!("{SIZE}x{DEPTH}")]),
    };
    let all = |number: i32| {
        let authority = Path::new(X11_SOCKETS).join(X11_AUTHORITY);
        let mut all = words(&[&format!(":{display}"), "-displayfd", &number.to_string(), "-auth"]);
        all.push(authority.into_os_string());
        // Neither over the network nor by an abstract socket.
        all.extend(words(&["-nolisten", "tcp", "-nolisten", "local", "-noreset"]));
        all.extend(own.iter().cloned());
        all
    };
    Companion::start(nsbox, &options, server.program(), &all)
}

/// Removes what let a server in where it is shown, now that it can be reached and so is connected there: the payload sees the
/// folder, and must not find that.
///
/// # Errors
/// As unlink(2).
pub fn is_shown(folder: &Path, server: &XServer) -> Result<(), Fault> {
    match server {
        XServer::Xephyr { parent } => {
            remove(&folder.join(PARENT_AUTHORITY))?;
            remove(&folder.join(parent_socket(parent)))
        }
        // With a security context of its own it has a socket of its own.
        XServer::Xwayland { .. } => remove(&folder.join(WAYLAND_SOCKET)),
        XServer::Xvfb => Ok(()),
    }
}

/// What Xephyr needs to have its window shown by another server: it looks for that one's socket where it makes its own.
fn show_to(parent: &HostDisplay, folder: &Path) -> Result<[OsString; 2], Fault> {
    let link = folder.join(parent_socket(parent));
    symlink(PARENT, &link).map_err(Fault::of("symlink", link.display()))?;
    write_authority_for(parent, parent.number, &folder.join(PARENT_AUTHORITY))?;
    let authority = Path::new(X11_SOCKETS).join(PARENT_AUTHORITY);
    let display = format!("DISPLAY=:{}", parent.number);
    Ok([option("--env", display), option("--env", option("XAUTHORITY", authority))])
}

/// The name of the socket of a display in its folder.
fn parent_socket(parent: &HostDisplay) -> String {
    format!("X{}", parent.number)
}

/// The options by which Xwayland shows one window rather than many; those before version 23.1 do that without, in the size of
/// the compositor's screen.
fn xwayland() -> Vec<OsString> {
    let help = Command::new("Xwayland").arg("-help").stdin(Stdio::null()).output();
    let help = help.map(|said| [said.stdout, said.stderr].concat()).unwrap_or_default();
    let knows = |option: &str| String::from_utf8_lossy(&help).lines().any(|line| line.starts_with(option));
    match knows("-geometry") && knows("-decorate") {
        true => words(&["-geometry", SIZE, "-decorate"]),
        false => Vec::new(),
    }
}

/// A secret that nobody can guess.
fn secret() -> Result<[u8; COOKIE_LENGTH], Fault> {
    let mut secret = [0; COOKIE_LENGTH];
    match getrandom(&mut secret, GetRandomFlags::empty()) {
        Ok(COOKIE_LENGTH) => Ok(secret),
        // So few bytes come whole, or not at all (getrandom(2)).
        Ok(_) => Err(Fault::of("getrandom", "all of a secret")(Errno(libc::EIO))),
        Err(errno) => Err(Fault::of("getrandom", "a secret")(errno)),
    }
}

/// Writes an Xauthority file with what the caller shows to a display of the host, for the number it has where that is read.
fn write_authority_for(host: &HostDisplay, display: u16, path: &Path) -> Result<(), Fault> {
    let Some(authority) = &host.authority else { return Ok(()) };
    let mut file = Vec::new();
    File::open(authority)
        .and_then(|opened| opened.take(AUTHORITY_MAX).read_to_end(&mut file))
        .map_err(Fault::of("read", authority.display()))?;
    let name = rustix::system::uname();
    let entries = authority::entries_for(&file, name.nodename().to_bytes(), host.number);
    write(path, &authority::file(&entries, display))
}

/// Writes a file that nobody else can read.
fn write(path: &Path, contents: &[u8]) -> Result<(), Fault> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(contents)).map_err(Fault::of("write", path.display()))
}

fn remove(path: &Path) -> Result<(), Fault> {
    match remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::of("unlink", path.display())(error)),
        _ => Ok(()),
    }
}

/// The value of an option that shows something of the host at another path inside.
fn bound(source: &Path, inside: &str) -> OsString {
    let mut value = source.as_os_str().to_owned();
    value.push(":");
    value.push(inside);
    value
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
