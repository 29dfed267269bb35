//! How a compositor takes the programs of a sandbox, and what it lets those do that it takes for the session's own.

use super::Global;
use std::fmt;

/// The interface by which a sandbox makes itself known (security-context-v1.xml).
pub(super) const SECURITY_CONTEXT_MANAGER: &str = "wp_security_context_manager_v1";

/// How a compositor takes the programs of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// For what they are: it has security contexts.
    Sandboxed,
    /// For programs of the session.
    Unsandboxed(Powers),
}

/// What a compositor lets each program of the session do to the others, as far as its interfaces are known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Powers(Vec<&'static str>);

const CAPTURE: &str = "capture the screen";
const TYPE: &str = "type and click in the windows of others";
const LISTEN: &str = "read what is typed elsewhere";
const CLIPBOARD: &str = "read the clipboard unseen";
const COVER: &str = "cover the screen";
const WINDOWS: &str = "see and close the windows of others";

/// The interfaces that reach into other programs (wlr-protocols, wayland-protocols, and those of KWin, Hyprland and COSMIC).
const POWERS: [(&str, &str); 21] = [
    ("ext_image_copy_capture_manager_v1", CAPTURE),
    ("hyprland_toplevel_export_manager_v1", CAPTURE),
    ("zcosmic_screencopy_manager_v1", CAPTURE),
    ("zcosmic_screencopy_manager_v2", CAPTURE),
    ("zkde_screencast_unstable_v1", CAPTURE),
    ("zwlr_export_dmabuf_manager_v1", CAPTURE),
    ("zwlr_screencopy_manager_v1", CAPTURE),
    ("org_kde_kwin_fake_input", TYPE),
    ("zwlr_virtual_pointer_manager_v1", TYPE),
    ("zwp_virtual_keyboard_manager_v1", TYPE),
    ("zwp_input_method_manager_v2", LISTEN),
    ("zwp_input_method_v1", LISTEN),
    ("ext_data_control_manager_v1", CLIPBOARD),
    ("zwlr_data_control_manager_v1", CLIPBOARD),
    ("ext_session_lock_manager_v1", COVER),
    ("zwlr_input_inhibit_manager_v1", COVER),
    ("zwlr_layer_shell_v1", COVER),
    ("org_kde_plasma_window_management", WINDOWS),
    ("zcosmic_toplevel_info_v1", WINDOWS),
    ("zcosmic_toplevel_manager_v1", WINDOWS),
    ("zwlr_foreign_toplevel_manager_v1", WINDOWS),
];

impl Reception {
    /// By what a compositor offers.
    pub(super) fn of(globals: &[Global]) -> Self {
        let offers = |interface: &str| globals.iter().any(|global| global.interface == interface);
        if offers(SECURITY_CONTEXT_MANAGER) {
            return Self::Sandboxed;
        }
        let mut powers: Vec<_> =
            POWERS.iter().filter(|(interface, _)| offers(interface)).map(|(_, what)| *what).collect();
        powers.dedup();
        Self::Unsandboxed(Powers(powers))
    }

    /// What of it reaches into other programs, where something does.
    pub fn powers(&self) -> Option<&Powers> {
        match self {
            Self::Unsandboxed(powers) if !powers.0.is_empty() => Some(powers),
            _ => None,
        }
    }
}

impl fmt::Display for Powers {
    /// A list in words: `capture the screen, cover the screen and read the clipboard unseen`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, first)) => write!(f, "{} and {last}", first.join(", ")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Global, Reception};

    fn of(interfaces: &[&str]) -> Reception {
        let globals = interfaces.iter().map(|interface| Global { name: 1, interface: (*interface).to_owned() });
        Reception::of(&globals.collect::<Vec<_>>())
    }

    #[test]
    fn what_reaches_into_others_is_told_once_and_nothing_of_who_has_security_contexts() {
        let told = |interfaces: &[&str]| of(interfaces).powers().map(ToString::to_string);
        assert_eq!(told(&["wl_seat", "xdg_wm_base"]), None);
        assert_eq!(told(&["zwlr_layer_shell_v1"]).as_deref(), Some("cover the screen"));
        let wlroots = [
            "zwlr_data_control_manager_v1",
            "zwlr_screencopy_manager_v1",
            "zwlr_export_dmabuf_manager_v1",
            "zwp_virtual_keyboard_manager_v1",
        ];
        assert_eq!(
            told(&wlroots).as_deref(),
            Some("capture the screen, type and click in the windows of others and read the clipboard unseen")
        );
        let with_contexts = [&wlroots[..], &["wp_security_context_manager_v1"]].concat();
        assert_eq!((of(&with_contexts), told(&with_contexts)), (Reception::Sandboxed, None));
    }
}
