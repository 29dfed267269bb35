//! Pure tests of the profile language, on a host that exists in memory only.
