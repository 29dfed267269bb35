//! `desktop.wayland`, against a compositor of the test's own that speaks as much of the protocol as it takes, and against weston.

use crate::support::{Host, Ran, can_make_user_namespaces, has_program, patience, wait_until};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::collections::HashMap;
use std::io::{IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const MANAGER: &str = "wp_security_context_manager_v1";

/// A client that lists what the compositor offers, by the socket of its environment.
const CLIENT: &str = "
import os, socket, struct
display = os.environ.get('WAYLAND_DISPLAY', 'wayland-0')
s = socket.socket(socket.AF_UNIX)
s.connect(os.path.join(os.environ.get('XDG_RUNTIME_DIR', '/nowhere'), display))
s.sendall(struct.pack('=IIIIII', 1, 12 << 16 | 1, 2, 1, 12 << 16, 3))
heard, done = b'', False
while not done:
    said = s.recv(4096)
    assert said, 'it hung up'
    heard += said
    while len(heard) >= 8 and len(heard) >= struct.unpack('=II', heard[:8])[1] >> 16:
        sender, word = struct.unpack('=II', heard[:8])
        event, heard = heard[8:word >> 16], heard[word >> 16:]
        done = done or sender == 3
        if sender == 2:
            length = struct.unpack('=I', event[4:8])[0]
            print('offers', event[8:8 + length - 1].decode())
";

/// What a sandbox told the compositor of itself, and what became of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Context {
    engine: String,
    application: String,
    instance: String,
    is_committed: bool,
    has_client: bool,
    has_hung_up: bool,
}

/// How the compositor behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It has security contexts.
    WithContexts,
    /// It has them, and lets sandboxes read the clipboard all the same.
    Lenient,
    /// It has none.
    WithoutContexts,
    /// Nor has it, and lets every client capture the screen.
    Open,
    /// It has them, and refuses each.
    Refusing,
    /// It listens, and that is all.
    Silent,
}

/// A compositor of the test's own, with its socket in a runtime folder of the user's.
pub struct Compositor {
    pub runtime: PathBuf,
    contexts: Arc<Mutex<Vec<Context>>>,
    _listener: Option<UnixListener>,
}

impl Compositor {
    pub fn new(host: &Host, manner: Manner) -> Self {
        let runtime = host.folder("runtime");
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
        let socket = runtime.join("wayland-7");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let (uid, gid) = host.user();
        chown(&socket, Some(uid), Some(gid)).expect("the user's socket");
        let contexts = Arc::new(Mutex::new(Vec::new()));
        let mut kept = Some(listener);
        if manner != Manner::Silent {
            let (listener, contexts) = (kept.take().expect("the socket"), contexts.clone());
            // It serves until the tests are over.
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let contexts = contexts.clone();
                    std::thread::spawn(move || Client::new(stream, manner, contexts, None).serve());
                }
            });
        }
        Self { runtime, contexts, _listener: kept }
    }

    /// nsbox with these words, in this compositor's session.
    pub fn sandbox(&self, host: &Host, words: &[&str]) -> Command {
        let mut command = host.sandbox(words);
        command.env("XDG_RUNTIME_DIR", &self.runtime).env("WAYLAND_DISPLAY", "wayland-7");
        command
    }

    fn contexts(&self) -> Vec<Context> {
        self.contexts.lock().expect("the contexts").clone()
    }

    /// What is left in the folder for sandboxes.
    fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.runtime.join("nsbox")).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().display().to_string()).collect()
    }
}

/// A client of the compositor.
struct Client {
    stream: UnixStream,
    manner: Manner,
    contexts: Arc<Mutex<Vec<Context>>>,
    /// The application that it is known for.
    application: Option<String>,
    bytes: Vec<u8>,
    descriptors: Vec<OwnedFd>,
    /// The interface of each object.
    objects: HashMap<u32, &'static str>,
    /// The context that is being made, with its two descriptors.
    context: (Context, Vec<OwnedFd>),
}

impl Client {
    fn new(
        stream: UnixStream,
        manner: Manner,
        contexts: Arc<Mutex<Vec<Context>>>,
        application: Option<String>,
    ) -> Self {
        let objects = HashMap::from([(1, "wl_display")]);
        let (bytes, descriptors, context) = (Vec::new(), Vec::new(), Default::default());
        Self { stream, manner, contexts, application, bytes, descriptors, objects, context }
    }

