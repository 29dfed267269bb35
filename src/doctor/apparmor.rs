//! The AppArmor profile under which nsbox may make user namespaces where a host restricts them (apparmor.d(5)).

use std::path::Path;

/// Writes the profile for nsbox at this path, which belongs to root or not.
///
/// It confines nothing. The restriction is on programs without a profile, so nsbox gets one by name, and the right to make
/// user namespaces in it; what it runs is confined by nsbox.
pub fn profile(program: &Path, is_roots: bool) -> String {
    let place = attachment(&program.to_string_lossy());
    let warning = if is_roots {
        ""
    } else {
        "#\n# This file is not root's: whoever may replace it may make user namespaces. Better install it in /usr/local/bin.\n"
    };
    format!(
        "\
# nsbox makes user namespaces, which Ubuntu from 23.10 on takes the privileges away from for programs without a
# profile. This one confines nothing: it names nsbox, so that the right to make them can be given to it alone.
{warning}#
# Put it into /etc/apparmor.d/nsbox, and load it: apparmor_parser -r /etc/apparmor.d/nsbox
abi <abi/4.0>,
include <tunables/global>

profile nsbox {place} flags=(unconfined) {{
  userns,

  # What is to hold on this host only.
  include if exists <local/nsbox>
}}
"
    )
}

/// A path as AppArmor reads it: its own patterns taken literally, and in quotes where it would be cut.
fn attachment(path: &str) -> String {
    let mut literal = String::new();
    for c in path.chars() {
        if "\\*?[]{}^@\"".contains(c) {
            literal.push('\\');
        }
        literal.push(c);
    }
    if literal == path && !path.contains(char::is_whitespace) { literal } else { format!("\"{literal}\"") }
}

#[cfg(test)]
mod tests {
    use super::profile;
    use std::path::Path;

    #[test]
    fn what_packages_install_is_what_is_printed() {
        let shipped = include_str!("../../dist/apparmor.d/nsbox");
        assert_eq!(profile(Path::new("/usr/bin/nsbox"), true), shipped);
    }

    #[test]
    fn a_path_stays_a_path() {
        let line = |path: &str| {
            let text = profile(Path::new(path), false);
            assert!(text.contains("not root's"));
            text.lines().find(|line| line.starts_with("profile")).expect("a profile").to_owned()
        };
        assert_eq!(line("/home/ann/.cargo/bin/nsbox"), "profile nsbox /home/ann/.cargo/bin/nsbox flags=(unconfined) {");
        assert_eq!(line("/home/ann b/ns*"), "profile nsbox \"/home/ann b/ns\\*\" flags=(unconfined) {");
    }
}
