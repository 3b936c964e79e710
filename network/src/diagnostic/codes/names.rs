//! RF2xx: names, references, modules, overlays, tables, selections, expressions.

codes! {
    UNKNOWN_REFERENCE = "RF201" "unknown-reference" "a name refers to nothing";
    DUPLICATE_NAME = "RF202" "duplicate-name" "two things have one name";
}
