//! Standard output, for the commands that print; a run leaves it to the payload.

use super::stop::Stop;
use nsbox::error::Errno;
use std::io::{ErrorKind, Write};

/// Prints a text.
///
/// # Errors
/// Where nobody reads on, quietly; where it cannot be written, with the reason.
pub fn print(text: &str) -> Result<(), Stop> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Stop::OutputClosed),
        Err(error) => Err(anyhow::anyhow!("could not write to standard output: {}", Errno::from(error)).into()),
        Ok(()) => Ok(()),
    }
}
