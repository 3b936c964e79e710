//! ranform compiler.
