//! How paths and other byte strings are serialised: as text where they are UTF-8, as a list of bytes where not.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged, expecting = "expected a string, or a list of bytes where it is no UTF-8")]
enum TextOrBytes {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&[u8]> for TextOrBytes {
    fn from(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_owned()),
        }
    }
}

impl From<TextOrBytes> for OsString {
    fn from(value: TextOrBytes) -> Self {
        match value {
            TextOrBytes::Text(text) => text.into(),
            TextOrBytes::Bytes(bytes) => OsString::from_vec(bytes),
        }
    }
}

/// A value that may be `null`, but not left out: a plan is complete.
pub fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A single path.
pub mod path {
    use super::*;

    pub fn serialize<S: Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
        TextOrBytes::from(path.as_os_str().as_bytes()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(PathBuf::from(OsString::from(TextOrBytes::deserialize(deserializer)?)))
    }
}

/// A path that may be `null`, but not left out.
pub mod optional_path {
    use super::*;

    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        path.as_ref().map(|path| TextOrBytes::from(path.as_os_str().as_bytes())).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(stated::<D, TextOrBytes>(deserializer)?.map(|path| PathBuf::from(OsString::from(path))))
    }
}

/// A single word.
pub mod word {
    use super::*;

    pub fn serialize<S: Serializer>(word: &std::ffi::OsStr, serializer: S) -> Result<S::Ok, S::Error> {
        TextOrBytes::from(word.as_bytes()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OsString, D::Error> {
        Ok(TextOrBytes::deserialize(deserializer)?.into())
    }
}

/// A list of words.
pub mod words {
    use super::*;

    pub fn serialize<S: Serializer>(words: &[OsString], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(words.iter().map(|w| TextOrBytes::from(w.as_bytes())))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<OsString>, D::Error> {
        let words = Vec::<TextOrBytes>::deserialize(deserializer)?;
        Ok(words.into_iter().map(OsString::from).collect())
    }
}
