//! What refuses nothing, and is worth knowing all the same.

use super::evidence::Evidence;
use super::explain::Explanation;

/// The first kernel in which `dev.tty.legacy_tiocsti` can be switched off.
const TIOCSTI_SWITCH: (u32, u32) = (6, 2);

/// Something about this host or this caller that a sandbox has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circumstance {
    /// nsbox is started by real root.
    RealRoot,
    /// The kernel lets programs type into their terminal.
    LegacyTiocsti,
    /// The kernel starts Windows programs.
    WslInterop,
}

impl Circumstance {
    /// Those of a host.
    pub fn of(evidence: &Evidence) -> impl Iterator<Item = Self> {
        [
            (evidence.is_real_root, Self::RealRoot),
            (evidence.legacy_tiocsti, Self::LegacyTiocsti),
            (evidence.wsl_interop, Self::WslInterop),
        ]
        .into_iter()
        .filter_map(|(holds, circumstance)| holds.then_some(circumstance))
    }

    /// A name that stays the same from version to version.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RealRoot => "real-root",
            Self::LegacyTiocsti => "legacy-tiocsti",
            Self::WslInterop => "wsl-interop",
        }
    }

    /// What it means, and what can be done about it.
    pub fn explain(self, evidence: &Evidence) -> Explanation {
        match self {
            Self::RealRoot => Explanation::new(
                "you are root: the command owns root's files wherever it sees them, and no limit on processes binds it",
                "All but `namespaces.nested` and the capability setfcap, which real root is refused",
                "start nsbox as an ordinary user",
            ),
            Self::LegacyTiocsti => {
                let of = |remedy: &'static str| {
                    Explanation::new(
                        "programs of this host may type into the terminal that they share with you (TIOCSTI); those in a \
                         sandbox may not, unless `syscalls.policy` is `none`",
                        "",
                        remedy,
                    )
                };
                match evidence.kernel.is_none_or(|version| version >= TIOCSTI_SWITCH) {
                    true => of("close it for every program, if nothing here needs it")
                        .paste(["sudo sysctl dev.tty.legacy_tiocsti=0".into()]),
                    false => of("from Linux 6.2 on it can be closed for every program"),
                }
            }
            Self::WslInterop => Explanation::new(
                "Windows programs can be started from here, and would run outside of any sandbox; they are reached through \
                 /run/WSL and vsock, which no shipped profile opens",
                "",
                "keep /run, /mnt and /init out of your own profiles, or switch it off in /etc/wsl.conf",
            )
            .paste(["[interop]".into(), "enabled=false".into()]),
        }
    }
}
