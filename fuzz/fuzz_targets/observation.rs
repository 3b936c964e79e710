//! Observation files, as JSON and as CSV: what is read has fractions only, and says the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform::observation::read;

fuzz_target!(|bytes: &[u8]| {
    let _ = read("observation.csv", bytes);
    let Ok(observed) = read("observation.json", bytes) else { return };
    let written = serde_json::to_vec(&observed.telemetry).expect("what was read can be written");
    let again = read("observation.json", &written).expect("what was written can be read");
    assert_eq!(again.telemetry, observed.telemetry);
});
