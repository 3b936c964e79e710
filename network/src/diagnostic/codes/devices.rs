//! RF7xx: devices, profiles and what they cannot do.

codes! {
    MISSING_KNOB = "RF701" "missing-knob" "a device cannot carry what an intent asks of it";
    NOT_ON_GRID = "RF760" "not-on-grid" "a value is finer than the device's format can write";
    MANDATORY_MISSING = "RF761" "mandatory-missing" "the device's format needs a value that no intent gives";
    ENTRY_SHARED = "RF762" "entry-shared" "others keep leaves in an entry that cannot stay without ours";
    POLICIES_DIFFER = "RF763" "policies-differ" "a device with one policy set for all cells is given different ones";
    TOO_FEW_BLOCKS = "RF764" "too-few-blocks" "static slices do not fit into the resource blocks of a cell";
    NOT_DISTINCT = "RF765" "not-distinct" "two things would be one entry on the device";
}
