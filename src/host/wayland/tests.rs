//! Compositors that misbehave: each is a thread that says its bytes to whoever connects, and then listens.

use super::wire::Request;
use super::{PATIENCE, Reception, SAID_MAX, ask_reception};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Instant;

/// Whether sandboxes are taken for what they are by a compositor that says this, and hangs up at once or when it is hung up on.
fn heard(bytes: Vec<u8>, hangs_up: bool) -> Result<bool, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wayland-0");
    let listener = UnixListener::bind(&path).expect("a socket");
    let compositor = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.write_all(&bytes).ok();
        let mut asked = [0; 64];
        while !hangs_up && stream.read(&mut asked).is_ok_and(|count| count > 0) {}
    });
    let found = ask_reception(&path).map(|reception| reception == Reception::Sandboxed);
    compositor.join().expect("its end");
    found.map_err(|fault| fault.to_string().replace(&*path.to_string_lossy(), "SOCKET"))
}

fn global(name: u32, interface: &str) -> Vec<u8> {
    Request::new(2, 0).word(name).text(interface).word(1).bytes()
}

/// The end of the first round trip, whose callback is the third object.
fn done() -> Vec<u8> {
    [Request::new(1, 1).word(3).bytes(), Request::new(3, 0).word(7).bytes()].concat()
}

#[test]
fn a_compositor_has_the_contexts_that_it_offers_and_has_not_taken_back() {
    let (seat, manager) = (global(4, "wl_seat"), global(9, "wp_security_context_manager_v1"));
    assert_eq!(heard([seat.clone(), done()].concat(), false), Ok(false));
    assert_eq!(heard([seat, manager.clone(), done()].concat(), false), Ok(true));
    let removed = Request::new(2, 1).word(9).bytes();
    assert_eq!(heard([manager, removed, done()].concat(), false), Ok(false));
}

#[test]
fn an_error_is_told_in_the_words_of_the_compositor_and_no_others() {
    let error = Request::new(1, 0).word(1).word(3).text("no \u{1b}[1mmemory").bytes();
    let expected =
        r"come to terms with the compositor at SOCKET, which said: no \u{1b}[1mmemory: Protocol error (EPROTO)";
    assert_eq!(heard(error, false), Err(expected.to_owned()));
    let long = Request::new(1, 0).word(1).word(3).text(&"x".repeat(4000)).bytes();
    assert!(heard(long, false).is_err_and(|told| told.len() < 600));
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let nonsense = [
        // No size, an unknown object, an unknown event, too few arguments, too many.
        vec![0; 16],
        Request::new(8, 0).word(1).bytes(),
        Request::new(2, 5).word(1).bytes(),
        Request::new(2, 0).word(1).bytes(),
        Request::new(3, 0).word(1).word(2).bytes(),
    ];
    for bytes in nonsense {
        let told = heard(bytes.clone(), false);
        assert_eq!(told, Err("understand the compositor at SOCKET: Protocol error (EPROTO)".into()), "{bytes:?}");
    }
}

#[test]
fn who_never_stops_talking_is_not_listened_to_for_ever() {
    let endless = global(1, "wl_seat").repeat(SAID_MAX / 16);
    assert!(heard(endless, false).is_err_and(|told| told.contains("EPROTO")));
}

#[test]
fn who_hangs_up_in_between_is_told_so() {
    let told = heard(done()[..4].to_vec(), true).expect_err("no answer");
    assert!(told.contains("ECONNRESET") || told.contains("EPIPE"), "{told}");
}

#[test]
fn who_does_not_answer_is_waited_for_for_five_seconds() {
    let start = Instant::now();
    let told = heard(global(4, "wl_seat"), false);
    assert_eq!(
        told,
        Err("wait for an answer of the compositor at SOCKET: Connection timed out (ETIMEDOUT)".to_owned())
    );
    assert!(start.elapsed() >= PATIENCE && start.elapsed() < 5 * PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn who_takes_no_more_clients_is_waited_for_as_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wayland-0");
    let socket = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None);
    let socket = socket.expect("a socket");
    rustix::net::bind(&socket, &rustix::net::SocketAddrUnix::new(&path).expect("an address")).expect("a bound one");
    rustix::net::listen(&socket, 0).expect("one that listens");
    let start = Instant::now();
    // The first is taken into the queue, and the next one finds no place there.
    let _waiting = UnixStream::connect(&path).expect("a place");
    let told = ask_reception(&path).expect_err("no place").to_string();
    assert!(told.starts_with("connect to the compositor at ") && told.ends_with("(ETIMEDOUT)"), "{told}");
    assert!(start.elapsed() >= PATIENCE && start.elapsed() < 5 * PATIENCE, "{:?}", start.elapsed());
}
