//! `plan --diff`: what one profile allows and another does not.

use crate::support::Host;

fn host() -> Host {
    let host = Host::new();
    host.folder("data");
    host.write(
        "wide.toml",
        "extends = [\"base\"]\n[filesystem]\nwrite = [\"${HOME}/data\"]\n[network]\nmode = \"host\"\n",
    );
    host.write(
        "narrow.toml",
        "extends = [\"base\"]\n[filesystem]\nread = [\"${HOME}/data\"]\n[syscalls]\npolicy = \"strict\"\n",
    );
    host
}

#[test]
fn each_side_is_told_in_the_words_of_plan_with_its_lines() {
    let host = host();
    let told = host.run(["plan", "--diff", "./wide.toml", "./narrow.toml"]).exits(1).in_silence();
    let data = host.home().join("data");
    for line in [
        "  -  holds under ./wide.toml alone".to_owned(),
        format!("  +  {}  (./narrow.toml:3:9)", data.display()),
        format!("  -  {}  (./wide.toml:3:10)", data.display()),
        "  +  No network: a loopback interface of its own, and nothing else  (the default of `network.mode`)"
            .to_owned(),
    ] {
        assert!(told.stdout.lines().any(|shown| shown == line), "{line} is not in {told}");
    }
    // One call that only the default policy answers; and nothing that both have, or that nsbox says of nothing.
    told.says("ptrace").never_says("/usr").never_says("Nothing").never_says("execve");
}

#[test]
fn profiles_that_allow_the_same_exit_with_zero_whatever_they_run() {
    let host = host();
    host.write("same.toml", "extends = [\"./wide.toml\"]\n[command]\nargv = [\"ls\"]\n[network]\nmode = \"host\"\n");
    host.run(["plan", "--diff", "./wide.toml", "./same.toml"]).exits(0).says("allow the same");
    // What is given beside it applies to both, and can take a difference away.
    let beside = ["plan", "--diff", "--network", "none", "--syscalls", "strict"];
    let told = host.run(beside.into_iter().chain(["./wide.toml", "./narrow.toml"])).exits(1);
    told.never_says("network").never_says("ptrace");
    host.run(beside.into_iter().chain(["--read", "~/data", "./wide.toml", "./narrow.toml"])).exits(0);
}

#[test]
fn a_difference_that_the_page_does_not_tell_is_one_all_the_same() {
    let host = host();
    for (name, mode) in [("one", "0700"), ("two", "0755")] {
        let tmpfs = format!("[filesystem]\ntmpfs = [{{ path = \"/scratch\", mode = \"{mode}\" }}]\n");
        host.write(&format!("{name}.toml"), format!("extends = [\"base\"]\n{tmpfs}"));
    }
    host.run(["plan", "--diff", "./one.toml", "./two.toml"]).exits(1).says("`plan --json` has all of them");
}

#[test]
fn programs_get_the_same_as_json() {
    let host = host();
    let told = host.run(["plan", "--diff", "--json", "./wide.toml", "./narrow.toml"]).exits(1);
    let found: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    let reach =
        found.as_array().expect("a list").iter().find(|one| one["about"] == "It can reach").expect("the network");
    assert_eq!(reach["first"][0]["origin"], "./wide.toml:5:8");
    assert_eq!(reach["second"][0]["origin"], "the default of `network.mode`");
    host.run(["plan", "--diff", "no-such", "base"]).exits(125).complains("no profile `no-such`");
}
