//! What passes the filter, and what does not, whatever comes.

use super::answers::Answers;
use super::packet::{BODY_MAX, COMMAND_MAX, Field, Fields, HEAD, Head, Malformed, command_head, number};
use super::requests::{COOKIE, Requests, Terms};
use super::rules::{Own, Rule, may_describe, rule};
use proptest::prelude::*;

const AUTH: u32 = 8;
const CREATE_PLAYBACK_STREAM: u32 = 3;
const CREATE_RECORD_STREAM: u32 = 5;
const SET_CLIENT_NAME: u32 = 9;
const STAT: u32 = 13;
const SET_SINK_INPUT_VOLUME: u32 = 37;
const LOAD_MODULE: u32 = 51;
const SET_SOURCE_OUTPUT_MUTE: u32 = 99;

fn terms(may_record: bool) -> Terms {
    Terms { cookie: [7; COOKIE], may_record }
}

/// A packet with a command.
fn command(command: u32, tag: u32, fields: &[u8]) -> Vec<u8> {
    let body = [&number(command), &number(tag), fields].concat();
    [&command_head(body.len()), &*body].concat()
}

/// One by which a program asks to be let in.
fn auth(version: u32, cookie: u8) -> Vec<u8> {
    command(AUTH, 0, &[&number(version)[..], b"x\0\0\x01\0", &[cookie; COOKIE]].concat())
}

/// Properties, as a field.
fn properties(all: &[(&str, &[u8])]) -> Vec<u8> {
    let property = |(name, value): &(&str, &[u8])| {
        let length = value.len() as u32;
        [b"t", name.as_bytes(), b"\0", &number(length), b"x", &length.to_be_bytes(), value].concat()
    };
    [b"P", &*all.iter().flat_map(property).collect::<Vec<_>>(), b"N"].concat()
}

/// A packet with sound for a stream.
fn sound(channel: u32, flags: u32, body: &[u8]) -> Vec<u8> {
    [[body.len() as u32, channel, 0, 0, flags].map(u32::to_be_bytes).as_flattened(), body].concat()
}

/// What the filter answers instead of the server.
fn refusal(tag: u32) -> Vec<u8> {
    command(0, tag, &number(1))
}

/// What passes, and what is answered.
type Passed = (Vec<u8>, Vec<u8>);

/// What passes of bytes that come in parts of that many.
fn filter_in(parts: usize, bytes: &[u8], terms: &Terms, own: &Own) -> (Passed, Result<(), Malformed>) {
    let (mut on, mut back) = (Vec::new(), Vec::new());
    let mut requests = Requests::default();
    let ended = bytes.chunks(parts).try_for_each(|part| requests.take(part, (terms, own), &mut on, &mut back));
    ((on, back), ended)
}

/// What passes after a program was let in, which stands for itself.
fn filter(bytes: &[u8], may_record: bool, own: &Own) -> Result<Passed, Malformed> {
    let all = [auth(35, 7), bytes.to_vec()].concat();
    let ((on, back), ended) = filter_in(all.len(), &all, &terms(may_record), own);
    ended.map(|()| (on[auth(35, 7).len()..].to_vec(), back))
}

fn own() -> Own {
    let mut own = Own::default();
    own.played.add(3);
    own.recorded.add(4);
    own
}

#[test]
fn a_program_is_let_in_by_the_filters_cookie_and_without_shared_memory() {
    let passed = |bytes: &[u8]| filter_in(bytes.len(), bytes, &terms(false), &own());
    assert_eq!(passed(&auth(0xc000_0023, 1)), ((auth(35, 7), vec![]), Ok(())));
    let nothing = ((vec![], vec![]), Err(Malformed));
    let short = command(AUTH, 0, &[&number(35)[..], b"x\0\0\0\x01\0"].concat());
    let long = command(AUTH, 0, &[&auth(35, 7)[HEAD + 10..], b"N"].concat());
    // Before version 13 shared memory is not offered, but taken for granted.
    for refused in [auth(12, 7), auth(0x8000_000c, 7), short, long, command(STAT, 1, &[]), sound(0, 0, b"x")] {
        assert_eq!(passed(&refused), nothing, "{refused:?}");
    }
}

