//! Standard output, for the commands that print; a run leaves it to the payload.

use super::stop::Stop;
use nsbox::error::Errno;
use std::io::{ErrorKind, Write};

/// Prints a text.
///
/// # Errors
/// Where nobody reads on, quietly; where it cannot be written, with the reason.
pub fn print(text: &str) -> Result<(), Stop> {
    print_to(&mut std::io::stdout().lock(), text)
}

fn print_to(output: &mut impl Write, text: &str) -> Result<(), Stop> {
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Stop::OutputClosed),
        Err(error) => Err(anyhow::anyhow!("could not write to standard output: {}", Errno::from(error)).into()),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stop, print_to};
    use std::io::{Error, Write};

    /// A stream that takes nothing.
    struct Closed(i32);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(Error::from_raw_os_error(self.0))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_read_enough_is_no_error() {
        let stop = print_to(&mut Closed(libc::EPIPE), "text").expect_err("nobody reads");
        assert!(matches!(stop, Stop::OutputClosed));
        assert_eq!(stop.report(), 0);
    }

    #[test]
    fn a_full_disk_is_one() {
        let stop = print_to(&mut Closed(libc::ENOSPC), "text").expect_err("no room");
        let Stop::Host(error) = stop else { panic!("{stop:?}") };
        assert_eq!(error.to_string(), "could not write to standard output: No space left on device (ENOSPC)");
    }
}