    fn serve(mut self) {
        while self.receive() {
            while let Some(message) = self.take() {
                self.answer(message.0, message.1, &message.2);
            }
        }
    }

    fn receive(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut buffers = [IoSliceMut::new(&mut bytes)];
        let message = recvmsg(&self.stream, &mut buffers, &mut ancillary, RecvFlags::CMSG_CLOEXEC);
        let Ok(message) = message else { return false };
        for control in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = control {
                self.descriptors.extend(descriptors);
            }
        }
        self.bytes.extend(&bytes[..message.bytes]);
        message.bytes > 0
    }

    /// Takes off the next request: its object, its opcode and its arguments.
    fn take(&mut self) -> Option<(u32, u32, Vec<u8>)> {
        let (object, head) = (word(&self.bytes, 0)?, word(&self.bytes, 4)?);
        let size = (head >> 16) as usize;
        assert!(size >= 8, "{:?}", self.bytes);
        if self.bytes.len() < size {
            return None;
        }
        let request: Vec<u8> = self.bytes.drain(..size).collect();
        Some((object, head & 0xffff, request[8..].to_vec()))
    }

    fn send(&mut self, object: u32, opcode: u32, arguments: &[u8]) {
        let head = [object, (8 + arguments.len() as u32) << 16 | opcode].map(u32::to_ne_bytes).concat();
        self.stream.write_all(&[&head, arguments].concat()).ok();
    }

    fn offer(&mut self, registry: u32, interface: &str) {
        let number = |number: u32| number.to_ne_bytes().to_vec();
        let mut text = [interface.as_bytes(), &[0]].concat();
        let length = text.len() as u32;
        text.resize(text.len().next_multiple_of(4), 0);
        self.send(registry, 0, &[number(40 + length), number(length), text, number(1)].concat());
    }

    fn answer(&mut self, object: u32, opcode: u32, arguments: &[u8]) {
        let first = word(arguments, 0);
        match (*self.objects.get(&object).expect("an object that was made"), opcode) {
            ("wl_display", 0) => {
                let callback = first.expect("a new object");
                self.send(callback, 0, &[0; 4]);
                self.send(1, 1, &callback.to_ne_bytes());
            }
            ("wl_display", 1) => {
                let registry = first.expect("a new object");
                self.objects.insert(registry, "wl_registry");
                self.offer(registry, "wl_seat");
                match self.application.clone() {
                    // As compositors do, it does not let contexts be made in a context.
                    Some(application) => {
                        self.offer(registry, &format!("test_seen_as_{application}"));
                        if self.manner == Manner::Lenient {
                            self.offer(registry, "zwlr_data_control_manager_v1");
                        }
                    }
                    None if self.manner == Manner::Open => self.offer(registry, "zwlr_screencopy_manager_v1"),
                    None if self.manner != Manner::WithoutContexts => self.offer(registry, MANAGER),
                    None => {}
                }
            }
            ("wl_registry", 0) => {
                assert_eq!(text(&arguments[4..]), MANAGER, "nothing else is asked for");
                self.objects.insert(word(arguments, arguments.len() - 4).expect("a new object"), MANAGER);
            }
            (MANAGER, 1) => {
                let descriptors = std::mem::take(&mut self.descriptors);
                assert_eq!(descriptors.len(), 2, "one to listen on, and one to see close");
                self.objects.insert(first.expect("a new object"), "wp_security_context_v1");
                self.context = (Context::default(), descriptors);
            }
            ("wp_security_context_v1", 1) => self.context.0.engine = text(arguments),
            ("wp_security_context_v1", 2) => self.context.0.application = text(arguments),
            ("wp_security_context_v1", 3) => self.context.0.instance = text(arguments),
            ("wp_security_context_v1", 4) if self.manner == Manner::Refusing => {
                let reason = [[1, 3, 20].map(u32::to_ne_bytes).concat(), b"not in this session\0".to_vec()].concat();
                self.send(1, 0, &reason);
                self.stream.shutdown(std::net::Shutdown::Both).ok();
            }
            ("wp_security_context_v1", 4) => self.commit(),
            // It can show nothing.
            _ if self.application.is_some() => drop(self.stream.shutdown(std::net::Shutdown::Both)),
            request => panic!("{request:?} is no request of a sandbox"),
        }
    }

    fn commit(&mut self) {
        let (mut context, mut descriptors) = std::mem::take(&mut self.context);
        context.is_committed = true;
        let index = {
            let mut contexts = self.contexts.lock().expect("the contexts");
            contexts.push(context.clone());
            contexts.len() - 1
        };
        let close = descriptors.pop().expect("what is seen to close");
        let listener = UnixListener::from(descriptors.pop().expect("what is listened on"));
        let (contexts, manner) = (self.contexts.clone(), self.manner);
        std::thread::spawn(move || {
            loop {
                let mut watched =
                    [PollFd::new(listener.as_fd(), PollFlags::POLLIN), PollFd::new(close.as_fd(), PollFlags::empty())];
                poll(&mut watched, PollTimeout::NONE).expect("news");
                if watched[1].any() == Some(true) {
                    contexts.lock().expect("the contexts")[index].has_hung_up = true;
                    return;
                }
                let (stream, _) = listener.accept().expect("a client");
                contexts.lock().expect("the contexts")[index].has_client = true;
                let client = Client::new(stream, manner, contexts.clone(), Some(context.application.clone()));
                std::thread::spawn(move || client.serve());
            }
        });
    }
}

