//! What a plan document must not get past: it says all that a plan has, each once, and nothing else.

use super::{SIZE_MAX, read};
use crate::frontend::profile::tests::fixture::Host;
use crate::plan::{Draft, Plan};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The message, with the place and the character that is marked.
fn refused(json: &str) -> String {
    let found = read("a test", json.as_bytes(), &[]).expect_err("no plan");
    let one = found.iter().next().expect("a reason");
    one.excerpt.as_ref().map_or_else(
        || one.message.clone(),
        |at| {
            let marked: String = at.text.chars().skip(at.column as usize - 1).take(1).collect();
            format!("{}:{}: {marked}: {}", at.line, at.column, one.message)
        },
    )
}

#[test]
fn what_is_no_plan_is_told_with_its_place() {
    assert_eq!(refused("{\n  \"version\": 1,\n}"), "3:1: }: this is no plan: trailing comma");
    assert_eq!(
        refused("{ \"vesion\": 1 }").split(',').next(),
        Some("1:10: \": this is no plan: unknown field `vesion`")
    );
    assert_eq!(refused("{ \"ü\": 1 }").split(',').next(), Some("1:5: \": this is no plan: unknown field `ü`"));
    assert_eq!(
        refused("{ \"version\": -1 }").split(',').next(),
        Some("1:15: 1: this is no plan: invalid value: integer `-1`")
    );
    assert_eq!(refused(""), "1:1: : this is no plan: EOF while parsing a value");
    assert_eq!(refused("{ \"version\": 2, \"more\": 1 }"), "this plan is of version 2, and nsbox reads version 1");
    assert!(refused(&" ".repeat(SIZE_MAX + 1)).contains("larger than 16 MiB"));
    assert!(refused(&"[".repeat(100_000)).contains("no plan"));
}

/// A plan with something of every kind in it.
fn rich() -> Value {
    let host = Host::new().special("/dev/fuse").folder("/srv/a").file("/srv/a/b", "");
    let plan = host.plan(
        "[filesystem]\nread = ['/usr']\nwrite = ['/srv']\nhide = ['/srv/a/b']\ndevices = ['/dev/fuse']\n\
         tmpfs = ['/tmp', { path = '/t', size = '1M' }]\nsymlinks = { '/s' = 'usr' }\nfiles = { '/f' = 'x' }\n\
         [identity]\nuser = 'root'\n[capabilities]\nkeep = ['chown']\n[namespaces]\ntime = { boottime = '5s' }\n\
         [environment]\ninherit = ['LANG']\n[syscalls]\nallow = ['acct']\n[limits]\nopen-files = 9\nwall-time = '1m'\n\
         [network]\nmode = 'host'\n[terminal]\nmode = 'private'\n",
    );
    serde_json::to_value(&plan).expect("a plan is data")
}

fn is_read(json: &str) -> bool {
    read("a test", json.as_bytes(), &[]).is_ok()
}

/// The places of all values in a document: how to come there from the top.
fn places(value: &Value) -> Vec<String> {
    let within = |key: String, inner: &Value| {
        let below = places(inner).into_iter().map(move |rest| format!("/{key}{rest}"));
        below.collect::<Vec<_>>()
    };
    let below: Vec<String> = match value {
        Value::Object(fields) => fields.iter().flat_map(|(key, inner)| within(key.clone(), inner)).collect(),
        // Of a list of numbers the first tells of all.
        Value::Array(items) if items.iter().all(Value::is_number) => {
            items.iter().take(1).flat_map(|inner| within("0".into(), inner)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, inner)| within(index.to_string(), inner)).collect()
        }
        _ => Vec::new(),
    };
    std::iter::once(String::new()).chain(below).collect()
}

/// The documents that come of this one where one table has its fields changed.
fn with_each_table(
    document: &Value,
    change: impl Fn(&Map<String, Value>) -> Vec<Map<String, Value>>,
) -> Vec<(String, String)> {
    let mut changed = Vec::new();
    for place in places(document) {
        let Some(Value::Object(fields)) = document.pointer(&place) else { continue };
        for fields in change(fields) {
            let mut document = document.clone();
            *document.pointer_mut(&place).expect("the place of a table") = Value::Object(fields);
            changed.push((place.clone(), document.to_string()));
        }
    }
    changed
}

#[test]
fn a_plan_without_one_of_its_keys_is_none() {
    let whole = rich();
    assert!(is_read(&whole.to_string()));
    let lacking = with_each_table(&whole, |fields| {
        let without = |key: &String| {
            let mut fields = fields.clone();
            fields.remove(key);
            fields
        };
        fields.keys().map(without).collect()
    });
    assert!(lacking.len() > 100, "{}", lacking.len());
    for (place, document) in lacking {
        assert!(!is_read(&document), "a key of {place} can be left out");
    }
}

