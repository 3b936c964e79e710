//! read(render(x)) = x for every format, the way from x to y and back, and leaves of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::gnb::{Carries, station};
use common::*;
use proptest::prelude::*;
use ranform_network::Address;
use ranform_network::network::Technology;
use serde_json::Value;

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
    fixed: None,
    dedicated: true,
    time_division: false,
};

const JSON: Carries = Carries { profile: "directory", cores: true, pattern: true, priority: true, ..NR };

const SRSRAN: Carries = Carries {
    profile: "srsran",
    directions: false,
    cores: true,
    pattern: true,
    priority: true,
    half_decibels: false,
    time_division: true,
    ..NR
};
const FLEXRAN: Carries =
    Carries { profile: "flexran", technology: Technology::Lte, directions: true, fixed: Some(4), ..NR };
const FLEXRIC: Carries = Carries { profile: "flexric", directions: false, fixed: Some(1), dedicated: false, ..NR };

const LTE: Carries = Carries { profile: "ranform-lte", technology: Technology::Lte, cores: true, ..NR };

macro_rules! round_trips {
    ($scramble:path; $($name:ident: $strategy:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
            $(#[test]
            fn $name((x, y) in ($strategy, $strategy)) {
                round_trip(&x, &y, $scramble);
            })*
        }
    };
}

round_trips! {
    gnb::scramble;
    json: station(JSON);
    gpp_r16: station(Carries { profile: "3gpp-r16", same_policies: true, ..NR });
    gpp_r17: station(Carries { profile: "3gpp-r17", same_policies: true, ..NR });
    gpp_r18: station(NR);
    gpp_r18_e2: station(Carries { profile: "3gpp-r18-e2", ..NR });
    lte: station(LTE);
}

round_trips! {
    gnb::scramble_srsran;
    srsran: station(SRSRAN);
}

// Formats that hold shares only: all else stays with what is known.
round_trips! {
    gnb::scramble_shares;
    flexran: station(FLEXRAN);
    flexran_percentage: station(Carries { profile: "flexran-percentage", ..FLEXRAN });
    flexric: station(FLEXRIC);
}

round_trips! {
    ap::scramble;
    json_access_point: ap::access_point("directory", true);
    json_switch: ap::switch("directory", true);
    openconfig_ap: ap::access_point("openconfig-ap", true);
    openconfig_ap_plain: ap::access_point("openconfig-ap-plain", false);
    o_ran_vlan: ap::switch("o-ran-vlan", true);
    ietf_vlan: ap::switch("ietf-vlan", false);
    openconfig_vlan: ap::switch("openconfig-vlan", true);
}

round_trips! {
    ap::scramble_hostapd;
    hostapd: ap::access_point("hostapd", true);
}

/// Every address that a value says.
fn addresses(value: &Value, found: &mut BTreeSet<Address>) {
    const NOUNS: [&str; 6] = ["model.", "node.", "policy.", "request.", "ric.", "tenant."];
    match value {
        Value::String(text) if NOUNS.iter().any(|noun| text.starts_with(noun)) => {
            found.insert(Address::from_text(text.as_str()));
        }
        Value::Array(values) => values.iter().for_each(|value| addresses(value, found)),
        Value::Object(members) => members.values().for_each(|value| addresses(value, found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// An address that a rename passed over would restart what it is told to, or be drift for ever.
    #[test]
    fn a_rename_goes_through_every_address_that_software_says(x in software::compute()) {
        for placed in x.placed.values() {
            let said = |value: &Value| { let mut found = BTreeSet::new(); addresses(value, &mut found); found };
            let names = placed.resource.names();
            prop_assert_eq!(&said(&serde_json::to_value(&placed.resource).unwrap()), &names);
            let renamed = placed.resource.renamed(|name| name.child("another", "name"));
            let now: BTreeSet<Address> = names.iter().map(|name| name.child("another", "name")).collect();
            prop_assert_eq!(said(&serde_json::to_value(&renamed).unwrap()), now);
        }
    }
}
