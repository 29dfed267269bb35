//! `--plan-fd`: a plan that travels as JSON.

use crate::support::{Host, shell};

#[test]
fn a_plan_that_was_printed_runs_as_it_was_planned() {
    let host = Host::new();
    host.write("notes.txt", "remember the milk\n");
    let planned = "nsbox plan --json --read . --hostname planned sh -c 'cat notes.txt; uname -n' >plan.json";
    let run = shell(&host, &format!("{planned}; nsbox --plan-fd 3 3<plan.json")).exits(0).in_silence();
    assert_eq!(run.stdout, "remember the milk\nplanned\n");
    // Another command takes the place of its own; the descriptor of the plan does not cross over.
    shell(&host, "nsbox --plan-fd 3 sh -c 'uname -n; cat <&3' 3<plan.json")
        .exits(2)
        .says("planned")
        .complains("3: Bad");
    // Control: without the plan, nothing of it holds.
    shell(&host, "nsbox sh -c 'uname -n; cat notes.txt'").exits(1).never_says("planned");
}

#[test]
fn a_plan_can_come_by_a_pipe_and_by_standard_input() {
    let host = Host::new();
    let plan = "nsbox plan --json --network host -- sh -c 'cat; echo ran'";
    shell(&host, &format!("echo words | nsbox --plan-fd 3 3< <({plan})")).exits(0).says("words\nran");
    let used_up = shell(&host, &format!("{plan} | nsbox --plan-fd 0")).exits(0);
    assert_eq!(used_up.stdout, "ran\n");
}

#[test]
fn a_payload_that_is_init_itself_runs_to_its_end() {
    let host = Host::new();
    let run = |command: &str| {
        let plan = "nsbox plan --json true | sed 's/\"init\": \"own\"/\"init\": \"payload\"/'";
        shell(&host, &format!("{plan} >plan.json; nsbox --plan-fd 3 -- {command} 3<plan.json"))
    };
    run("bash -c 'true; sleep 0.3; echo $$ came to its end; exit 7'").exits(7).says("1 came to its end").in_silence();
    run("no-such-program").exits(127).complains("could not run");
    // Control: otherwise it is a child of init.
    shell(&host, "nsbox bash -c 'true; echo $$ came to its end'").exits(0).never_says("1 came");
}

#[test]
fn a_plan_read_back_is_printed_and_explained_as_it_was() {
    let host = Host::new();
    let same = "for profile in base shell strict; do\n\
        nsbox plan --json --profile $profile true >one; nsbox plan --json --plan-fd 3 3<one >two; cmp one two || exit 1\n\
        nsbox plan --profile $profile true >one; nsbox plan --json --profile $profile true | nsbox plan --plan-fd 0 >two\n\
        cmp one two || exit 1\n\
        done; echo same";
    shell(&host, same).exits(0).says("same").in_silence();
}

#[test]
fn a_home_with_a_slash_at_its_end_is_the_same_one() {
    let host = Host::new();
    let compare = |home: &str| {
        shell(&host, &format!("nsbox plan --json true >one; HOME={home} nsbox plan --json true >two; cmp one two"))
    };
    compare("$HOME//").exits(0);
    // Control: another one makes another plan.
    compare("/tmp").exits(1);
}

#[test]
fn what_is_no_plan_is_refused_with_its_place() {
    let host = Host::new();
    let spoilt = |change: &str| shell(&host, &format!("nsbox plan --json echo ran | {change} | nsbox --plan-fd 0"));
    // Control: an unspoilt one runs.
    spoilt("cat").exits(0).says("ran");
    let refused = |change: &str, why: &str| {
        let ran = spoilt(change).exits(125).never_says("ran");
        assert!(ran.stderr.contains(why), "{why} is not in {ran}");
    };
    refused("sed 's/\"argv\"/\"arg\"/'", "unknown field `arg`");
    refused("sed 's/\"argv\"/\"arg\"/'", " --> descriptor 0:4:9\n");
    refused("sed 's/\"version\": 1/\"version\": 7/'", "this plan is of version 7, and nsbox reads version 1");
    refused("sed 's/\"mode\": \"none\"/\"mode\": \"some\"/'", "unknown variant `some`");
    refused("head -c 300", "EOF while parsing");
    refused("cat - <(echo '{}')", "trailing characters");
    refused(
        "sed 's|\"destination\": \"/usr\"|\"destination\": \"usr\"|'",
        "is not an absolute, normalised path: `usr`",
    );
    refused(
        "sed 's|\"destination\": \"/usr\"|\"destination\": \"/usr/\"|'",
        "is not an absolute, normalised path: `/usr/`",
    );
    // What is mounted as a device can be written to, and so is one.
    refused("sed 's|\"source\": \"/dev/zero\"|\"source\": \"/etc/passwd\"|'", "find a device at /etc/passwd");
    refused("sed 's|\"source\": \"/dev/zero\"|\"source\": \"/home\"|'", "find a device at /home");
    refused("grep -v '\"hostname\"'", "missing field `hostname`");
    // One that is wrong is told once, and not by all that would lie in it.
    let over_root = spoilt("sed 's|\"destination\": \"/etc/mtab\"|\"destination\": \"/\"|'").exits(125);
    assert_eq!(over_root.stderr.matches("error: ").count(), 1, "{over_root}");
    // The first size is that of the root; the kernel would round the other up, over its own end.
    for size in ["0", "18446744073709551615"] {
        let why = format!("a tmpfs of {size} bytes would be one without a bound");
        refused(&format!("sed '0,/\"size\": null/s//\"size\": {size}/'"), &why);
    }
    refused("head -c 17000000 /dev/zero", "larger than 16 MiB");
    shell(&host, "exec 3>&-; nsbox --plan-fd 3 true")
        .exits(125)
        .complains("no plan can be read from descriptor 3: Bad file");
}
