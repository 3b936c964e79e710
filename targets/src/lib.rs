//! ranform targets.
