//! The syscall filter.
