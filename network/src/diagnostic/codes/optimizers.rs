//! RF8xx: answers of the optimizers.

codes! {}
