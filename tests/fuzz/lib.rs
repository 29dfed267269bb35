//! What the fuzz targets share with the tests of the profile language: a host in memory, and the rules that no plan may break.

// The shared files name their parts as nsbox itself does.
pub use nsbox::{error, frontend, host, plan};

#[path = "../../src/frontend/profile/tests/fixture.rs"]
#[allow(dead_code)]
pub mod fixture;
#[path = "../../src/frontend/profile/tests/oracle/mod.rs"]
pub mod oracle;
