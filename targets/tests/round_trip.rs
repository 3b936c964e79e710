//! read(render(x)) = x for every format, the way from x to y and back, and leaves of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::gnb::{Carries, scramble, station};
use common::*;
use proptest::prelude::*;
use ranform_network::network::Technology;

const NR: Carries = Carries {
    profile: "3gpp-r18",
    technology: Technology::Nr,
    directions: true,
    cores: false,
    pattern: false,
    priority: false,
    same_policies: false,
    half_decibels: true,
    always_power: false,
};

const JSON: Carries = Carries { profile: "directory", cores: true, pattern: true, priority: true, ..NR };

macro_rules! stations {
    ($($name:ident: $carries:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(128))]
            $(#[test]
            fn $name((x, y) in (station($carries), station($carries))) {
                round_trip(&x, &y, scramble);
            })*
        }
    };
}

stations! {
    json: JSON;
    gpp_r16: Carries { profile: "3gpp-r16", same_policies: true, ..NR };
    gpp_r17: Carries { profile: "3gpp-r17", same_policies: true, ..NR };
    gpp_r18: NR;
}
