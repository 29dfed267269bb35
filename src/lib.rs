//! nsbox runs one command inside a sandbox made of Linux namespaces, as an ordinary user, without sudo.
//!
//! ```text
//! profile.toml + flags --+
//!                        +--> frontend --lower--> Plan --stage--> Staged --run--> Outcome
//! host::HostFacts -------+                         |
//!                                                  `- nsbox plan
//! ```
//!
//! Five ideas hold it up.
//!
//! 1. [`plan::Plan`] is the one core value: pure data, absolute, complete and valid, each item with its
//!    [`plan::Origin`]. It can be had only through validation.
//! 2. Lowering is a pure function of what a person wrote and of [`host::HostFacts`], which are read once.
//! 3. Everything that can fail early does: [`execute::stage`] looks up and compiles before any process is made.
//! 4. The dangerous order is written down once, in the table of [`execute::step`]; three straight scripts play it.
//! 5. One file per kernel feature, in [`isolate`]: each takes a slice of the plan and applies it, and knows no other.
//!
//! # Layers
//!
//! A module imports only from rows below its own, which a test holds.
//!
//! | layer | modules | |
//! |---|---|---|
//! | 5 | `main`, `cli` (of the binary) | the only ones that print and exit |
//! | 4 | [`frontend`], [`doctor`], [`verify`] | `frontend` never imports `execute` |
//! | 3 | [`execute`] | |
//! | 2 | [`isolate`] | its modules never import each other |
//! | 1 | [`plan`], [`host`], [`sound`] | `plan` imports only `error` |
//! | 0 | [`error`], [`sys`] | all `unsafe` lives in `sys` |
//!
//! # The processes
//!
//! ```text
//! monitor            on the host's side, one thread; supervises, passes signals on, reports
//!  `- init           pid 1 of the sandbox; builds its root, seals itself, reaps
//!      `- payload    becomes the command
//! ```

#![deny(unsafe_code)]

pub mod doctor;
pub mod error;
pub mod execute;
pub mod frontend;
pub mod host;
pub mod isolate;
pub mod plan;
pub mod sound;
#[allow(unsafe_code, reason = "this is the one place for it")]
pub mod sys;
pub mod verify;
