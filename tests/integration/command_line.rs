//! The command line, from outside: which words are whose, and what each command prints.

use crate::support::{Host, Ran};

#[test]
fn after_an_option_or_two_dashes_every_word_is_the_command() {
    let host = Host::new();
    host.run(["--", "echo", "--read", "plan", "-v"]).exits(0).says("--read plan -v").in_silence();
    host.run(["echo", "--help"]).exits(0).says("--help");
    host.run(["--profile", "shell", "plan"]).exits(127).complains("`plan`");
    host.run(["run", "echo", "well"]).exits(0).says("well");
    // Also one that comes out of a variable, or that is itself spelt like an option.
    for word in ["--read", "--help", "-v", "--version", "--", "--profile=/none"] {
        host.run(["--", word]).exits(127).complains(&format!("`{word}`")).never_says("Usage");
        host.run(["--profile", "shell", "--", "echo", word, "--"]).exits(0).says(&format!("{word} --\n"));
    }
    // Control: before the first word they are options.
    host.run(["--help"]).exits(0).says("Usage");
    host.run(["--read", "/none", "echo"]).exits(125).complains("/none");
}

#[test]
fn bytes_that_are_no_text_pass_through_to_the_command() {
    use std::os::unix::ffi::OsStrExt;
    let host = Host::new();
    let mut command = host.sandbox(["--", "sh", "-c", "printf %s \"$1\" | od -An -tx1", "sh"]);
    command.arg(std::ffi::OsStr::from_bytes(&[0xff, 0xfe]));
    Ran::of(command).exits(0).says("ff fe");
}

#[test]
fn plan_explains_and_runs_nothing() {
    let host = Host::new();
    let file = host.home().join("made");
    host.folder("work");
    let words = ["plan", "--write", "~/work", "--", "touch", file.to_str().expect("a name")];
    host.run(words).exits(0).says("touch").says("/usr").says("nsbox").in_silence();
    assert!(!file.exists());
}

#[test]
fn plan_as_json_is_a_plan_that_validates() {
    let host = Host::new();
    let json = host.run(["plan", "--json", "--", "true"]).exits(0).in_silence().stdout;
    let plan: nsbox::plan::Plan = serde_json::from_str(&json).expect("a plan");
    assert_eq!(plan.command.argv, ["true"]);
    let spoilt = json.replace("\"version\": 1", "\"version\": 99");
    assert!(serde_json::from_str::<nsbox::plan::Plan>(&spoilt).is_err());
}

#[test]
fn plan_shows_every_step_with_its_reason() {
    let host = Host::new();
    let told = host.run(["plan", "--steps"]).exits(0);
    for step in nsbox::execute::Step::ALL {
        assert!(told.stdout.contains(step.name()), "{step} is not in {told}");
    }
}

#[test]
fn profiles_lists_what_can_be_named() {
    let host = Host::new();
    let told = host.run(["profiles"]).exits(0);
    for name in ["base", "shell", "strict"] {
        assert!(told.stdout.lines().any(|line| line.trim_start().starts_with(name)), "{name} is not in {told}");
    }
    host.write(".config/nsbox/profiles/mine.toml", "description = \"my own\"\nextends = [\"shell\"]\n");
    host.run(["profiles"]).exits(0).says("mine").says("my own");
    host.run(["--profile", "mine", "--", "echo", "well"]).exits(0).says("well");
}

#[test]
fn profiles_prints_one_that_is_a_profile_itself_and_plans_the_same() {
    let host = Host::new();
    let profile = "extends = [\"shell\"]\n[filesystem]\ndrop = [\"/var/tmp\"]\nread = [\"${HOME}/work\"]\n";
    host.folder("work");
    host.write("mine.toml", profile);
    let printed = host.run(["profiles", "./mine.toml"]).exits(0).in_silence();
    let printed =
        printed.says("\"${HOME}/work\",  # ./mine.toml:4\n").says("\"/usr\",  # base:").never_says("/var/tmp");
    host.write("printed.toml", &printed.stdout);
    let plan = |file: &str| {
        let json = host.run(["plan", "--json", "--profile", file, "true"]).exits(0).stdout;
        let plan: nsbox::plan::Plan = serde_json::from_str(&json).expect("a plan");
        let mounts: Vec<_> = plan.mounts.iter().map(|mount| (mount.destination.clone(), mount.kind.clone())).collect();
        let environment: Vec<_> = plan.environment.iter().map(|v| (v.name.clone(), v.value.clone())).collect();
        (mounts, environment)
    };
    assert_eq!(plan("./mine.toml"), plan("./printed.toml"));
    // Control: they are not what every profile plans.
    assert_ne!(plan("./mine.toml"), plan("shell"));
    host.run(["profiles", "no-such"]).exits(125).complains("no profile `no-such`");
}

#[test]
fn check_tells_good_profiles_from_bad_ones() {
    let host = Host::new();
    let good = host.write("good.toml", "extends = [\"shell\"]\n").display().to_string();
    let bad = host.write("bad.toml", "extnds = [\"shell\"]\n").display().to_string();
    host.run(["check", &good]).exits(0);
    host.run(["check", &good, &bad]).exits(1).complains("bad.toml:1:1").complains("`extends`");
    // An empty line stands between what is said of two, whatever is between them on standard output.
    host.run(["check", &bad, &good, &bad]).exits(1).complains("`extends`?\n\nerror: ");
    host.run(["check", "shell"]).exits(1).complains("`nsbox profiles shell` prints the one that is built in");
    host.write(".config/nsbox/profiles/mine.toml", "");
    host.run(["check", "mine"]).exits(1).complains("the installed one is `").complains("/profiles/mine.toml`");
}

#[test]
fn a_profile_beside_an_installed_one_of_its_name_must_be_chosen_aloud() {
    let host = Host::new();
    host.write("shell.toml", "extends = [\"strict\"]\ndescription = \"a trap\"\n");
    host.run(["--profile", "shell.toml", "--", "true"]).exits(125).complains("./shell.toml");
    host.run(["--profile", "shell", "--", "true"]).exits(0);
    host.run(["--profile", "./shell.toml", "--", "/bin/true"]).exits(0);
}

#[test]
fn every_example_profile_is_embedded_as_it_stands() {
    let host = Host::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    for entry in std::fs::read_dir(folder).expect("profiles").flatten() {
        // From the home folder, which some of them refuse to open: that is for a run to say.
        host.run(["check".into(), entry.path().into_os_string()]).exits(0);
    }
}

#[test]
fn help_and_version_come_on_stdout() {
    let host = Host::new();
    host.run(["--version"]).exits(0).says(env!("CARGO_PKG_VERSION"));
    host.run(["--help"]).exits(0).says("--profile").in_silence();
    host.run(["plan", "--help"]).exits(0).says("--json").in_silence();
}
