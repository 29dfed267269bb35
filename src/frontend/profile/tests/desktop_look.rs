//! Sound, devices and the look of `[desktop]`: what each key shows of a host, and what it leaves where it is.

use super::fixture::{Host, asked, environment, rendered};
use crate::plan::{Bus, BusAccess, Plan, ServiceKind};
use std::path::Path;

/// Ann's machine with a session.
fn session() -> Host {
    let mut host = Host::new().folder("/run/user/1000");
    host.environment.push(("XDG_RUNTIME_DIR", "/run/user/1000"));
    host
}

/// A profile with some lines of `[desktop]`.
fn desktop(lines: &str) -> String {
    format!("[desktop]\n{lines}\n")
}

/// The mounts that somebody asked for, in the order of the alphabet.
fn shown(plan: &Plan) -> String {
    let mounts = asked(plan);
    let mut lines: Vec<&str> = mounts.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.concat()
}

/// The lines of a text that name one of these.
fn naming(text: &str, words: &[&str]) -> String {
    text.split_inclusive('\n').filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

/// The variables of a plan that its desktop sets.
fn set(plan: &Plan) -> String {
    let own = ["HOME=", "USER=", "LOGNAME=", "SHELL=", "PWD="];
    environment(plan).split_inclusive('\n').filter(|line| own.iter().all(|own| !line.starts_with(own))).collect()
}

/// The sound server of a plan, its cookie and whether it records.
fn sound(plan: &Plan) -> Option<(&str, Option<&str>, bool)> {
    plan.services.iter().find_map(|service| match &service.kind {
        ServiceKind::Sound { socket, cookie, microphone } => {
            Some((socket.to_str()?, cookie.as_deref().and_then(Path::to_str), *microphone))
        }
        _ => None,
    })
}

#[test]
fn audio_is_the_filtered_server_by_a_link_in_a_runtime_folder_of_its_own() {
    let host = session()
        .socket("/run/user/1000/pipewire-0")
        .socket("/run/user/1000/pulse/native")
        .socket("/run/user/1000/bus")
        .file("/home/ann/.config/pulse/cookie", "0")
        .file("/home/ann/.pulse-cookie", "1")
        .file("/etc/asound.conf", "");
    let plan = host.plan(&desktop("audio = true"));
    assert_eq!(
        shown(&plan),
        "link /run/user/1000/pulse/native -> /run/nsbox/sound/native\n\
         read /etc/asound.conf\n\
         sockets /run/nsbox\n\
         tmpfs /run/user/1000 0700\n"
    );
    // What lets programs in is the filter's alone.
    assert_eq!(set(&plan), "PULSE_SERVER=unix:/run/nsbox/sound/native\nXDG_RUNTIME_DIR=/run/user/1000\n");
    let (socket, cookie) = ("/run/user/1000/pulse/native", Some("/home/ann/.config/pulse/cookie"));
    assert_eq!(sound(&plan), Some((socket, cookie, false)));
    for lines in ["microphone = true", "audio = true\nmicrophone = true"] {
        assert_eq!(sound(&host.plan(&desktop(lines))), Some((socket, cookie, true)), "{lines}");
    }
    assert_eq!(shown(&host.plan(&desktop("audio = false"))), "");
    assert_eq!(
        host.problems(&desktop("audio = false\nmicrophone = true")),
        "test.toml:3:14 true : nothing is recorded where `desktop.audio` is false\n  \
         hint: leave one of the two out: the microphone comes with sound\n"
    );
}

#[test]
fn pipewires_own_socket_is_there_by_its_own_name_alone() {
    let host = session().socket("/run/user/1000/pipewire-0").socket("/run/user/1000/pipewire-0-manager");
    let plan = host.plan(&desktop("pipewire = true"));
    assert_eq!(shown(&plan), "read /run/user/1000/pipewire-0\ntmpfs /run/user/1000 0700\n");
    assert_eq!(set(&plan), "PIPEWIRE_REMOTE=pipewire-0\nXDG_RUNTIME_DIR=/run/user/1000\n");
    assert_eq!(
        host.problems(&desktop("audio = true")),
        "test.toml:2:9 true : there is no socket of PulseAudio here, and PipeWire's own cannot be filtered\n  \
         hint: install package pipewire-pulse, and log in again; `desktop.pipewire = true` opens PipeWire's own, \
         microphone and cameras included\n"
    );
    // Both, where both are named.
    let both = host.socket("/run/user/1000/pulse/native").plan(&desktop("audio = true\npipewire = true"));
    assert!(sound(&both).is_some() && shown(&both).contains("read /run/user/1000/pipewire-0\n"));
}

#[test]
fn audio_is_where_the_callers_variables_say() {
    let mut host = session().socket("/srv/pw/mine").socket("/srv/pulse").file("/srv/cookie", "").socket("/run/s");
    host.environment.extend([
        ("PIPEWIRE_RUNTIME_DIR", "/srv/pw"),
        ("PIPEWIRE_REMOTE", "mine"),
        ("PULSE_SERVER", "tcp:there {0123}unix:/srv/pulse"),
        ("PULSE_COOKIE", "/srv/cookie"),
    ]);
    let plan = host.plan(&desktop("audio = true\npipewire = true"));
    assert!(shown(&plan).contains("read /run/user/1000/pipewire-0 from /srv/pw/mine\n"));
    assert_eq!(sound(&plan), Some(("/srv/pulse", Some("/srv/cookie"), false)));
    // A server that is reached over the network is no socket, whatever lies where one usually is.
    let mut remote = session().socket("/run/user/1000/pulse/native");
    remote.environment.push(("PULSE_SERVER", "tcp:there"));
    assert!(remote.problems(&desktop("audio = true")).contains("there is no sound server here"));
}

#[test]
fn what_this_host_lacks_is_an_error_unless_it_is_optional() {
    for (key, part, message) in [
        ("audio", "audio", "there is no sound server here"),
        ("microphone", "audio", "there is no sound server here"),
        ("pipewire", "pipewire", "there is no socket of PipeWire here"),
        ("gpu", "gpu", "there is no graphics card here, or no driver of it"),
        ("camera", "camera", "there is no camera here"),
        ("input-devices", "input-devices", "there is no input device here"),
    ] {
        let line = format!("{key} = true");
        let problems = session().problems(&desktop(&line));
        assert!(
            problems.starts_with(&format!("test.toml:2:{} true : {message}\n  hint: ", key.len() + 4)),
            "{problems}"
        );
        let optional = desktop(&format!("{line}\noptional = [\"{part}\"]"));
        let (plan, warnings) = session().lower(&optional, &[], &["bash"]).expect("a plan");
        assert!(rendered(&warnings).contains(&format!("{message}; it is left out\n")), "{}", rendered(&warnings));
        assert_eq!((shown(&plan), set(&plan)), (String::new(), String::new()), "{key}");
    }
    assert!(session().problems(&desktop("audio = true")).contains("package pipewire-pulse or pulseaudio\n"));
}

/// What the kernel says of a device of a class: its folder, the links to it, its number and its node.
fn device(host: Host, class: &str, name: &str, folder: &str, number: &str, node: &str) -> Host {
    let at = format!("/sys/devices/{folder}/{class}/{name}");
    host.file(&format!("{at}/dev"), format!("{number}\n"))
        .link(&format!("{at}/device"), "../..")
        .link(&format!("/sys/class/{class}/{name}"), &format!("../../devices/{folder}/{class}/{name}"))
        .link(&format!("/sys/dev/char/{number}"), &format!("../../devices/{folder}/{class}/{name}"))
        .file(&format!("/run/udev/data/c{number}"), "")
        .special(node)
}

#[test]
fn a_graphics_card_is_its_nodes_and_of_sys_what_is_said_of_it() {
    let host = device(Host::new(), "drm", "card0", "pci0/0:02.0", "226:0", "/dev/dri/card0");
    let host = device(host, "drm", "renderD128", "pci0/0:02.0", "226:128", "/dev/dri/renderD128");
    let host = device(host, "net", "eth0", "pci0/0:03.0", "10:1", "/dev/eth0")
        .folder("/dev/dri/by-path")
        .special("/dev/nvidia0")
        .special("/dev/nvidiactl")
        .special("/dev/nvidia-caps/nvidia-cap1")
        .special("/dev/nvram")
        .special("/dev/sda");
    let plan = host.plan(&desktop("gpu = true"));
    assert_eq!(
        shown(&plan),
        "device /dev/dri/card0 from /dev/dri/card0\n\
         device /dev/dri/renderD128 from /dev/dri/renderD128\n\
         device /dev/nvidia-caps/nvidia-cap1 from /dev/nvidia-caps/nvidia-cap1\n\
         device /dev/nvidia0 from /dev/nvidia0\n\
         device /dev/nvidiactl from /dev/nvidiactl\n\
         link /sys/dev/char/226:0 -> ../../devices/pci0/0:02.0/drm/card0\n\
         link /sys/dev/char/226:128 -> ../../devices/pci0/0:02.0/drm/renderD128\n\
         read /dev/dri/by-path\n\
         read /run/udev/data/c226:0\n\
         read /run/udev/data/c226:128\n\
         read /sys/class/drm\n\
         read /sys/devices/pci0/0:02.0\n"
    );
}

#[test]
fn a_camera_is_found_with_the_plug_that_it_is_on() {
    let host = device(Host::new(), "video4linux", "video0", "pci0/usb1/1-1/1-1:1.0", "81:0", "/dev/video0")
        .file("/sys/devices/pci0/usb1/1-1/idVendor", "")
        .folder("/sys/devices/pci0/usb1/1-2")
        .special("/dev/media0")
        .special("/dev/vfio");
    let plan = host.plan(&desktop("camera = true"));
    assert_eq!(
        shown(&plan),
        "device /dev/media0 from /dev/media0\n\
         device /dev/video0 from /dev/video0\n\
         link /sys/dev/char/81:0 -> ../../devices/pci0/usb1/1-1/1-1:1.0/video4linux/video0\n\
         read /run/udev/data/c81:0\n\
         read /sys/class/video4linux\n\
         read /sys/devices/pci0/usb1/1-1\n"
    );
}

#[test]
fn input_devices_are_a_folder_so_that_what_is_plugged_in_later_is_there() {
    let host = device(Host::new(), "input", "event3", "virtual/input/input3", "13:67", "/dev/input/event3")
        .special("/dev/uinput")
        .file("/run/udev/data/+input:input3", "")
        .link("/sys/class/input/input3", "../../devices/virtual/input/input3");
    let plan = host.plan(&desktop("input-devices = true"));
    assert_eq!(
        shown(&plan),
        "device /dev/input from /dev/input\n\
         link /sys/dev/char/13:67 -> ../../devices/virtual/input/input3/input/event3\n\
         read /run/udev/data/+input:input3\n\
         read /run/udev/data/c13:67\n\
         read /sys/class/input\n\
         read /sys/devices/virtual/input/input3\n"
    );
    // Nobody else can name a folder of devices.
    assert!(host.problems("[filesystem]\ndevices = [\"/dev/input\"]\n").contains("is no device"));
}

#[test]
fn fonts_themes_and_icons_are_read_where_the_xdg_folders_are() {
    let host = |data: &str, config: &str| {
        Host::new()
            .folder("/home/ann/.fonts")
            .folder(&format!("{data}/fonts"))
            .folder(&format!("{data}/keyrings"))
            .folder(&format!("{data}/icons"))
            .file(&format!("{config}/gtk-3.0/settings.ini"), "")
            .file(&format!("{config}/gtk-3.0/bookmarks"), "")
            .folder(&format!("{config}/fontconfig"))
            .folder(&format!("{config}/chromium"))
    };
    let lines = "fonts = true\nthemes = true\nicons = true";
    let plan = host("/home/ann/.local/share", "/home/ann/.config").plan(&desktop(lines));
    assert_eq!(
        shown(&plan),
        "read /home/ann/.config/fontconfig\n\
         read /home/ann/.config/gtk-3.0/settings.ini\n\
         read /home/ann/.fonts\n\
         read /home/ann/.local/share/fonts\n\
         read /home/ann/.local/share/icons\n"
    );
    assert_eq!(set(&plan), "");
    let mut moved = host("/home/ann/d", "/srv/c");
    moved.environment.extend([("XDG_DATA_HOME", "/home/ann/d"), ("XDG_CONFIG_HOME", "/srv/c"), ("GTK_THEME", "Dark")]);
    let plan = moved.plan(&desktop(lines));
    assert_eq!(
        shown(&plan),
        "read /home/ann/.fonts\n\
         read /home/ann/d/fonts\n\
         read /home/ann/d/icons\n\
         read /srv/c/fontconfig\n\
         read /srv/c/gtk-3.0/settings.ini\n"
    );
    // What the program saves could not stay outside of the home folder.
    assert_eq!(set(&plan), "GTK_THEME=Dark\nXDG_DATA_HOME=/home/ann/d\n");
}

#[test]
fn a_theme_that_is_a_link_of_the_persons_own_is_followed_and_one_in_a_theme_is_not() {
    let host = Host::new()
        .folder("/home/ann/dotfiles/themes")
        .link("/home/ann/.themes", "dotfiles/themes")
        .link("/home/ann/dotfiles/themes/planted", "/home/ann/.ssh")
        .file("/home/ann/.ssh/id_ed25519", "hush");
    for home in ["", "home = \"game\"\n"] {
        let plan = host.plan(&desktop(&format!("{home}themes = true")));
        let themes = naming(&shown(&plan), &["themes"]);
        assert_eq!(themes, "link /home/ann/.themes -> dotfiles/themes\nread /home/ann/dotfiles/themes\n");
        assert_eq!(naming(&shown(&plan), &["ssh"]), "");
    }
}

#[test]
fn the_profiles_own_entries_and_variables_win() {
    let mut host = Host::new().folder("/home/ann/.fonts").folder("/home/ann/.icons");
    host.environment.push(("XCURSOR_SIZE", "48"));
    let profile = "[filesystem]\ntmpfs = [\"/home/ann/.icons\"]\n[environment]\nset = { XCURSOR_SIZE = \"24\" }\n";
    let plan = host.plan(&format!("{profile}[desktop]\nfonts = true\nicons = true\n"));
    assert_eq!(shown(&plan), "read /home/ann/.fonts\ntmpfs /home/ann/.icons 0755\n");
    assert_eq!(set(&plan), "XCURSOR_SIZE=24\n");
}

#[test]
fn the_language_is_the_callers() {
    assert_eq!(set(&Host::new().plan("")), "");
    assert_eq!(set(&Host::new().plan(&desktop("locale = true"))), "LANG=C.UTF-8\nLC_TIME=de_DE\n");
}

#[test]
fn dconf_is_one_file_that_cannot_be_changed() {
    let host = session().file("/home/ann/.config/dconf/user", "").file("/home/ann/.config/dconf/other", "");
    let plan = host.plan(&desktop("dconf = \"read\""));
    assert_eq!(shown(&plan), "read /home/ann/.config/dconf/user\ntmpfs /run/user/1000 0700\n");
    assert_eq!(shown(&host.plan(&desktop("dconf = \"none\""))), "");
    assert!(host.problems(&desktop("dconf = \"write\"")).contains("`write` is not one of `none`, `read`"));
}

#[test]
fn an_input_method_is_asked_for_by_name_on_the_bus_and_told_by_variables() {
    let mut host = session().socket("/run/user/1000/bus").file("/usr/bin/xdg-dbus-proxy", "");
    host.environment.push(("GTK_IM_MODULE", "ibus"));
    let plan = host.plan(&desktop("input-method = true"));
    let [service] = plan.services.as_slice() else { panic!("{:?}", plan.services) };
    let ServiceKind::Bus { rules, .. } = &service.kind else { panic!("{service:?}") };
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["org.freedesktop.portal.IBus", "org.freedesktop.portal.Fcitx", "org.freedesktop.portal.Fcitx5"]);
    assert_eq!(naming(&set(&plan), &["IM_MODULE", "IBUS"]), "GTK_IM_MODULE=ibus\nIBUS_USE_PORTAL=1\n");
    assert!(host.plan(&desktop("input-method = false")).services.is_empty());
}