/// The word at a place in a message.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The text at the start of arguments.
fn text(arguments: &[u8]) -> String {
    let length = word(arguments, 0).expect("a length") as usize;
    let text = &arguments[4..4 + length];
    assert_eq!(text.last(), Some(&0), "a text ends with NUL");
    String::from_utf8(text[..length - 1].to_vec()).expect("UTF-8")
}

/// A profile with the key, and the host that it is on.
fn host() -> Option<Host> {
    if !has_program("python3") || !can_make_user_namespaces() {
        return None;
    }
    let host = Host::new();
    host.write("wayland.toml", "extends = [\"shell\"]\n[desktop]\nwayland = true\n");
    host.write("client.py", CLIENT);
    Some(host)
}

const CLIENT_INSIDE: [&str; 6] = ["--profile", "./wayland.toml", "--read", "client.py", "--", "python3"];

#[test]
fn the_compositor_takes_the_program_for_a_sandboxed_application() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let ran = Ran::of(compositor.sandbox(&host, &[&CLIENT_INSIDE[..], &["client.py"]].concat()));
    let ran = ran.exits(0).in_silence().says("offers wl_seat\n").says("offers test_seen_as_org.nsbox.python3\n");
    ran.never_says(MANAGER);
    wait_until("the end of the sandbox as the compositor sees it", || {
        compositor.contexts().iter().all(|context| context.has_hung_up)
    });
    let contexts = compositor.contexts();
    let [context] = contexts.as_slice() else { panic!("{contexts:?}") };
    let told = (&*context.engine, &*context.application, context.is_committed);
    assert_eq!(told, ("nsbox", "org.nsbox.python3", true));
    assert!(context.instance.parse::<u32>().is_ok(), "{context:?}");
    assert_eq!(compositor.left(), [] as [String; 0]);
}

#[test]
fn the_compositor_takes_an_x_server_of_the_sandboxs_own_for_sandboxed_too() {
    let Some(host) = host().filter(|_| has_program("Xwayland")) else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let words =
        ["--set", "desktop.x11=\"isolated\"", "--set", "desktop.application=\"org.example.Viewer\"", "--", "true"];
    Ran::of(compositor.sandbox(&host, &words)).exits(125).complains("start Xwayland");
    let contexts = compositor.contexts();
    let [context] = contexts.as_slice() else { panic!("{contexts:?}") };
    assert_eq!((&*context.application, context.has_client), ("org.example.Viewer", true));
    wait_until("the end of the server as the compositor sees it", || compositor.contexts()[0].has_hung_up);
    assert_eq!(compositor.left(), [] as [String; 0]);
}

#[test]
fn the_socket_inside_is_the_users_alone_and_the_variables_lead_there() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let script = "echo $WAYLAND_DISPLAY; readlink $XDG_RUNTIME_DIR/wayland-0; stat -c %a:%U /run/nsbox/wayland/wayland-0; \
                  ls -A $XDG_RUNTIME_DIR; id -un; echo $XDG_SESSION_TYPE; mv /run/nsbox/wayland/wayland-0 /tmp";
    let mut command = compositor.sandbox(&host, &["--profile", "./wayland.toml", "--", "sh", "-c", script]);
    command.env("XDG_SESSION_TYPE", "wayland");
    let ran = Ran::of(command).exits(1).complains("Read-only file system");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let [display, link, mode, runtime, user, kind] = lines.as_slice() else { panic!("{ran}") };
    assert_eq!([*display, *link], ["/run/nsbox/wayland/wayland-0"; 2]);
    assert_eq!((*mode, *runtime, *kind), (&*format!("600:{user}"), "wayland-0", "wayland"));
}

