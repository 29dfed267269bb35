//! What options of bubblewrap, firejail and container tools are called here: people type what they know.

/// Their names without the dashes, and what stands for them.
const KNOWN: &[(&[&str], &str)] = &[
    (
        &["ro-bind", "ro-bind-try"],
        "a file or folder that can be read is `--read PATH`, elsewhere inside `--read PATH:INSIDE`",
    ),
    (
        &["bind", "bind-try", "read-write", "whitelist"],
        "what can be changed is `--write PATH`, and what can be read `--read PATH`",
    ),
    (&["volume", "mount"], "`--write PATH:INSIDE`, or `--read PATH:INSIDE` where it must not change"),
    (&["dev-bind", "dev-bind-try"], "a device is `--device PATH`"),
    (&["read-only"], "`--read PATH`, which is read-only inside a `--write` too"),
    (&["blacklist"], "`--hide PATH`; what no profile and no option shows is hidden already"),
    (
        &["private", "private-tmp", "private-dev", "unshare-all", "new-session", "die-with-parent", "clearenv"],
        "that is so already",
    ),
    (&["unshare-net"], "that is so already: `--network none` is the default"),
    (
        &["unshare-user", "unshare-pid", "unshare-ipc", "unshare-uts", "unshare-cgroup"],
        "these namespaces are new already",
    ),
    (&["share-net", "net"], "`--network host`, or `--network none`, which is the default"),
    (&["setenv"], "`--env NAME=VALUE`; `--inherit-env NAME` keeps the caller's own"),
    (&["chdir", "workdir"], "`--directory DIR`"),
    (&["uid"], "`--user USER`"),
    (&["gid"], "`--group GROUP`"),
    (&["cap-add", "caps"], "`--set 'capabilities.keep=[\"chown\"]'`"),
    (&["timeout"], "`--limit wall-time=10m`"),
    (&["pids-limit", "rlimit-nproc"], "`--limit processes=512`"),
    (
        &["rlimit-as", "rlimit-cpu", "rlimit-fsize", "rlimit-nofile", "ulimit"],
        "`--limit NAME=VALUE`, as in `--limit open-files=64`",
    ),
    (&["proc", "dev"], "`/proc` and `/dev` are there already; `--set 'filesystem.proc=\"none\"'` leaves one out"),
    (&["seccomp"], "`--syscalls POLICY`, `--allow-syscall NAME` and `--deny-syscall NAME`"),
];

/// What to type here instead of such an option.
pub fn here(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(names, _)| names.contains(&name)).map(|(_, here)| *here)
}

#[cfg(test)]
mod tests {
    use super::KNOWN;
    use crate::cli::commands::IMPLIED;

    #[test]
    fn what_is_named_is_an_option_here_and_what_it_stands_for_is_none() {
        let is_ours = |name: &str| IMPLIED.flags().any(|flag| flag.name[2..] == *name);
        for (names, here) in KNOWN {
            assert!(names.iter().all(|name| !is_ours(name)), "{names:?}");
            for word in here.split(['`', ' ']).filter_map(|word| word.strip_prefix("--")) {
                assert!(is_ours(word), "--{word}");
            }
        }
    }
}
