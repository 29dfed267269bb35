//! Stand-ins for what others build at this moment.
// JOIN: delete this file, and take `profile` from `nsbox::frontend::profile`.
#![allow(missing_docs, dead_code)]

pub mod profile {
    use nsbox::error::{Diagnostic, Diagnostics};
    use nsbox::frontend::profile::Request;
    use nsbox::host::HostFacts;
    use nsbox::plan::Plan;
    use std::path::Path;

    #[derive(Debug)]
    pub struct Chain(());

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Available {
        pub name: String,
        pub description: String,
        pub place: String,
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
