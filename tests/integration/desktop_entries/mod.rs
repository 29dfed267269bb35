//! `desktop`: entries that start programs in their sandboxes, launchers, and that nothing else is touched.

mod guarding;
mod refusing;
mod starting;

use crate::support::{Host, Ran};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The folder of the person's own entries in a home, and that of launchers.
const OWN: &str = ".local/share/applications";
const PROGRAMS: &str = ".local/bin";
/// An editor of documents, whose file has a name that must be quoted; where `@` stands, the home folder.
const EDITOR: &str = "\
#!/usr/bin/env xdg-open
[Desktop Entry]
Name=Editor
Name[de]=Schreiber
# Translators: leave the semicolons
Keywords=write;edit;
TryExec=@/my bin/edit
Exec=\"@/my bin/edit\" --title=%c %i \"a b\" \"\\\\$HOME\" 100%% %F
Icon=org.example.Editor
MimeType=text/plain;text/html;
Type=Application
DBusActivatable=true
Actions=new;

[Desktop Action new]
Name=New
Exec=\"@/my bin/edit\" --new %u
";

/// A home with the entry of an editor, the editor, and a profile that shows it and a folder to write in.
fn host() -> Host {
    let host = Host::new();
    program(&host, "my bin/edit", "#!/bin/sh\nuname -n\nprintf '<%s>\\n' \"$@\"\n");
    write_entry(&host, "org.example.Editor", EDITOR);
    host.write(".config/nsbox/profiles/mine.toml", "extends = [\"base\"]\n[filesystem]\nread = [\"${HOME}/my bin\"]\n");
    host
}

fn program(host: &Host, name: &str, text: &str) {
    let path = host.write(name, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a program");
}

fn write_entry(host: &Host, id: &str, text: &str) -> PathBuf {
    let home = host.home().display().to_string();
    host.write(&format!("system/applications/{id}.desktop"), text.replace('@', &home))
}

/// `nsbox desktop` with these words, which finds entries in the home's `system`.
fn desktop(host: &Host, line: &str) -> Ran {
    let mut command = host.sandbox(["desktop"].into_iter().chain(line.split(' ')));
    command.env("XDG_DATA_DIRS", host.home().join("system"));
    Ran::of(command)
}

fn own(host: &Host, id: &str) -> PathBuf {
    host.home().join(OWN).join(format!("{id}.desktop"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// Everything below a folder: what it is, its mode, and what it holds.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (String, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let metadata = path.symlink_metadata().expect("an entry");
        let kind = metadata.file_type();
        let holds = match (kind.is_symlink(), kind.is_file()) {
            (true, _) => fs::read_link(&path).expect("a symlink").into_os_string().into_encoded_bytes(),
            (_, true) => fs::read(&path).expect("a file"),
            _ => Vec::new(),
        };
        if kind.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path, (format!("{kind:?}"), metadata.permissions().mode(), holds));
    }
    found
}

/// The value of a key in a group, as launchers read it.
fn value(text: &str, group: &str, key: &str) -> String {
    let group =
        text.split(&format!("[{group}]\n")).nth(1).and_then(|rest| rest.split("\n[").next()).expect("the group");
    let value = group.lines().filter_map(|line| line.split_once('=')).find(|(known, _)| known.trim() == key);
    value.expect("the key").1.trim_start().to_owned()
}

/// The words that a launcher would start, by the specification alone: escapes, then quotes, then field codes, for one
/// document and with the name and icon of the entry.
fn started(text: &str, group: &str, path: &Path, file: &str) -> Vec<String> {
    let mut value = value(text, group, "Exec").replace("\\\\", "\u{1}").replace("\\s", " ").replace('\u{1}', "\\");
    let mut words: Vec<(String, bool)> = Vec::new();
    while !value.trim_start().is_empty() {
        let rest = value.trim_start().to_owned();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (mut word, mut at) = (String::new(), 0);
            let bytes = quoted.as_bytes();
            while bytes[at] != b'"' {
                at += usize::from(bytes[at] == b'\\');
                word.push(bytes[at] as char);
                at += 1;
            }
            words.push((word, true));
            value = quoted[at + 1..].to_owned();
        } else {
            let (word, left) = rest.split_once(' ').unwrap_or((&rest, ""));
            words.push((word.to_owned(), false));
            value = left.to_owned();
        }
    }
    let icon = || vec!["--icon".to_owned(), self::value(text, "Desktop Entry", "Icon")];
    let expand = |(word, quoted): (String, bool)| match word.as_str() {
        "%f" | "%F" | "%u" | "%U" if !quoted => vec![file.to_owned()],
        "%i" if !quoted => icon(),
        "%k" if !quoted => vec![path.display().to_string()],
        _ => vec![word.replace("%c", "Editor").replace("%%", "%")],
    };
    words.into_iter().flat_map(expand).collect()
}

/// Starts what an entry says, as a launcher would.
fn launch(host: &Host, id: &str, group: &str, file: &str) -> Ran {
    let path = own(host, id);
    let words = started(&read(&path), group, &path, file);
    let mut command = host.command(&words[0]);
    command.args(&words[1..]);
    Ran::of(command)
}
