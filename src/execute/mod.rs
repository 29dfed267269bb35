//! A plan, run: everything that can fail early in `stage`, then three processes and their scripts.