#[test]
fn the_compositor_forgets_a_sandbox_whose_nsbox_is_killed() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let words = ["--profile", "./wayland.toml", "--", "sh", "-c", "echo ready; exec sleep 1000"];
    let mut command = compositor.sandbox(&host, &words);
    let mut nsbox = Started(command.stdout(Stdio::piped()).spawn().expect("nsbox"));
    let mut ready = [0; 5];
    nsbox.0.stdout.take().expect("its output").read_exact(&mut ready).expect("a start");
    let contexts = compositor.contexts();
    assert!(matches!(contexts.as_slice(), [Context { is_committed: true, has_hung_up: false, .. }]), "{contexts:?}");
    drop(nsbox);
    wait_until("the end of the sandbox as the compositor sees it", || compositor.contexts()[0].has_hung_up);
    // What it could not remove, the next one does.
    Ran::of(compositor.sandbox(&host, &["--profile", "./wayland.toml", "--", "true"])).exits(0);
    assert_eq!(compositor.left(), [] as [String; 0]);
}

#[test]
fn without_security_contexts_the_sessions_socket_is_what_the_program_gets_and_that_is_told() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::Open);
    let ran = Ran::of(compositor.sandbox(&host, &[&CLIENT_INSIDE[..], &["client.py"]].concat()));
    // The control of the test above: who comes by this socket is nobody's sandbox.
    let ran = ran.exits(0).says("offers wl_seat\n").never_says("seen_as");
    ran.complains(
        "warning: the compositor has no security contexts: it takes the command for one of your own programs",
    )
    .complains("and lets each of them capture the screen\n");
    let mut quiet = compositor.sandbox(&host, &["--quiet"]);
    quiet.args(["--profile", "./wayland.toml", "--", "true"]);
    Ran::of(quiet).exits(0).in_silence();
    assert!(compositor.contexts().is_empty());
    assert_eq!(compositor.left(), [] as [String; 0]);
    let socket = compositor.runtime.join("wayland-7").display().to_string();
    let told = |compositor: &Compositor| {
        let ran = Ran::of(compositor.sandbox(&host, &["plan", "--profile", "./wayland.toml", "--", "viewer"]));
        ran.exits(0).in_silence().stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let whole = told(&compositor);
    let place = "(./wayland.toml:3:11)";
    assert!(
        whole.contains(&format!("compositor of your session, {socket}, by the session's own socket {place}")),
        "{whole}"
    );
    let weaker = "This compositor has no security contexts, so that it takes the sandbox for one of your programs, and lets \
                  each of them capture the screen";
    assert!(whole.contains(weaker), "{whole}");
    // One that offers nothing of the kind is not warned of.
    std::fs::remove_file(&socket).expect("the end of its socket");
    let apart = Compositor::new(&host, Manner::WithoutContexts);
    Ran::of(apart.sandbox(&host, &["--profile", "./wayland.toml", "--", "true"])).exits(0).in_silence();
    let whole = told(&apart);
    assert!(whole.contains("by the session's own socket, which offers nothing that reaches into other programs"));
    assert!(!whole.contains("has no security contexts"), "{whole}");
    std::fs::remove_file(&socket).expect("the end of its socket");
    let own = told(&Compositor::new(&host, Manner::WithContexts));
    let expected =
        "by a socket of its own: to the compositor it is the sandboxed application org.nsbox.viewer (security context)";
    assert!(own.contains(&format!("compositor of your session, {socket}, {expected} {place}")), "{own}");
    assert!(!own.contains("has no security contexts"), "{own}");
}