#[test]
fn a_plan_with_a_key_that_is_unknown_or_there_twice_is_none() {
    let whole = rich();
    let more = with_each_table(&whole, |fields| {
        let mut fields = fields.clone();
        fields.insert("zz".into(), json!(null));
        vec![fields]
    });
    for (place, document) in &more {
        assert!(!is_read(document), "{place} can have an unknown key");
    }
    let mut tried = 0;
    for (place, document) in more {
        let Some(Value::Object(fields)) = whole.pointer(&place) else { continue };
        for (key, value) in fields {
            // In the place of the unknown key, a known one once more, as it is and as something else.
            for value in [value, &json!(null)] {
                let document = document.replace("\"zz\":null", &format!("{}:{value}", json!(key)));
                assert!(!is_read(&document), "{place} can have {key} twice");
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn what_can_be_said_once_is_not_said_twice() {
    for list in ["environment", "limits", "uid-map"] {
        let mut document = rich();
        let place = if list == "uid-map" { "/identity/uid-map".to_owned() } else { format!("/{list}") };
        let items = document.pointer_mut(&place).and_then(Value::as_array_mut).expect("a list");
        items.push(items[0].clone());
        assert!(!is_read(&document.to_string()), "{list}");
    }
    let with_kept = |kept: Value| {
        let mut document = rich();
        document["descriptors"] = json!({ "only": kept });
        is_read(&document.to_string())
    };
    assert!(with_kept(json!([7, 5])) && !with_kept(json!([7, 5, 7])) && !with_kept(json!([-1])));
}

#[test]
fn what_the_kernel_would_not_take_is_refused() {
    let with = |place: &str, value: Value| {
        let mut document = rich();
        *document.pointer_mut(place).expect("a place") = value;
        is_read(&document.to_string())
    };
    let path = |length: usize| json!(format!("/{}", "x".repeat(length - 1)));
    assert!(with("/command/directory", path(4095)) && !with("/command/directory", path(4096)));
    let file = rich()["mounts"].as_array().expect("mounts").iter().position(|mount| mount["destination"] == "/f");
    let contents = format!("/mounts/{}/kind/file/contents", file.expect("a file"));
    let text = |length: usize| json!("x".repeat(length));
    assert!(with(&contents, text(1 << 20)) && !with(&contents, text((1 << 20) + (1 << 17))));
}

/// Values that are something else than what they stand for, or as large as it can be.
fn odd_value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.5),
        json!(1e300),
        json!(u32::MAX),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!("/"),
        json!("/proc"),
        json!("/usr/../etc"),
        json!("../etc"),
        json!("/a\u{0}b"),
        json!("/a//b"),
        json!("x".repeat(5000)),
        json!([]),
        json!([47, 255]),
        json!([[[[]]]]),
        json!({}),
        json!("hide"),
        json!("inherit"),
        json!("payload"),
        json!("off"),
        json!({ "unfiltered": { "origin": { "flag": "--x" } } }),
        json!({ "symlink": { "target": "/proc/self/root" } }),
        json!({ "bind": { "source": "/", "access": "write" } }),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_changed_plan_is_refused_or_is_what_it_says(
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value(), any::<bool>()), 1..4),
    ) {
        let mut document = rich();
        for (index, value, is_copied) in changes {
            let all = places(&document);
            let place = index.get(&all);
            // What stands there, or something else from anywhere in the document.
            let value = if is_copied { document.pointer(all.get(place.len() * 7 % all.len()).expect("a place")).cloned() } else { Some(value) };
            *document.pointer_mut(place).expect("a place") = value.expect("a value");
        }
        if let Ok(plan) = read("a test", document.to_string().as_bytes(), &[]) {
            // A list in the place of a table, and a text as its bytes, say the same.
            let written = serde_json::to_vec(&plan).expect("a plan is data");
            prop_assert_eq!(read("a test", &written, &[]), Ok(plan.clone()));
            prop_assert!(Plan::try_from(Draft::from(plan)).is_ok());
        }
    }

    #[test]
    fn what_is_cut_off_or_followed_by_something_is_no_plan(at in any::<prop::sample::Index>(), more in "[^ \\t\\r\\n]") {
        let whole = rich().to_string();
        prop_assert!(!is_read(&whole[..at.index(whole.len())]));
        prop_assert!(!is_read(&(whole + &more)));
    }
}

#[test]
fn a_mask_is_about_an_entry_of_the_procfs_itself() {
    for name in ["", ".", "..", "sys/kernel", "a\0b"] {
        let mut plan = rich();
        let mounts = plan["mounts"].as_array_mut().expect("mounts");
        let proc = mounts.iter_mut().find_map(|mount| mount["kind"].get_mut("proc")).expect("a procfs");
        proc["masks"]["hidden"][0] = json!(name);
        let problem = refused(&plan.to_string());
        assert!(problem.contains("cannot be the name of an entry of procfs"), "{name}: {problem}");
    }
}
