//! RF6xx: guards, limits, keep, owners, protect, forget, moved, outside change.

codes! {}
