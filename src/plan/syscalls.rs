//! What the kernel answers to each system call of the payload.

use super::Origin;
use serde::{Deserialize, Serialize};

/// The syscall policy, every name resolved to a number of the native architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Syscalls {
    /// No filter at all.
    Unfiltered,
    /// A filter; entry points of other architectures are closed.
    Filtered(Filter),
}

/// An allow-list. What is in none of its three lists answers ENOSYS, so that programs fall back as on an older kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Filter {
    /// The policy's name, for messages: `default`.
    pub policy: String,
    /// Allowed whatever the arguments; ascending.
    pub allow: Vec<u32>,
    /// Allowed if the arguments fit, else EPERM; ascending by number.
    pub allow_if: Vec<Conditional>,
    /// Answers EPERM; ascending.
    pub refuse: Vec<u32>,
    /// Who asked for the policy.
    pub origin: Origin,
}

/// A system call that is allowed under conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Conditional {
    /// The system call.
    pub number: u32,
    /// It is allowed where all conditions of one of these sets hold.
    pub any_of: Vec<Vec<Condition>>,
}

/// A test of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Condition {
    /// Which argument, from 0 to 5.
    pub argument: u8,
    /// Whether only the low 32 bits are compared, as the kernel does for an `int`, or all 64.
    pub low_half_only: bool,
    /// How.
    pub comparison: Comparison,
}

/// How an argument is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Comparison {
    /// Equal to the value.
    Equal(u64),
    /// Different from the value.
    NotEqual(u64),
    /// At most the value.
    AtMost(u64),
    /// Equal to the value in the bits of the mask.
    MaskedEqual {
        /// The bits that count.
        mask: u64,
        /// What they must be.
        value: u64,
    },
}
