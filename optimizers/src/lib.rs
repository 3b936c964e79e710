//! ranform optimizers.
