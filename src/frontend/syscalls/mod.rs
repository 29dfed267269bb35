//! The syscall policies: which system calls a sandbox may make, by name, and what that means in numbers.
//!
//! `groups` sorts the names, `conditions` says which arguments pass, `policy` decides, and `table` makes numbers of it.
//! Nothing here knows how a filter is made of them.

mod conditions;
mod groups;
mod policy;
mod table;
#[cfg(test)]
mod tests;

pub use groups::Group;
pub use policy::Policy;

use crate::plan::{Conditional, Filter, Origin, Syscalls};
use table::{Answer, SIZE};

static DEFAULT: [Answer; SIZE] = table::answers(&policy::DEFAULT);
static STRICT: [Answer; SIZE] = table::answers(&policy::STRICT);

/// Every group of system calls.
pub const GROUPS: &[&Group] = groups::ALL;

/// Turns a policy into numbers of the native architecture.
pub fn resolve(policy: Policy, origin: Origin) -> Syscalls {
    let answers = match policy {
        Policy::Default => &DEFAULT,
        Policy::Strict => &STRICT,
        Policy::None => return Syscalls::Unfiltered,
    };
    let (mut allow, mut refuse) = (Vec::with_capacity(SIZE), Vec::with_capacity(SIZE));
    let mut allow_if = Vec::with_capacity(8);
    for (number, answer) in (0..).zip(answers) {
        match answer {
            Answer::Unknown => {}
            Answer::Allow => allow.push(number),
            Answer::AllowIf(sets) => {
                allow_if.push(Conditional { number, any_of: sets.iter().map(|set| set.to_vec()).collect() });
            }
            Answer::Refuse => refuse.push(number),
        }
    }
    Syscalls::Filtered(Filter { policy: policy.name().to_owned(), allow, allow_if, refuse, origin })
}
