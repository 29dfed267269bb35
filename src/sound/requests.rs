//! What a program sends to a sound server, as far as it may.

use super::packet::{Field, Fields, HEAD, Head, Malformed, NUMBER, command_head, number};
use super::rules::{AUTH, ERROR, NO_ACCESS, Own, Rule, may_describe, rule};

/// How long a cookie is, in bytes (`PA_NATIVE_COOKIE_LENGTH`).
pub const COOKIE: usize = 256;
/// What a version of the protocol is; the rest of that number offers shared memory (`PA_PROTOCOL_VERSION_MASK`).
const VERSION: u32 = 0xffff;
/// The first version in which shared memory is offered rather than taken for granted, from 2008.
const VERSION_MIN: u32 = 13;

/// What is the same for all programs of a sandbox.
#[derive(Debug)]
pub struct Terms {
    /// What lets them in; a program need not know.
    pub cookie: [u8; COOKIE],
    /// Whether sound may be recorded.
    pub may_record: bool,
}

/// Takes apart what comes from a program.
#[derive(Debug, Default)]
pub struct Requests {
    /// As much of a head, or of a whole command, as has come.
    packet: Vec<u8>,
    /// How much is still to come of sound that passes, in bytes.
    passing: usize,
    /// Whether the program has asked to be let in, before which it may do nothing else.
    is_let_in: bool,
}

impl Requests {
    /// Whether the program has asked to be let in.
    pub fn is_let_in(&self) -> bool {
        self.is_let_in
    }

    /// Takes what has come: what passes is added to `on`, and answers to what does not to `back`, whole.
    ///
    /// # Errors
    /// Where a server would end the connection, or what comes could be taken for something else by one.
    pub fn take(
        &mut self,
        mut come: &[u8],
        (terms, own): (&Terms, &Own),
        on: &mut Vec<u8>,
        back: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        while !come.is_empty() {
            if self.passing > 0 {
                let passes = self.passing.min(come.len());
                on.extend(come.split_off(..passes).unwrap_or_default());
                self.passing -= passes;
                continue;
            }
            let head = self.packet.first_chunk().map(Head::read);
            let whole = HEAD + head.map_or(0, |head| head.length);
            let part = come.len().min(whole - self.packet.len());
            self.packet.extend(come.split_off(..part).unwrap_or_default());
            match (head, self.packet.first_chunk()) {
                (None, Some(bytes)) => {
                    let head = Head::read(bytes);
                    if !head.may_pass() || !head.is_command && !self.is_let_in {
                        return Err(Malformed);
                    }
                    if !head.is_command {
                        on.append(&mut self.packet);
                        self.passing = head.length;
                    }
                }
                (Some(_), _) if self.packet.len() == whole => {
                    let packet = std::mem::take(&mut self.packet);
                    self.command(&packet[HEAD..], (terms, own), on, back)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn command(
        &mut self,
        body: &[u8],
        (terms, own): (&Terms, &Own),
        on: &mut Vec<u8>,
        back: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let mut fields = Fields(body);
        let (Some(Field::Number(command)), Some(Field::Number(tag))) = (fields.next()?, fields.next()?) else {
            return Err(Malformed);
        };
        self.is_let_in |= command == AUTH;
        if !self.is_let_in {
            return Err(Malformed);
        }
        let of = match Fields(fields.0).next()? {
            Some(Field::Number(number)) => Some(number),
            _ => None,
        };
        let passes = rule(command).is_some_and(|rule| match rule {
            Rule::Free => true,
            Rule::OwnPlayback => of.is_some_and(|stream| own.played.has(stream)),
            Rule::Recording => terms.may_record,
            Rule::OwnRecording => terms.may_record && of.is_some_and(|stream| own.recorded.has(stream)),
        });
        let mut body = [number(command), number(tag)].concat();
        match (passes, command) {
            (true, AUTH) => body.extend(credentials(fields, &terms.cookie)?),
            (true, _) => describe(fields, &mut body)?,
            (false, _) => {
                back.extend(command_head(3 * NUMBER));
                back.extend([number(ERROR), number(tag), number(NO_ACCESS)].as_flattened());
                return Ok(());
            }
        }
        on.extend(command_head(body.len()));
        on.extend(body);
        Ok(())
    }
}

/// The fields by which a program is let in: it says its version, and gets neither shared memory, which could be passed by this
/// filter only unseen, nor to know the cookie.
fn credentials(mut said: Fields<'_>, cookie: &[u8; COOKIE]) -> Result<Vec<u8>, Malformed> {
    match (said.next()?, said.next()?, said.next()?) {
        (Some(Field::Number(version)), Some(Field::Bytes(shown)), None)
            if version & VERSION >= VERSION_MIN && shown.len() == COOKIE =>
        {
            Ok([&number(version & VERSION)[..], b"x", &(COOKIE as u32).to_be_bytes(), cookie].concat())
        }
        _ => Err(Malformed),
    }
}

/// Adds the fields of a command, without properties that do more than describe.
fn describe(mut fields: Fields<'_>, body: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut is_in_list = false;
    loop {
        let all = fields.0;
        let Some(field) = fields.next()? else { return Ok(()) };
        let mut is_kept = true;
        match (field, is_in_list) {
            (Field::Properties, false) => is_in_list = true,
            (Field::NoText, true) => is_in_list = false,
            (Field::Text(name), true) => match (fields.next()?, fields.next()?) {
                (Some(Field::Number(length)), Some(Field::Bytes(value))) if length as usize == value.len() => {
                    is_kept = may_describe(name, value);
                }
                _ => return Err(Malformed),
            },
            (_, true) => return Err(Malformed),
            (_, false) => {}
        }
        if is_kept {
            body.extend(&all[..all.len() - fields.0.len()]);
        }
    }
}
