//! Reports of hosts that are not here, as people read them.
