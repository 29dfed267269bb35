//! A program beside a test.

use std::process::Child;

/// A program that is killed with the test, however that ends.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