#[test]
fn verify_names_the_compositor_and_the_line_that_opens_it_and_finds_no_other_socket() {
    let Some(host) = host() else { return };
    // In most sessions the compositor's path is the same inside, where it leads to the sandbox's own socket.
    let path = host.home().join("runtime/wayland-7");
    let link = format!("symlinks = {{ \"{}\" = \"/run/nsbox/wayland/wayland-0\" }}", path.display());
    host.write("linked.toml", format!("extends = [\"./wayland.toml\"]\n[filesystem]\n{link}\n"));
    for (manner, expected) in [
        (Manner::WithContexts, "by a socket of its own, as the sandboxed application org.nsbox."),
        (Manner::WithoutContexts, "by the session's own socket, and has no security contexts for sandboxes ("),
        (Manner::Open, "has no security contexts for sandboxes: each program may capture the screen ("),
    ] {
        let compositor = Compositor::new(&host, manner);
        let ran = Ran::of(compositor.sandbox(&host, &["verify", "--profile", "./linked.toml"])).exits(0);
        let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(expected) && told.contains("./wayland.toml:3:11"), "{ran}");
        std::fs::remove_file(compositor.runtime.join("wayland-7")).expect("the end of its socket");
    }
}

#[test]
fn a_compositor_that_refuses_is_an_error_in_its_own_words() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::Refusing);
    let ran = Ran::of(compositor.sandbox(&host, &["--profile", "./wayland.toml", "--", "true"])).exits(125);
    ran.complains("wayland-7, which said: not in this session: Protocol error (EPROTO)").complains("wayland.toml:3:11");
    assert_eq!(compositor.left(), [] as [String; 0]);
}

#[test]
fn a_compositor_that_does_not_answer_is_an_error_soon() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::Silent);
    let start = Instant::now();
    let ran = Ran::of(compositor.sandbox(&host, &["--profile", "./wayland.toml", "--", "true"])).exits(125);
    ran.complains("wait for an answer of the compositor at").complains("ETIMEDOUT").complains("wayland.toml:3:11");
    assert!(start.elapsed() < patience() / 2, "{:?}", start.elapsed());
    let planned = Ran::of(compositor.sandbox(&host, &["plan", "--profile", "./wayland.toml", "--", "true"])).exits(0);
    assert!(planned.stdout.replace("\n    ", " ").contains("nsbox will refuse, since it could not wait"), "{planned}");
}

#[test]
fn what_a_compositor_lets_sandboxes_do_to_others_is_told_where_it_knows_them_too() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::Lenient);
    let ran = Ran::of(compositor.sandbox(&host, &[&CLIENT_INSIDE[..], &["client.py"]].concat())).exits(0);
    ran.says("offers zwlr_data_control_manager_v1\n").complains(
        "warning: the compositor takes the command for a sandboxed program, and yet lets such programs read the \
         clipboard unseen\n",
    );
}

#[test]
fn a_launch_that_is_stopped_while_it_waits_for_the_compositor_waits_on_afterwards() {
    let Some(host) = host() else { return };
    let runtime = host.folder("runtime");
    let socket = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None);
    let socket = socket.expect("a socket");
    let path = runtime.join("wayland-7");
    rustix::net::bind(&socket, &rustix::net::SocketAddrUnix::new(&path).expect("an address")).expect("a bound one");
    // The first is taken into the queue, and nsbox finds no place there.
    rustix::net::listen(&socket, 0).expect("one that listens");
    let (uid, gid) = host.user();
    chown(&path, Some(uid), Some(gid)).expect("the user's socket");
    let waiting = UnixStream::connect(&path).expect("a place");
    let mut command = host.sandbox(["--profile", "./wayland.toml", "--", "true"]);
    command.env("XDG_RUNTIME_DIR", &runtime).env("WAYLAND_DISPLAY", "wayland-7").stderr(Stdio::piped());
    let mut nsbox = Started(command.spawn().expect("nsbox"));
    let process = PathBuf::from(format!("/proc/{}", nsbox.0.id()));
    let state = || {
        let status = std::fs::read_to_string(process.join("status")).expect("its status");
        status.split_once("State:\t").expect("its state").1.chars().next()
    };
    wait_until("it waits", || state() == Some('S'));
    let signal = |name: &str| assert!(Command::new("kill").args([name, &nsbox.0.id().to_string()]).status().is_ok());
    signal("-STOP");
    wait_until("it is stopped", || state() == Some('T'));
    signal("-CONT");
    let mut told = String::new();
    nsbox.0.stderr.take().expect("its complaints").read_to_string(&mut told).expect("text");
    assert!(told.contains("connect to the compositor at") && told.contains("ETIMEDOUT"), "{told}");
    assert_eq!(nsbox.0.wait().expect("its end").code(), Some(125));
    drop(waiting);
}

