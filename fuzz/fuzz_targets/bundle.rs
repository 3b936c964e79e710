//! Bundles: any bytes are refused or are one bundle, which written again is read as the same one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform_network::bundle::Bundle;

fuzz_target!(|bytes: &[u8]| {
    let Ok((bundle, _)) = Bundle::decode(bytes) else { return };
    let (written, digest) = bundle.encode();
    assert_eq!(Bundle::decode(&written), Ok((bundle, digest)));
});
