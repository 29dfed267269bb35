//! What the kernel answers to each system call of the payload.

use super::Origin;
use serde::{Deserialize, Serialize};

/// The syscall policy, every name resolved to numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Syscalls {
    /// No filter at all.
    Unfiltered {
        /// Who asked for it.
        origin: Origin,
    },
    /// A filter.
    Filtered(Filter),
}

/// What is answered to each system call, by each of the kernel's entry points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Filter {
    /// The policy's name, for messages: `default`.
    pub policy: String,
    /// The open entry points, the native one first. By any other, every number answers ENOSYS.
    pub tables: Vec<Table>,
    /// What is answered to a number that its table does not list.
    pub unlisted: Unlisted,
    /// What happens to a call that is refused.
    pub on_denied: OnDenied,
    /// Who says so.
    pub on_denied_origin: Origin,
    /// What was asked for beside the policy; the tables hold it already, and this is for people.
    pub exceptions: Vec<Exception>,
    /// Who asked for the policy.
    pub origin: Origin,
}

/// The answers by one entry point, in its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Table {
    /// Whose programs come in by it.
    pub architecture: Architecture,
    /// Allowed whatever the arguments; ascending.
    pub allow: Vec<u32>,
    /// Allowed if the arguments fit, else refused; ascending by number.
    pub allow_if: Vec<Conditional>,
    /// Refused; ascending.
    pub refuse: Vec<u32>,
    /// Who opened it.
    pub origin: Origin,
}

/// A machine by its system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Architecture {
    /// 64-bit x86. The numbers of x32, which come in by the same entry point, are always closed.
    #[serde(rename = "x86-64")]
    X86_64,
    /// 64-bit ARM.
    Aarch64,
    /// 32-bit x86, as i386 and later.
    X86,
}

impl Architecture {
    /// The one that nsbox itself was built for.
    pub const NATIVE: Self = if cfg!(target_arch = "x86_64") {
        Self::X86_64
    } else if cfg!(target_arch = "aarch64") {
        Self::Aarch64
    } else {
        panic!("nsbox does not know this architecture's system calls")
    };

    /// Whether its kernel also runs programs of another one.
    pub const fn also_runs(self, other: Self) -> bool {
        matches!((self, other), (Self::X86_64, Self::X86))
    }

    /// The name by which people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::X86 => "x86",
        }
    }
}

/// What is answered to a number that stands in none of a table's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Unlisted {
    /// ENOSYS, so that programs fall back as on an older kernel.
    Unknown,
    /// What the kernel says: only what is refused is filtered.
    Allow,
}

/// What happens to a call that is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OnDenied {
    /// It answers EPERM.
    #[default]
    Errno,
    /// It ends its process by SIGSYS.
    Kill,
    /// It answers EPERM, and the kernel logs that.
    Log,
}

/// System calls that somebody allowed or denied beside the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Exception {
    /// The name of one, or of a group: `ptrace`, `@debug`.
    pub calls: String,
    /// Which of the two.
    pub verdict: Verdict,
    /// Who asked for it.
    pub origin: Origin,
}

/// What somebody says of system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Verdict {
    /// Allowed.
    Allow,
    /// Denied, whoever allows it.
    Deny,
}

/// The first number of x32, which shares its entry point with x86_64 (`__X32_SYSCALL_BIT`, asm/unistd.h). No other
/// architecture has numbers as high.
pub const FIRST_OF_X32: u32 = 0x4000_0000;

/// What a filter answers to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'f> {
    /// The call is made.
    Allowed,
    /// It is made if its arguments fit.
    If(&'f Conditional),
    /// It is refused.
    Refused,
    /// ENOSYS.
    Unknown,
}

impl Filter {
    /// The table of an architecture, if its entry point is open.
    pub fn table(&self, architecture: Architecture) -> Option<&Table> {
        self.tables.iter().find(|table| table.architecture == architecture)
    }

    /// What is answered to a number of an architecture.
    pub fn answer(&self, architecture: Architecture, number: u32) -> Answer<'_> {
        let Some(table) = self.table(architecture) else { return Answer::Unknown };
        let is_open = self.unlisted == Unlisted::Allow && number < FIRST_OF_X32;
        match table.allow_if.iter().find(|call| call.number == number) {
            _ if table.refuse.contains(&number) => Answer::Refused,
            Some(conditional) => Answer::If(conditional),
            None if is_open || table.allow.contains(&number) => Answer::Allowed,
            None => Answer::Unknown,
        }
    }

    /// Whether a number of an architecture is allowed, be it under conditions.
    pub fn lets_through(&self, architecture: Architecture, number: u32) -> bool {
        matches!(self.answer(architecture, number), Answer::Allowed | Answer::If(_))
    }
}

/// A system call that is allowed under conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Conditional {
    /// The system call.
    pub number: u32,
    /// It is allowed where all conditions of one of these sets hold.
    pub any_of: Vec<Vec<Condition>>,
    /// What it answers where none does.
    pub otherwise: Otherwise,
}

/// What a system call answers whose arguments do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// What every refused call does.
    Refused,
    /// EAFNOSUPPORT, as a kernel without that family of sockets: programs then go on without it. It ends a process as any
    /// refusal does, where the filter says so.
    NoSuchFamily,
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
