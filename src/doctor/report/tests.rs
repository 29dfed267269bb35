//! Hosts as fixtures, and what is said of them.
