//! The command line of nsbox.

fn main() {}
