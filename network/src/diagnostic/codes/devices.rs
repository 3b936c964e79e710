//! RF7xx: devices, profiles and what they cannot do.

codes! {
    MISSING_KNOB = "RF701" "missing-knob" "a device cannot carry what an intent asks of it";
}
