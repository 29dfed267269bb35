//! What kind of program the command is, as far as its header tells (elf(5)).

use super::failure::OF_32_BITS;
use super::stage::Command;
use crate::error::{Errno, Fault};
use crate::plan::{Architecture, Syscalls};
use rustix::fs::{Access, Mode, OFlags, access};
use std::ffi::CStr;

/// How an ELF header begins that is of 32 bits and little-endian, and the offset and values of its machine:
/// EM_386 and EM_486 (linux/elf-em.h).
const MAGIC: &[u8] = b"\x7fELF\x01\x01";
const MACHINE: usize = 18;
const MACHINES_OF_X86: [u16; 2] = [3, 6];

/// Whether the filter closes the entry point of 32-bit programs on a machine that could run them.
pub(super) fn none_of_32_bits(syscalls: &Syscalls) -> bool {
    match syscalls {
        Syscalls::Unfiltered { .. } => false,
        Syscalls::Filtered(filter) => {
            Architecture::NATIVE.also_runs(Architecture::X86) && filter.table(Architecture::X86).is_none()
        }
    }
}

/// Refuses to run a 32-bit program; what cannot be looked at is left for exec to judge.
pub(super) fn refuse_32_bits(command: &Command) -> Result<(), Fault> {
    let program = command.candidates.iter().find(|file| access(file.as_c_str(), Access::EXEC_OK).is_ok());
    match program.and_then(|file| header(file)) {
        Some(header) if is_of_32_bits(&header) => {
            let program = command.argv.first().map(|word| word.to_string_lossy()).unwrap_or_default();
            Err(Fault::of(OF_32_BITS, program)(Errno(libc::ENOEXEC)))
        }
        _ => Ok(()),
    }
}

fn is_of_32_bits(header: &[u8]) -> bool {
    let machine = header.get(MACHINE..MACHINE + 2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
    header.starts_with(MAGIC) && machine.is_some_and(|machine| MACHINES_OF_X86.contains(&machine))
}

/// The first bytes of a file; nothing of one that is not there, cannot be read, or is a folder.
fn header(file: &CStr) -> Option<[u8; MACHINE + 2]> {
    // Without waiting: it might be a pipe.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = rustix::fs::open(file, flags, Mode::empty()).ok()?;
    let mut header = [0; MACHINE + 2];
    rustix::io::read(&file, &mut header).ok()?;
    Some(header)
}