#[test]
fn a_runtime_folder_that_leaves_no_room_for_a_socket_is_told() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let long = host.folder(&"long/".repeat(16));
    std::fs::set_permissions(&long, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
    let mut command = compositor.sandbox(&host, &["--profile", "./wayland.toml", "--", "true"]);
    command.env("XDG_RUNTIME_DIR", &long).env("WAYLAND_DISPLAY", compositor.runtime.join("wayland-7"));
    let ran = Ran::of(command).exits(125);
    ran.complains("wayland/wayland-0: File name too long (ENAMETOOLONG)").complains("wayland.toml:3:11");
}

#[test]
fn without_the_key_nothing_leads_to_the_compositor() {
    let Some(host) = host() else { return };
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let socket = compositor.runtime.join("wayland-7").display().to_string();
    let script = format!("ls {socket} /run/nsbox; env | grep -E 'WAYLAND|XDG'; echo looked");
    let ran = Ran::of(compositor.sandbox(&host, &["--profile", "shell", "--", "sh", "-c", &script])).exits(0);
    assert_eq!(ran.stdout, "looked\n");
    let script = format!("import socket; socket.socket(socket.AF_UNIX).connect('{socket}')");
    let ran = Ran::of(compositor.sandbox(&host, &["--profile", "shell", "--", "python3", "-c", &script])).exits(1);
    ran.complains("FileNotFoundError");
    assert!(compositor.contexts().is_empty());
}

#[test]
fn without_a_compositor_the_line_that_asks_for_one_is_named() {
    let Some(host) = host() else { return };
    let ran = host.run(["--profile", "./wayland.toml", "--", "true"]).exits(125);
    ran.complains("there is no Wayland compositor here")
        .complains("--> ./wayland.toml:3:11")
        .complains("hint: start nsbox");
    host.write("maybe.toml", "extends = [\"./wayland.toml\"]\n[desktop]\noptional = [\"wayland\"]\n");
    let maybe = ["--profile", "./maybe.toml"];
    // A launch tells of what is weaker than was asked for, and not of what may be missing.
    let launched = host.run(maybe.iter().chain(&["--", "true"])).exits(0);
    let launched = launched.complains("warning: no window can be shown here");
    assert!(!launched.stderr.contains("left out"), "{launched}");
    let told = "note: there is no Wayland compositor here";
    for (before, after) in [(&["--verbose"][..], &["--", "true"][..]), (&["plan"], &["--", "true"]), (&["verify"], &[])]
    {
        host.run(before.iter().chain(&maybe).chain(after)).exits(0).complains(told).complains("; it is left out");
    }
    host.run(["check", "maybe.toml"]).exits(0).complains(told);
    host.run(["--quiet"].iter().chain(&maybe).chain(&["--", "true"])).exits(0).in_silence();
}

/// A program that is killed when this is dropped.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Weston, without a screen, and its runtime folder.
struct Weston {
    _process: Started,
    runtime: PathBuf,
}

impl Weston {
    fn start(host: &Host) -> Self {
        let runtime = host.folder("runtime");
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
        let mut command = host.command("weston");
        command.args(["--backend=headless-backend.so", "--socket=wayland-7", "--idle-time=0", "--no-config"]);
        command.env("XDG_RUNTIME_DIR", &runtime).stdout(Stdio::null()).stderr(Stdio::null());
        let weston = Self { _process: Started(command.spawn().expect("weston")), runtime };
        wait_until("weston's socket", || UnixStream::connect(weston.runtime.join("wayland-7")).is_ok());
        weston
    }
}

#[test]
fn a_program_of_weston_shows_its_window_inside() {
    if !has_program("weston") || !has_program("weston-simple-shm") {
        return;
    }
    let Some(host) = host() else { return };
    let weston = Weston::start(&host);
    let words = ["--", "env", "WAYLAND_DEBUG=1", "timeout", "2", "weston-simple-shm"];
    let mut command = host.sandbox([&["--profile", "./wayland.toml"][..], &words].concat());
    command.env("XDG_RUNTIME_DIR", &weston.runtime).env("WAYLAND_DISPLAY", "wayland-7");
    let ran = Ran::of(command).exits(124);
    // It asks for the next frame only once the last was shown.
    assert!(ran.stderr.matches(".frame(").count() > 3, "{ran}");
}
