//! Amounts as people write them: sizes, permissions, counts and spans of time.

use super::reader::plain;
use super::tree::{Node, Value};
use crate::error::Diagnostic;
use std::borrow::Cow;

const SIZE_HINT: &str =
    "a number of bytes, also with K, M or G, or a share of memory: `1048576`, `\"512M\"`, `\"25%\"`";
const MODE_HINT: &str = "octal permissions, at most 1777: `\"0700\"`";
const COUNT_HINT: &str = "digits alone: `512`";
const SPAN_HINT: &str = "a number of seconds, or numbers with d, h, m and s: `90`, `\"10m\"`, `\"1h30m\"`";
/// The largest count: beyond it the kernel's own type is signed.
const COUNT_MAX: u64 = i64::MAX as u64;
/// The longest span, in seconds: a century.
const SPAN_MAX: u64 = 100 * 366 * 86400;

/// A size in bytes; never none at all, which the kernel takes for boundless.
pub fn size(node: &Node, memory: u64) -> Result<u64, Diagnostic> {
    size_of(node, memory).ok_or_else(|| unreadable(node, "size").hint(SIZE_HINT))
}

/// A size in bytes, or 0 for none at all.
pub fn size_or_none(node: &Node, memory: u64) -> Result<u64, Diagnostic> {
    let is_none = match &node.value {
        Value::Integer(digits, _) => digits.bytes().all(|digit| digit == b'0'),
        _ => plain(node).is_some_and(|text| text == "0"),
    };
    if is_none { Ok(0) } else { size(node, memory) }
}

/// Permission bits.
pub fn mode(node: &Node) -> Result<u32, Diagnostic> {
    mode_of(node).ok_or_else(|| unreadable(node, "mode").hint(MODE_HINT))
}

/// How many of something; at least one.
pub fn count(node: &Node) -> Result<u64, Diagnostic> {
    let number = match &node.value {
        Value::Integer(digits, radix) => u64::from_str_radix(digits, *radix).ok(),
        _ => plain(node).and_then(|text| digits(&text)),
    };
    let number = number.filter(|number| (1..=COUNT_MAX).contains(number));
    number.ok_or_else(|| too_many(node).unwrap_or_else(|| unreadable(node, "number from 1 up").hint(COUNT_HINT)))
}

/// A count of nothing but digits, beyond what the kernel counts to.
fn too_many(node: &Node) -> Option<Diagnostic> {
    let written = node.place.words().trim_matches('"');
    let is_large = written.len() > 18 && written.bytes().all(|byte| byte.is_ascii_digit());
    is_large.then(|| node.place.error(format!("`{written}` is too large")))
}

/// A span of time in seconds; at least one.
pub fn span(node: &Node) -> Result<u64, Diagnostic> {
    let seconds = span_of(node).filter(|(seconds, negative)| *seconds > 0 && !negative);
    seconds.map(|(seconds, _)| seconds).ok_or_else(|| unreadable(node, "span of time").hint(SPAN_HINT))
}

/// A span of time in seconds, which may go backwards, and may be none.
pub fn offset(node: &Node) -> Result<i64, Diagnostic> {
    let (seconds, negative) = span_of(node).ok_or_else(|| unreadable(node, "span of time").hint(SPAN_HINT))?;
    let seconds = seconds as i64;
    Ok(if negative { -seconds } else { seconds })
}

fn size_of(node: &Node, memory: u64) -> Option<u64> {
    let text = match &node.value {
        Value::Integer(digits, radix) => return u64::from_str_radix(digits, *radix).ok().filter(|size| *size > 0),
        _ => plain(node)?,
    };
    let text = text.trim();
    let size = if let Some(percent) = text.strip_suffix('%') {
        let percent = digits(percent).filter(|percent| *percent <= 100)?;
        u64::try_from(u128::from(memory) * u128::from(percent) / 100).ok()?
    } else {
        let (number, shift) = match text.as_bytes().last()?.to_ascii_uppercase() {
            b'K' => (&text[..text.len() - 1], 10),
            b'M' => (&text[..text.len() - 1], 20),
            b'G' => (&text[..text.len() - 1], 30),
            _ => (text, 0),
        };
        digits(number)?.checked_mul(1 << shift)?
    };
    // Beyond this the kernel's own type is signed.
    (size > 0 && size <= i64::MAX as u64).then_some(size)
}

/// Permission bits, written in octal: a string, or a number that says so (`0o700`).
fn mode_of(node: &Node) -> Option<u32> {
    let digits = match &node.value {
        Value::Integer(digits, 8) => Cow::Borrowed(digits.as_str()),
        Value::Integer(..) => return None,
        _ => plain(node)?,
    };
    let digits = digits.strip_prefix("0o").unwrap_or(&digits);
    let octal = !digits.is_empty() && digits.bytes().all(|b| (b'0'..=b'7').contains(&b));
    octal.then(|| u32::from_str_radix(digits, 8).ok())?.filter(|mode| mode & !0o1777 == 0)
}

/// Seconds, and whether there is a minus before them.
fn span_of(node: &Node) -> Option<(u64, bool)> {
    let text = match &node.value {
        Value::Integer(digits, 10) => Cow::Borrowed(digits.as_str()),
        _ => plain(node)?,
    };
    let (text, negative) = text.strip_prefix('-').map_or((&*text, false), |text| (text, true));
    let seconds = match digits(text) {
        Some(seconds) => seconds,
        None => with_units(text)?,
    };
    (seconds <= SPAN_MAX).then_some((seconds, negative))
}

/// One number after the other, each with a smaller unit than the one before.
fn with_units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    for (unit, seconds) in [('d', 86400), ('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            sum = sum.checked_add(digits(number)?.checked_mul(seconds)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(sum)
}

/// A number of nothing but digits; `parse` would take a sign as well.
fn digits(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn unreadable(node: &Node, what: &str) -> Diagnostic {
    let shown = match &node.value {
        Value::Text(text) => format!("`{text}`"),
        Value::Word(word) => format!("`{}`", word.display()),
        Value::Integer(digits, _) => format!("`{digits}`"),
        other => other.kind().to_owned(),
    };
    node.place.error(format!("{shown} is no {what}"))
}