#[test]
fn a_screen_reader_hears_of_the_windows_and_the_program_of_no_others() {
    let mut host = session()
        .file("/usr/bin/xdg-dbus-proxy", "")
        .socket("/run/user/1000/at-spi/bus_1")
        .socket("/run/user/1000/at-spi/bus_0");
    host.environment.push(("DISPLAY", ":1.0"));
    let plan = host.plan(&desktop("accessibility = true"));
    let [service] = plan.services.as_slice() else { panic!("{:?}", plan.services) };
    let ServiceKind::Bus { bus, socket, rules, .. } = &service.kind else { panic!("{service:?}") };
    assert_eq!((*bus, socket.to_str()), (Bus::Accessibility, Some("/run/user/1000/at-spi/bus_1")));
    assert!(rules.iter().all(|rule| rule.access == BusAccess::Call), "{rules:?}");
    assert!(rules.iter().all(|rule| rule.name.starts_with("org.a11y.atspi.Registry=org.a11y.atspi.")), "{rules:?}");
    assert!(set(&plan).contains("AT_SPI_BUS_ADDRESS=unix:path=/run/nsbox/accessibility-bus/bus\n"));
    let problems = session().problems(&desktop("accessibility = true"));
    assert!(problems.contains("there is no bus of screen readers here\n"), "{problems}");
    assert!(problems.contains("package at-spi2-core"), "{problems}");
}

