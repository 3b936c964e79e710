//! RF9xx: plan, state, apply and devices at run time.

codes! {}
