//! `--help`, `-h` and `--version`, and what is said where nothing was asked.

use super::grammar;
use super::invocation::Detail;
use super::output;
use super::stop::Stop;
use super::terminal::Target;

/// How wide the help is that no terminal shows.
const WIDTH_DEFAULT: usize = 100;

/// Prints the help of nsbox, or of one of its commands.
///
/// # Errors
/// Where standard output cannot be written.
pub fn show(of: Option<&str>, detail: Detail) -> Result<(), Stop> {
    output::print(&help(of, detail, Target::output()))
}

/// Prints the version.
///
/// # Errors
/// Where standard output cannot be written.
pub fn version() -> Result<(), Stop> {
    output::print(concat!("nsbox ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// The help as text.
pub fn help(of: Option<&str>, detail: Detail, target: Target) -> String {
    let text = grammar::help(of, detail, target.width.unwrap_or(WIDTH_DEFAULT));
    // Empty lines come indented from clap.
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
