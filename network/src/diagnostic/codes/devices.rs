//! RF7xx: devices, profiles and what they cannot do.

codes! {}
