//! The command in an `Exec` key: words, quotes and field codes (Desktop Entry Specification 1.5, "The Exec key").
//!
//! All of this is about the value behind the escapes of `escape`, which come first.

/// What makes it necessary to quote a word.
const RESERVED: &str = " \t\n\"'\\><~|&;$*?#()`";
/// What a backslash stands in front of, between quotes.
const ESCAPED: &str = "\"`$\\";
/// The field codes that stand for files or addresses, and those that stood for them once.
const FILES: &str = "fFuUdDnN";

/// The words of a command, field codes as they are; nothing where a quote is not closed.
///
/// The specification knows only `"`; launchers take apostrophes and backslashes as a shell does, and so do entries.
pub fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => between_quotes(&mut characters, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(characters.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// Reads on to the closing quote; nothing where there is none.
fn between_quotes(characters: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match characters.next()? {
            '"' => return Some(()),
            '\\' => match characters.next()? {
                c if ESCAPED.contains(c) => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// A word as it is written in a command, whatever is in it.
pub fn quoted(word: &str) -> String {
    let word = word.replace('%', "%%");
    if !word.is_empty() && !word.contains(|c| RESERVED.contains(c)) {
        return word;
    }
    let mut quoted = "\"".to_owned();
    for c in word.chars() {
        if ESCAPED.contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted + "\""
}

/// The same command, with files in the places of addresses: only a file can be shown to a sandbox.
pub fn with_files(command: &str) -> String {
    let mut changed = String::with_capacity(command.len());
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        changed.push(c);
        if c == '%' {
            changed.extend(characters.next().map(|code| match code {
                'u' => 'f',
                'U' => 'F',
                other => other,
            }));
        }
    }
    changed
}

/// Which word names the program: env(1) and what it sets stand in front of some.
pub fn program(words: &[String]) -> Option<usize> {
    let first = words.first()?;
    if first != "env" && !first.ends_with("/env") {
        return Some(0);
    }
    let mut rest = words.iter().enumerate().skip(1);
    while let Some((at, word)) = rest.next() {
        match word.as_str() {
            "-u" | "--unset" | "-C" | "--chdir" => drop(rest.next()),
            _ if word.contains('=') || word.starts_with('-') => {}
            _ => return Some(at),
        }
    }
    None
}

/// A word of a command where no launcher fills in its field codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// What it says.
    Word(String),
    /// It stood for files or addresses.
    Files,
    /// It stood for something else that only a launcher knows.
    Nothing,
}

/// What is left of a word without its field codes.
pub fn plain(word: &str) -> Plain {
    let mut kept = String::with_capacity(word.len());
    let mut left_out = None;
    let mut characters = word.chars();
    while let Some(c) = characters.next() {
        match (c, if c == '%' { characters.next() } else { None }) {
            ('%', Some('%')) => kept.push('%'),
            ('%', Some(code)) if FILES.contains(code) => left_out = Some(Plain::Files),
            ('%', _) => left_out = left_out.or(Some(Plain::Nothing)),
            (c, _) => kept.push(c),
        }
    }
    left_out.unwrap_or(Plain::Word(kept))
}

#[cfg(test)]
mod tests {
    use super::{Plain, plain, program, quoted, with_files, words};

    #[test]
    fn a_command_falls_into_words_as_launchers_have_it() {
        let cases: [(&str, &[&str]); 7] = [
            ("firefox-esr %u", &["firefox-esr", "%u"]),
            (r#"sh -c "a b" %F"#, &["sh", "-c", "a b", "%F"]),
            (r#""/opt/my app/run"  --x="a b""#, &["/opt/my app/run", "--x=a b"]),
            (r#"a "b\"c\\d\$e\`f\g" """#, &["a", r#"b"c\d$e`f\g"#, ""]),
            (r#"sh -c 'echo \"$1\"' x"#, &["sh", "-c", r#"echo \"$1\""#, "x"]),
            (r"a\ b c", &["a b", "c"]),
            ("  ", &[]),
        ];
        for (command, expected) in cases {
            assert_eq!(words(command).expect("words"), expected, "{command}");
        }
        for open in [r#"a "b"#, "a 'b", r"a \", r#"a "b\"#] {
            assert_eq!(words(open), None, "{open}");
        }
    }

    #[test]
    fn a_quoted_word_is_read_as_it_was() {
        for word in ["nsbox", "", "/opt/my app/x", r#"a"b`c$d\e"#, "it's", "~", "50%", "ünï", "a=b"] {
            assert_eq!(words(&quoted(word)), Some(vec![word.replace('%', "%%")]), "{word}");
        }
        assert_eq!(quoted("/usr/bin/nsbox"), "/usr/bin/nsbox");
        assert_eq!(quoted("a b$"), r#""a b\$""#);
    }

    #[test]
    fn files_take_the_place_of_addresses_and_of_nothing_else() {
        assert_eq!(with_files("x %U %u %%u %f %i %%%u u"), "x %F %f %%u %f %i %%%f u");
    }

    #[test]
    fn the_program_stands_behind_env_and_what_it_sets() {
        let program = |command: &str| program(&words(command).expect("words"));
        assert_eq!(program("/usr/bin/code --x %F"), Some(0));
        assert_eq!(program("env -u A BAMF=1 B=2 /opt/x %U"), Some(5));
        assert_eq!(program("env A=1"), None);
    }

    #[test]
    fn without_a_launcher_field_codes_stand_for_nothing() {
        assert_eq!(plain("100%%"), Plain::Word("100%".into()));
        assert_eq!(plain("--file=%f"), Plain::Files);
        assert_eq!(plain("%i"), Plain::Nothing);
        assert_eq!(plain("x"), Plain::Word("x".into()));
    }
}
