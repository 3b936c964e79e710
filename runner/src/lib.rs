//! The `ranform` command and everything with effects.