#[test]
fn what_is_not_allowed_is_answered_under_its_own_tag_and_passes_never() {
    let load = command(LOAD_MODULE, 77, b"tmodule-pipe-sink\0tfile=/tmp/x\0");
    let stat = command(STAT, 78, &[]);
    let passed = filter(&[stat.clone(), load.clone(), stat.clone()].concat(), true, &own());
    assert_eq!(passed, Ok(([stat.clone(), stat].concat(), refusal(77))));
    for refused in (0..200).chain([u32::MAX]).filter(|command| rule(*command).is_none()) {
        assert_eq!(filter(&command(refused, 1, &number(3)), true, &own()), Ok((vec![], refusal(1))), "{refused}");
    }
}

#[test]
fn only_whoever_may_record_does() {
    let free = (0..200).filter(|command| rule(*command) == Some(Rule::Free)).collect::<Vec<_>>();
    assert!(!free.contains(&CREATE_RECORD_STREAM) && free.contains(&CREATE_PLAYBACK_STREAM));
    let record = command(CREATE_RECORD_STREAM, 5, &number(4));
    assert_eq!(filter(&record, false, &own()), Ok((vec![], refusal(5))));
    assert_eq!(filter(&record, true, &own()), Ok((record, vec![])));
}

#[test]
fn only_own_streams_are_changed() {
    for (call, may_record, streams) in [
        (SET_SINK_INPUT_VOLUME, false, vec![3]),
        (SET_SOURCE_OUTPUT_MUTE, true, vec![4]),
        (SET_SOURCE_OUTPUT_MUTE, false, vec![]),
    ] {
        for stream in 0..6 {
            let change = command(call, 9, &number(stream));
            let expected = if streams.contains(&stream) { (change.clone(), vec![]) } else { (vec![], refusal(9)) };
            assert_eq!(filter(&change, may_record, &own()), Ok(expected), "{call} of {stream}");
        }
        assert_eq!(filter(&command(call, 9, b"tthree\0"), may_record, &own()), Ok((vec![], refusal(9))));
    }
}

#[test]
fn properties_that_do_more_than_describe_are_taken_out() {
    let kept: [(&str, &[u8]); 4] = [
        ("application.name", b"Player\0"),
        ("media.role", b"music\0"),
        ("application.process.binary", b"player\0"),
        ("window.x11.display", b":0\0"),
    ];
    let taken_out: [(&str, &[u8]); 10] = [
        ("filter.apply", b"ladspa-sink\0"),
        ("filter.apply.ladspa-sink.parameters", b"plugin=/tmp/x.so\0"),
        ("filter.want", b"echo-cancel\0"),
        ("remote.name", b"/tmp/socket\0"),
        ("media.class", b"Audio/Sink\0"),
        ("media.", b"\0"),
        ("module-stream-restore.id", b"x\0"),
        ("application.process.binary", b"../../tmp/x\0"),
        ("application.name", b"no end"),
        ("", b"\0"),
    ];
    assert!(taken_out.iter().all(|(name, value)| !may_describe(name.as_bytes(), value)));
    for i in 0..=kept.len() {
        let all = [&kept[..i], &taken_out, &kept[i..]].concat();
        let asked = command(SET_CLIENT_NAME, 2, &[properties(&all), b"1".to_vec()].concat());
        let passes = command(SET_CLIENT_NAME, 2, &[properties(&kept), b"1".to_vec()].concat());
        assert_eq!(filter(&asked, false, &own()), Ok((passes, vec![])));
    }
}

