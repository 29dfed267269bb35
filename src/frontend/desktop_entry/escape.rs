//! The escapes in the values of a desktop entry (Desktop Entry Specification 1.5, "Possible value types").

/// A value as it is meant. A backslash that begins no escape stands for itself, as launchers have it.
pub fn unescape(written: &str) -> String {
    let mut meant = String::with_capacity(written.len());
    let mut characters = written.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            meant.push(c);
            continue;
        }
        match characters.next() {
            Some('s') => meant.push(' '),
            Some('n') => meant.push('\n'),
            Some('t') => meant.push('\t'),
            Some('r') => meant.push('\r'),
            Some('\\') | None => meant.push('\\'),
            Some(other) => meant.extend(['\\', other]),
        }
    }
    meant
}

/// A value as it is written.
pub fn escape(meant: &str) -> String {
    let mut written = String::with_capacity(meant.len());
    for (at, c) in meant.char_indices() {
        match c {
            '\\' => written.push_str(r"\\"),
            '\n' => written.push_str(r"\n"),
            '\t' => written.push_str(r"\t"),
            '\r' => written.push_str(r"\r"),
            // Spaces around the equals sign are no part of a value.
            ' ' if at == 0 => written.push_str(r"\s"),
            c => written.push(c),
        }
    }
    written
}

/// The items of a list as they are meant: each ends with a semicolon.
pub fn items(written: &str) -> Vec<String> {
    let (mut all, mut item) = (Vec::new(), String::new());
    let mut characters = written.chars();
    while let Some(c) = characters.next() {
        match c {
            ';' => all.push(unescape(&std::mem::take(&mut item))),
            '\\' => match characters.next() {
                Some(';') => item.push(';'),
                other => item.extend(['\\'].into_iter().chain(other)),
            },
            c => item.push(c),
        }
    }
    all.push(unescape(&item));
    all.retain(|item| !item.is_empty());
    all
}

/// A list as it is written.
pub fn list(items: &[String]) -> String {
    items.iter().map(|item| escape(item).replace(';', r"\;") + ";").collect()
}

#[cfg(test)]
mod tests {
    use super::{escape, items, list, unescape};

    #[test]
    fn what_is_escaped_comes_back_and_a_stray_backslash_stays() {
        for text in ["", " a b", "a\tb\nc\rd", r"C:\new", "é"] {
            assert_eq!(unescape(&escape(text)), text);
        }
        assert_eq!(unescape(r"a\sb\\n\x\"), r"a b\n\x\");
    }

    #[test]
    fn a_list_comes_back_whatever_is_in_it() {
        let all = ["/a;b".to_owned(), r"/c\".to_owned(), "/d e".to_owned()];
        assert_eq!(list(&all), r"/a\;b;/c\\;/d e;");
        assert_eq!(items(&list(&all)), all);
        assert_eq!(items("Network;WebBrowser"), ["Network", "WebBrowser"], "without a last semicolon");
        assert!(items("").is_empty());
    }
}
