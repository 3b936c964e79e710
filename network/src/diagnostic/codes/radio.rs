//! RF3xx: units, radio identifiers, carriers.

codes! {}
