//! Stand-ins for what others build at this moment.
// JOIN: delete this file, and take `execute` from `nsbox::execute`, `profile` from `nsbox::frontend::profile` and
// `privilege` from `nsbox::sys::privilege`.
#![allow(missing_docs, dead_code)]

pub mod privilege {
    pub fn gained_by_exec() -> bool {
        nix::unistd::getuid() != nix::unistd::geteuid() || nix::unistd::getgid() != nix::unistd::getegid()
    }
}

pub mod execute {
    use nsbox::error::{Diagnostic, Fault};
    use nsbox::plan::Plan;
    use std::fmt;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Actor {
        Monitor,
        Init,
        Payload,
    }

    impl Actor {
        pub const ALL: [Self; 3] = [Self::Monitor, Self::Init, Self::Payload];
    }

    impl fmt::Display for Actor {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Self::Monitor => "monitor",
                Self::Init => "init",
                Self::Payload => "payload",
            })
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Step {
        Stage,
        BuildRoot,
        Exec,
    }

    impl Step {
        pub const ALL: &[Self] = &[Self::Stage, Self::BuildRoot, Self::Exec];
        pub fn actor(self) -> Actor {
            match self {
                Self::Stage => Actor::Monitor,
                Self::BuildRoot => Actor::Init,
                Self::Exec => Actor::Payload,
            }
        }
        pub fn name(self) -> &'static str {
            match self {
                Self::Stage => "stage",
                Self::BuildRoot => "build-root",
                Self::Exec => "exec",
            }
        }
        pub fn reason(self) -> &'static str {
            match self {
                Self::Stage => {
                    "Whatever can fail early does: sources are looked up and the filter is compiled before any process \
                     is made"
                }
                Self::BuildRoot => "A root of nothing, and only what the plan names on it; parents before children",
                Self::Exec => "The command takes over",
            }
        }
    }

    #[derive(Debug)]
    pub struct Staged(());

    impl Staged {
        pub fn warnings(&self) -> &[Diagnostic] {
            &[]
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Verbosity {
        #[default]
        Normal,
        Steps,
    }

    #[derive(Debug)]
    pub enum Outcome {
        Exited(u8),
        Signalled(i32),
        Lost(i32),
    }

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Failure {
        pub step: Step,
        pub cause: Fault,
        pub hint: Option<String>,
        pub exit: u8,
    }

    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let (step, actor) = (self.step.name(), self.step.actor());
            write!(f, "could not start the sandbox at step `{step}` ({actor})\n  {}", self.cause)?;
            match &self.cause.asked_for_by {
                Some(origin) => write!(f, "\n  asked for by {origin}"),
                None => Ok(()),
            }
        }
    }

    pub fn stage(_plan: Plan) -> Result<Staged, Failure> {
        Ok(Staged(()))
    }

    pub fn run(_staged: &Staged, _verbosity: Verbosity) -> Result<Outcome, Failure> {
        Ok(Outcome::Exited(0))
    }
}

pub mod profile {
    use nsbox::error::{Diagnostic, Diagnostics};
    use nsbox::frontend::profile::Request;
    use nsbox::host::HostFacts;
    use nsbox::plan::Plan;
    use std::path::{Path, PathBuf};

    #[derive(Debug)]
    pub struct Chain(());

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Place {
        BuiltIn,
        File(PathBuf),
    }

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Available {
        pub name: String,
        pub description: Option<String>,
        pub place: Place,
    }

    pub fn load(_request: &Request, _host: &HostFacts) -> Result<Chain, Diagnostics> {
        Err(Diagnostic::error("the profile front end is not joined yet").into())
    }

    pub fn lower(_chain: &Chain, _request: &Request, _host: &HostFacts) -> Result<(Plan, Diagnostics), Diagnostics> {
        Err(Diagnostics::default())
    }

    pub fn check(_path: &Path, _host: &HostFacts) -> Diagnostics {
        Diagnostics::default()
    }

    pub fn available(_host: &HostFacts) -> Vec<Available> {
        Vec::new()
    }
}
