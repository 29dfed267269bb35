//! The text of a profile: never a panic, and if it is one, a valid plan that is no wider than the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nsbox::plan::{Draft, Plan};
use nsbox_fuzz::fixture::{Host, rendered};
use nsbox_fuzz::oracle::{host, judge, session};

fuzz_target!(|text: &str| {
    // On a host with a session, and on one without.
    thread_local!(static HOSTS: [Host; 2] = [host(), session()]);
    HOSTS.with(|hosts| {
        hosts.iter().for_each(|host| match host.lower(text, &[], &["true", ".env", "a/..", "/srv/t/d/up/plain"]) {
            Ok((plan, _)) => {
                if let Err(wider) = judge(text, host, &plan) {
                    panic!("{wider}");
                }
                assert!(Plan::try_from(Draft::from(plan)).is_ok());
            }
            Err(found) => assert!(found.has_errors() && !rendered(&found).is_empty()),
        })
    });
});
