//! The rules that schedulers' own parsers and validators keep, held against everything that is rendered. Sources are
//! named beside each; no schema of these formats is published.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::gnb::{Carries, station};
use common::*;
use proptest::prelude::*;
use ranform_network::Deployment;
use ranform_network::network::{Protocol, Technology};
use ranform_targets::{Job, render};
use serde_json::Value;

const SRSRAN: Carries = Carries {
    profile: "srsran",
    technology: Technology::Nr,
    directions: false,
    cores: true,
    pattern: true,
    priority: true,
    same_policies: false,
    half_decibels: false,
    always_power: false,
    fixed: None,
    dedicated: true,
    time_division: true,
};
const FLEXRAN: Carries = Carries {
    profile: "flexran",
    technology: Technology::Lte,
    directions: true,
    fixed: Some(4),
    cores: false,
    pattern: false,
    priority: false,
    time_division: false,
    ..SRSRAN
};
const FLEXRIC: Carries = Carries {
    profile: "flexric",
    technology: Technology::Nr,
    directions: false,
    fixed: Some(1),
    dedicated: false,
    ..FLEXRAN
};

/// The documents of a deployment from nothing; none where it is refused.
fn documents(deployment: &Deployment) -> Option<Vec<(String, String)>> {
    let nothing = Deployment { devices: deployment.devices.clone(), ..Deployment::default() };
    let changes = changes(&nothing, deployment);
    let device = device_address();
    let profile = deployment.devices[&device].profile.clone();
    let job = Job { deployment, changes: &changes, device: &device, profile: &profile, present: &[], folder: None };
    let artifacts = render(&job).ok()?;
    Some(artifacts.into_iter().map(|one| (one.path, String::from_utf8(one.bytes).unwrap())).collect())
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn within(value: &Value, name: &str, range: std::ops::RangeInclusive<u64>) -> u64 {
    let number = value[name].as_u64().unwrap_or_else(|| panic!("`{name}` is no whole number: {value}"));
    assert!(range.contains(&number), "`{name}` {number} is not in {range:?}");
    number
}

/// du_high_config_cli11_schema.cpp and du_high_config_validator.cpp of srsRAN_Project.
fn srsran_configuration(text: &str) {
    let root: Value = serde_yaml::from_str(text).unwrap();
    if root.get("gnb_id").is_some() {
        let length = within(&root, "gnb_id_bit_length", 22..=32);
        within(&root, "gnb_id", 0..=(1 << length) - 1);
    }
    if root.get("gnb_du_id").is_some() {
        within(&root, "gnb_du_id", 0..=(1 << 36) - 1);
    }
    if let Some(e2) = root.get("e2") {
        assert_eq!(e2["enable_du_e2"], true);
        assert!(e2["addr"].is_string());
        within(e2, "port", 20_000..=40_000);
    }
    for cell in list(&root, "cells") {
        within(cell, "pci", 0..=1007);
        assert!([15, 30, 60, 120].contains(&within(cell, "common_scs", 15..=120)));
        assert!(cell.get("plmn").is_none_or(|plmn| (5..=6).contains(&plmn.as_str().unwrap().len())));
        let mut slices = Vec::new();
        for slice in list(cell, "slicing") {
            let sst = within(slice, "sst", 0..=255);
            let sd = slice.get("sd").map(|_| within(slice, "sd", 0..=0xff_fffe));
            assert!(!slices.contains(&(sst, sd)), "a slice stands once: {text}");
            slices.push((sst, sd));
            srsran_ratios(&slice["sched_cfg"], "ded_prb_policy_ratio");
            if slice["sched_cfg"].get("priority").is_some() {
                within(&slice["sched_cfg"], "priority", 0..=254);
            }
        }
    }
}

/// Dedicated, minimum and maximum in this order; a dedicated ratio of 0 cannot be written in the file.
fn srsran_ratios(ratios: &Value, dedicated: &str) {
    let min = within(ratios, "min_prb_policy_ratio", 0..=100);
    let max = within(ratios, "max_prb_policy_ratio", 1..=100);
    let least = u64::from(dedicated == "ded_prb_policy_ratio");
    let dedicated = ratios.get(dedicated).map_or(0, |_| within(ratios, dedicated, least..=100));
    assert!(dedicated <= min && min <= max, "{ratios}");
}

/// du_high_remote_commands.cpp of srsRAN_Project: `policies` is an object, resources are `PRB`.
fn srsran_command(line: &str) {
    let command: Value = serde_json::from_str(line).unwrap();
    assert_eq!(command["cmd"], "rrm_policy_ratio_set");
    let policies = &command["policies"];
    assert!(policies.is_object());
    assert_eq!(policies["resourceType"], "PRB");
    assert_eq!(list(policies, "rRMPolicyMemberList").len(), 1);
    for member in list(policies, "rRMPolicyMemberList") {
        assert!((5..=6).contains(&member["plmn"].as_str().unwrap().len()));
        within(member, "sst", 0..=255);
        assert!(member.get("sd").is_none_or(|sd| sd.as_u64().is_some_and(|sd| sd < 0xff_ffff)));
    }
    srsran_ratios(policies, "dedicated_ratio");
}

/// rrm_calls.cc of FlexRAN v2: positions inside the carrier, side by side, three blocks at least in the uplink.
fn flexran_static(text: &str, prbs: u64) {
    let root: Value = serde_json::from_str(text).unwrap();
    let groups = prbs.div_ceil(4);
    for (direction, units, edge, least) in [("dl", groups, 0, 1), ("ul", prbs, 3, 3)] {
        let slices = list(&root[direction], "slices");
        let algorithm = if slices.is_empty() { "None" } else { "Static" };
        assert_eq!(root[direction]["algorithm"], algorithm);
        let mut free = edge;
        let mut next = 0;
        for slice in slices {
            next = within(slice, "id", next..=255) + 1;
            let low = within(&slice["static"], "posLow", free..=units - 1 - edge);
            let high = within(&slice["static"], "posHigh", low..=units - 1 - edge);
            assert!(high + 1 - low >= least, "{text}");
            free = high + 1;
        }
    }
}

/// rrm_calls.cc of FlexRAN v2, the deprecated form.
fn flexran_percentages(text: &str) {
    let root: Value = serde_json::from_str(text).unwrap();
    for (direction, codings) in [("dl", 28), ("ul", 20)] {
        let sum: u64 = list(&root, direction).iter().map(|slice| within(slice, "percentage", 1..=100)).sum();
        assert!(sum <= 100, "{text}");
        for slice in list(&root, direction) {
            within(slice, "maxmcs", 0..=codings);
            within(slice, "id", 0..=255);
        }
    }
}

/// slice_data_ie.h and xapp_slice_moni_ctrl.py of FlexRIC.
fn flexric(text: &str) {
    let root: Value = serde_json::from_str(text).unwrap();
    assert_eq!(within(&root, "num_slices", 0..=255), list(&root, "slices").len() as u64);
    assert_eq!(root["slice_sched_algo"], "NVS");
    let mut sum = 0.0;
    let mut ids = Vec::new();
    for slice in list(&root, "slices") {
        assert_eq!(slice["type"], "SLICE_SM_NVS_V0_CAPACITY");
        assert!(["PF", "RR", "MT"].contains(&slice["ue_sched_algo"].as_str().unwrap()));
        let part = slice["slice_algo_params"]["pct_rsvd"].as_f64().unwrap();
        assert!(part > 0.0 && part <= 1.0, "a fraction, no percentage: {text}");
        sum += part;
        ids.push(slice["id"].as_u64().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), list(&root, "slices").len());
    assert!(sum <= 1.0 + 1e-9, "{text}");
}

/// Holds a check against every document that is rendered.
fn each(deployment: &Deployment, check: impl Fn(&str, &str)) {
    for (path, text) in documents(deployment).unwrap_or_default() {
        check(&path, &text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn srsran_takes_what_is_rendered(deployment in station(SRSRAN)) {
        each(&deployment, |path, text| match path {
            "gnb.yml" => srsran_configuration(text),
            _ => text.lines().for_each(srsran_command),
        });
    }

    #[test]
    fn flexran_takes_what_is_rendered(deployment in station(FLEXRAN)) {
        each(&deployment, |_, text| flexran_static(text, 100));
    }

    #[test]
    fn flexran_takes_percentages(deployment in station(Carries { profile: "flexran-percentage", ..FLEXRAN })) {
        each(&deployment, |_, text| flexran_percentages(text));
    }

    #[test]
    fn flexric_takes_what_is_rendered(deployment in station(FLEXRIC)) {
        each(&deployment, |_, text| flexric(text));
    }
}

#[test]
fn the_worked_examples_are_not_refused() {
    for profile in ["srsran", "flexran", "flexran-percentage", "flexric"] {
        let all = example::all(Protocol::Directory);
        let example = all.iter().find(|one| one.devices[&device_address()].profile.name == profile).unwrap();
        assert!(documents(example).is_some_and(|documents| !documents.is_empty()), "{profile}");
    }
}
