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

const LTE: Carries = Carries { profile: "ranform-lte", technology: Technology::Lte, cores: true, ..NR };

macro_rules! others {
    ($($name:ident: $strategy:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
            $(#[test]
            fn $name((x, y) in ($strategy, $strategy)) {
                round_trip(&x, &y, ap::scramble);
            })*
        }
    };
}

others! {
    json_access_point: ap::access_point("directory", true);
    json_switch: ap::switch("directory", true);
    openconfig_ap: ap::access_point("openconfig-ap", true);
    openconfig_ap_plain: ap::access_point("openconfig-ap-plain", false);
    o_ran_vlan: ap::switch("o-ran-vlan", true);
    ietf_vlan: ap::switch("ietf-vlan", false);
    openconfig_vlan: ap::switch("openconfig-vlan", true);
}

macro_rules! stations {
    ($($name:ident: $carries:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
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
    lte: LTE;
}