#[test]
fn what_could_be_read_in_two_ways_ends_the_connection() {
    let set = |fields: &[u8]| filter(&command(SET_CLIENT_NAME, 2, fields), false, &own());
    for fields in [
        // A type that there is not, fields cut short, a list without an end that something follows.
        &b"Q"[..],
        b"tno end",
        b"L\0\0\0",
        b"x\xff\xff\xff\xff",
        b"v\x02\0\0\0\0",
        b"PL\0\0\0\0",
        b"Ptmedia.name\0N",
        // Two lengths of one value.
        b"Ptmedia.name\0L\0\0\0\x01x\0\0\0\x02a\0N",
    ] {
        assert_eq!(set(fields), Err(Malformed), "{fields:?}");
    }
    // Every kind of field.
    let all = b"tx\0NL\0\0\0\x01B\x01R\0\0\0\0\0\0\0\x01r\0\0\0\0\0\0\0\x01a\x03\x02\0\0\xac\x44x\0\0\0\x01!10\
                T\0\0\0\0\0\0\0\0U\0\0\0\0\0\0\0\0m\x02\x01\x02v\x02\0\x01\0\0\0\x01\0\0PNV\0\x01\0\0fB\x01PN";
    assert_eq!(set(all), Ok((command(SET_CLIENT_NAME, 2, all), vec![])));
}

#[test]
fn heads_that_a_server_would_not_take_end_the_connection() {
    let head = |length: usize, channel: u32, flags: u32| {
        let words = [length as u32, channel, 0, 0, flags].map(u32::to_be_bytes);
        filter(words.as_flattened(), true, &own()).map(|(on, _)| on.len())
    };
    assert_eq!([head(1, 0, 3), head(BODY_MAX, 0, 0)], [Ok(HEAD); 2]);
    assert_eq!([head(10, u32::MAX, 0), head(COMMAND_MAX, u32::MAX, 0)], [Ok(0); 2]);
    let too = [head(0, 0, 0), head(BODY_MAX + 1, 0, 0), head(9, u32::MAX, 0), head(COMMAND_MAX + 1, u32::MAX, 0)];
    assert_eq!(too, [Err(Malformed); 4]);
    // Sound in shared memory, and word of it; a command with any flag.
    for flags in [0x8000_0000, 0x4000_0000, 0xc000_0000, 0x2000_0000, 0x0100_0000] {
        assert_eq!([head(16, 0, flags), head(16, u32::MAX, flags)], [Err(Malformed); 2], "{flags:x}");
    }
    assert_eq!(head(16, u32::MAX, 1), Err(Malformed));
}

#[test]
fn streams_are_a_programs_own_once_the_server_says_so() {
    let numbers = |all: &[u32]| all.iter().flat_map(|value| number(*value)).collect::<Vec<_>>();
    let sampled = b"a\x03\x02\0\0\xac\x44";
    let answer = |kind: u32, all: &[u32], rest: &[u8]| command(kind, 1, &[&numbers(all), rest].concat());
    let learnt = |packet: &[u8]| {
        let (mut own, mut on, mut back) = (Own::default(), Vec::new(), Vec::new());
        Answers::default().take(packet, &mut own, &mut on, &mut back);
        assert_eq!(on, packet);
        (0..100)
            .filter(|n| own.played.has(*n))
            .map(|n| ('p', n))
            .chain((0..100).filter(|n| own.recorded.has(*n)).map(|n| ('r', n)))
            .collect::<Vec<_>>()
    };
    assert_eq!(learnt(&answer(2, &[0, 42, 1, 2, 3, 4, 5], sampled)), [('p', 42)]);
    assert_eq!(learnt(&answer(2, &[0, 42, 1, 2], sampled)), [('r', 42)]);
    // The memory of the server, an event, other numbers of numbers, sound that looks like an answer.
    for other in [
        answer(2, &[0, 42, 1, 2, 3], b""),
        answer(66, &[0, 42, 1, 2, 3, 4, 5], sampled),
        answer(2, &[0, 42, 1, 2, 3, 4, 5, 6], sampled),
        answer(2, &[0, 42, 1], sampled),
        sound(0, 0, &answer(2, &[0, 42, 1, 2, 3, 4, 5], sampled)[HEAD..]),
    ] {
        assert_eq!(learnt(&other), [], "{other:?}");
    }
}