#[test]
fn a_program_with_windows_looks_as_others_do_unless_the_profile_says_otherwise() {
    let mut host = session()
        .socket("/tmp/.X11-unix/X0")
        .file("/usr/bin/xdg-dbus-proxy", "")
        .socket("/run/user/1000/bus")
        .folder("/home/ann/.fonts")
        .folder("/home/ann/.themes")
        .folder("/home/ann/.icons")
        .file("/home/ann/.config/dconf/user", "");
    host.environment.extend([("DISPLAY", ":0"), ("XMODIFIERS", "@im=ibus")]);
    let look = |lines: &str| {
        let plan = host.plan(&desktop(lines));
        (naming(&shown(&plan), &["/home"]), naming(&set(&plan), &["LANG", "XMOD"]), plan.services.len())
    };
    let none = (String::new(), String::new(), 0);
    assert_eq!(look(""), none);
    assert_eq!(look("x11 = \"none\""), none);
    let all = "read /home/ann/.fonts\nread /home/ann/.icons\nread /home/ann/.themes\n";
    // No bus comes by itself, and the settings of GNOME do not.
    assert_eq!(look("x11 = \"host\""), (all.to_owned(), "LANG=C.UTF-8\nXMODIFIERS=@im=ibus\n".to_owned(), 1));
    let less = "x11 = \"host\"\nthemes = false\nlocale = false\ninput-method = false";
    assert_eq!(look(less), ("read /home/ann/.fonts\nread /home/ann/.icons\n".to_owned(), String::new(), 1));
    // It says which line asked for it.
    let plan = host.plan(&desktop("x11 = \"host\""));
    let fonts = plan.mounts.iter().find(|mount| mount.destination.ends_with(".fonts")).expect("the fonts");
    assert_eq!(fonts.origin.to_string(), "test.toml:2:7");
    // A bus that is there anyway serves the input method as well, and one of screen readers that is there is used.
    let plan = host.plan(&desktop("x11 = \"host\"\ndbus.session.talk = [\"org.example.Server\"]"));
    let names = plan.services.iter().find_map(|service| match &service.kind {
        ServiceKind::Bus { rules, .. } => Some(rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    assert!(names.is_some_and(|names| names.contains(&"org.freedesktop.portal.IBus".to_owned())));
    let readers = host.clone().socket("/run/user/1000/at-spi/bus_0").plan(&desktop("x11 = \"host\""));
    let buses = readers.services.iter().filter(|service| service.kind.name() == "accessibility-bus");
    assert_eq!(buses.count(), 1);
}
