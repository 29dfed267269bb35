//! The keys of `[desktop]` that open sound and devices, and those for programs that look as others do.

use super::Key;
use crate::frontend::profile::desktop;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::{Dconf, Switch};
use crate::frontend::profile::reader::{Reader, words};
use crate::frontend::profile::tree::Node;

/// When the parts of a working look are there, unless a profile says otherwise.
const WITH_WINDOWS: &str = "`true` where the command can open windows, else `false`";

/// Sound, devices and the look.
pub static LOOK: &[Key] = &[
    switch("desktop.audio", "`false`", "audio = true", |reader, node| desktop::switch(reader, node, Switch::Audio)),
    switch("desktop.microphone", "`false`", "microphone = true", |reader, node| {
        desktop::switch(reader, node, Switch::Microphone);
    }),
    switch("desktop.pipewire", "`false`", "pipewire = true", |reader, node| {
        desktop::switch(reader, node, Switch::Pipewire);
    }),
    switch("desktop.gpu", "`false`", "gpu = true", |reader, node| desktop::switch(reader, node, Switch::Gpu)),
    switch("desktop.camera", "`false`", "camera = true", |reader, node| desktop::switch(reader, node, Switch::Camera)),
    switch("desktop.input-devices", "`false`", "input-devices = true", |reader, node| {
        desktop::switch(reader, node, Switch::InputDevices);
    }),
    switch("desktop.fonts", WITH_WINDOWS, "fonts = true", |reader, node| desktop::switch(reader, node, Switch::Fonts)),
    switch("desktop.themes", WITH_WINDOWS, "themes = true", |reader, node| {
        desktop::switch(reader, node, Switch::Themes);
    }),
    switch("desktop.icons", WITH_WINDOWS, "icons = true", |reader, node| desktop::switch(reader, node, Switch::Icons)),
    switch("desktop.locale", WITH_WINDOWS, "locale = true", |reader, node| {
        desktop::switch(reader, node, Switch::Locale);
    }),
    switch("desktop.input-method", WITH_WINDOWS, "input-method = true", |reader, node| {
        desktop::switch(reader, node, Switch::InputMethod);
    }),
    switch("desktop.accessibility", WITH_WINDOWS, "accessibility = true", |reader, node| {
        desktop::switch(reader, node, Switch::Accessibility);
    }),
    Key {
        name: "desktop.dconf",
        form: Form::Choice(words::<Dconf>),
        default: "`none`",
        example: r#"dconf = "read""#,
        apply: desktop::dconf,
    },
];

/// A key that opens something, or does not.
const fn switch(
    name: &'static str,
    default: &'static str,
    example: &'static str,
    apply: fn(&mut Reader<'_>, &Node),
) -> Key {
    Key { name, form: Form::Boolean, default, example, apply }
}
