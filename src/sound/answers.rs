//! What a sound server sends to a program: all of it, and between its packets the answers to what never reached it.

use super::packet::{Field, Fields, HEAD, Head, NUMBER};
use super::rules::{Own, REPLY};

/// How much of a command is looked at, in bytes: nine numbers, and the letter of what comes next.
const LOOKED_AT: usize = 9 * NUMBER + 1;
/// The letter of how sound is sampled.
const SAMPLED: u8 = b'a';

/// Follows the packets of a server.
#[derive(Debug, Default)]
pub struct Answers {
    /// As much of a head, and of the beginning of a command, as has come.
    packet: Vec<u8>,
    /// How much is still to come of the body, in bytes.
    left: usize,
}

impl Answers {
    /// Takes what has come: all of it is added to `on`, and `back` wherever a packet ends.
    pub fn take(&mut self, mut come: &[u8], own: &mut Own, on: &mut Vec<u8>, back: &mut Vec<u8>) {
        while !come.is_empty() {
            let in_head = self.packet.len() < HEAD;
            let part = come.len().min(if in_head { HEAD - self.packet.len() } else { self.left });
            let come = come.split_off(..part).unwrap_or_default();
            on.extend(come);
            let kept = part.min(HEAD + LOOKED_AT - self.packet.len());
            self.packet.extend(&come[..kept]);
            match self.packet.first_chunk() {
                Some(head) if in_head => self.left = Head::read(head).length,
                _ => self.left -= if in_head { 0 } else { part },
            }
            if self.packet.len() >= HEAD && self.left == 0 {
                learn(&self.packet, own);
                self.packet.clear();
            }
            self.interject(on, back);
        }
    }

    /// Adds answers that wait in `back`, if no packet is under way.
    pub fn interject(&self, on: &mut Vec<u8>, back: &mut Vec<u8>) {
        if self.packet.is_empty() {
            on.append(back);
        }
    }
}

/// Learns of streams of the program's own. The answer to a new one alone begins with the two numbers that it has, others, and how
/// it is sampled: after five of its measures where it plays, and after two where it records (`protocol-native.c`).
fn learn(packet: &[u8], own: &mut Own) {
    let Some((head, body)) = packet.split_first_chunk() else { return };
    let (mut numbers, mut after) = (Vec::new(), body);
    let mut fields = Fields(body);
    while let Ok(Some(Field::Number(number))) = fields.next() {
        numbers.push(number);
        after = fields.0;
    }
    if !Head::read(head).is_command || after.first() != Some(&SAMPLED) {
        return;
    }
    match numbers[..] {
        [REPLY, _, _, stream, _, _, _, _, _] => own.played.add(stream),
        [REPLY, _, _, stream, _, _] => own.recorded.add(stream),
        _ => {}
    }
}
