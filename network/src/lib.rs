//! ranform network.