#[test]
fn answers_of_the_filter_come_between_packets_of_the_server() {
    let (first, second) = (sound(1, 0, &[9; 30]), command(66, u32::MAX, &number(1)));
    let all = [&first[..], &second].concat();
    for at in 0..=all.len() {
        let (mut own, mut on, mut back) = (Own::default(), Vec::new(), Vec::new());
        let mut answers = Answers::default();
        answers.take(&all[..at], &mut own, &mut on, &mut back);
        back.extend(refusal(5));
        answers.interject(&mut on, &mut back);
        answers.take(&all[at..], &mut own, &mut on, &mut back);
        let place = if at == 0 {
            0
        } else if at <= first.len() {
            first.len()
        } else {
            all.len()
        };
        assert_eq!(on, [&all[..place], &refusal(5), &all[place..]].concat(), "{at}");
        assert!(back.is_empty());
    }
}

/// Reads what passed as a server would, and fails where it holds what must not pass.
fn assert_harmless(mut on: &[u8], may_record: bool, own: &Own) {
    while let Some(head) = on.first_chunk::<HEAD>().map(Head::read) {
        assert!(head.may_pass());
        on = &on[HEAD..];
        let body = &on[..head.length.min(on.len())];
        on = &on[body.len()..];
        if !head.is_command {
            continue;
        }
        assert_eq!(body.len(), head.length, "commands pass whole");
        let mut fields = Fields(body);
        let mut next = || fields.next().expect("fields");
        let (Some(Field::Number(command)), Some(Field::Number(_))) = (next(), next()) else { panic!("no command") };
        match rule(command).expect("a command that is allowed") {
            Rule::Free => {}
            Rule::Recording => assert!(may_record),
            Rule::OwnPlayback => assert!(matches!(next(), Some(Field::Number(n)) if own.played.has(n))),
            Rule::OwnRecording => {
                assert!(may_record && matches!(next(), Some(Field::Number(n)) if own.recorded.has(n)))
            }
        }
        let mut is_in_list = false;
        while let Some(field) = next() {
            match field {
                Field::Properties => is_in_list = true,
                Field::NoText => is_in_list = false,
                Field::Text(name) if is_in_list => {
                    let (length, value) = (next(), next());
                    let Some(Field::Bytes(value)) = value else { panic!("no value after {length:?}") };
                    assert!(may_describe(name, value));
                }
                _ => {}
            }
        }
    }
    assert!(on.is_empty());
}

/// A packet, more or less.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let fields = prop_oneof![
        any::<u32>().prop_map(|value| number(value % 8).to_vec()),
        prop::sample::select(vec!["filter.apply", "media.name", "application.name", "x"]).prop_flat_map(|name| {
            any::<Vec<u8>>().prop_map(move |value| properties(&[(name, &value), (name, b"a\0")]))
        }),
        prop::sample::select(vec![&b"N"[..], b"P", b"1", b"tx\0", b"f", b"B\x01", b"v\x01\0\0\0\0"])
            .prop_map(<[u8]>::to_vec),
    ];
    prop_oneof![
        4 => (0..110u32, any::<u32>(), prop::collection::vec(fields, 0..4))
            .prop_map(|(call, tag, fields)| command(call, tag, &fields.concat())),
        1 => prop::collection::vec(any::<u8>(), 1..40).prop_map(|body| sound(1, 0, &body)),
        1 => any::<Vec<u8>>(),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_only_what_may_pass_does_and_in_whichever_parts(
        packets in prop::collection::vec(packet(), 0..8),
        parts in 1..50usize,
        may_record: bool,
        is_let_in: bool,
    ) {
        let mut bytes = if is_let_in { auth(35, 0) } else { Vec::new() };
        bytes.extend(packets.concat());
        let (terms, own) = (terms(may_record), own());
        let ((on, back), ended) = filter_in(parts, &bytes, &terms, &own);
        assert_harmless(&on, may_record, &own);
        prop_assert_eq!(back.len() % refusal(0).len(), 0);
        let whole = filter_in(bytes.len().max(1), &bytes, &terms, &own);
        prop_assert_eq!(whole, ((on, back), ended));
    }

    #[test]
    fn whatever_a_server_sends_arrives(bytes: Vec<u8>, parts in 1..50usize) {
        let (mut own, mut on, mut back) = (Own::default(), Vec::new(), Vec::new());
        let mut answers = Answers::default();
        for part in bytes.chunks(parts) {
            answers.take(part, &mut own, &mut on, &mut back);
        }
        prop_assert_eq!(on, bytes);
    }
}
