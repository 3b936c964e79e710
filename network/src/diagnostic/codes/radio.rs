//! RF3xx: units, radio identifiers, carriers.

codes! {
    UNKNOWN_UNIT = "RF301" "unknown-unit" "a quantity has a unit that does not exist";
}
