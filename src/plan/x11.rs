//! X servers, as services of a plan (X(7)).

use super::encoding;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where X servers have their sockets, each named by the number of its display.
pub const X11_SOCKETS: &str = "/tmp/.X11-unix";
/// The highest number of a display: the port that belongs to it is 6000 further on (X(7), "Display Names").
pub const DISPLAY_MAX: u16 = 65535 - 6000;
/// The file in the folder of the service that the payload shows to be let in (Xau(3)).
pub const X11_AUTHORITY: &str = "xauthority";

/// Where the socket of a display is.
pub fn x11_socket(display: u16) -> PathBuf {
    Path::new(X11_SOCKETS).join(format!("X{display}"))
}

/// A display of the host, and what the caller shows to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostDisplay {
    /// Its number.
    pub number: u16,
    /// The caller's Xauthority file, if there is one (Xau(3)).
    #[serde(with = "encoding::optional_path")]
    pub authority: Option<PathBuf>,
}

/// An X server for one sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum XServer {
    /// Xwayland(1): it shows its screen as a window of a Wayland compositor.
    Xwayland {
        /// The socket of the compositor on the host.
        #[serde(with = "encoding::path")]
        compositor: PathBuf,
    },
    /// Xephyr(1): it shows its screen as a window of another X server.
    Xephyr {
        /// Of which.
        parent: HostDisplay,
    },
    /// Xvfb(1): it shows its screen nowhere.
    Xvfb,
}

impl XServer {
    /// The name of its program.
    pub fn program(&self) -> &'static str {
        match self {
            Self::Xwayland { .. } => "Xwayland",
            Self::Xephyr { .. } => "Xephyr",
            Self::Xvfb => "Xvfb",
        }
    }
}
