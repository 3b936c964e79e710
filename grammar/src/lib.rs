//! ranform grammar.
