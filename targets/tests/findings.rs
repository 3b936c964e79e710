//! What a format cannot say is an error that names the address, never silently dropped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use ranform_network::deployment::Quotas;
use ranform_network::network::{Protocol, Technology};
use ranform_network::{Deployment, Resource};
use ranform_targets::*;

/// The codes of rendering `deployment` from nothing after `edit` of each resource.
fn codes(mut deployment: Deployment, edit: fn(&mut Resource)) -> Vec<&'static str> {
    deployment.placed.values_mut().for_each(|placed| edit(&mut placed.resource));
    let empty = Deployment { devices: deployment.devices.clone(), ..Deployment::default() };
    let profile = deployment.devices[&device_address()].profile.clone();
    let changes = changes(&empty, &deployment);
    let job = Job {
        deployment: &deployment,
        changes: &changes,
        device: &device_address(),
        profile: &profile,
        present: &[],
        folder: None,
    };
    let Err(error) = render(&job) else { return Vec::new() };
    let diagnostics = error.diagnostics(&deployment);
    assert!(
        diagnostics.iter().all(|diagnostic| !diagnostic.help.is_empty() && diagnostic.message.contains("node.device"))
    );
    let mut codes: Vec<&str> = error.findings.iter().map(|finding| finding.code.id).collect();
    codes.dedup();
    codes
}

fn station(profile: &str, technology: Technology) -> Deployment {
    example::station(profile, technology, Protocol::Directory, example::both)
}

#[test]
fn values_finer_than_the_format_are_told() {
    let fraction = |resource: &mut Resource| {
        if let Resource::CellTenant(tenant) = resource
            && let Some(Quotas::Both { both }) = &mut tenant.quota
        {
            both.min = 33.3;
            both.dedicated = 0.0;
        }
    };
    for (profile, technology) in [
        ("3gpp-r18", Technology::Nr),
        ("ranform-lte", Technology::Lte),
        ("srsran", Technology::Nr),
        ("flexran-percentage", Technology::Lte),
    ] {
        assert_eq!(codes(station(profile, technology), fraction), ["RF760"], "{profile}");
    }
    let half = |resource: &mut Resource| {
        if let Resource::Radio(radio) = resource {
            radio.power_dbm = Some(17.5);
        }
    };
    assert_eq!(codes(example::access_point("openconfig-ap", Protocol::Directory), half), ["RF760"]);
}

#[test]
fn mandatory_values_are_asked_for() {
    let without = |resource: &mut Resource| match resource {
        Resource::Node(node) => node.id = None,
        Resource::Cell(cell) => cell.pci = None,
        _ => {}
    };
    assert_eq!(codes(station("3gpp-r17", Technology::Nr), without), ["RF761"]);
    assert_eq!(codes(station("srsran", Technology::Nr), without), ["RF761"]);
}

#[test]
fn slices_that_do_not_fit_are_told() {
    let large = |resource: &mut Resource| {
        if let Resource::CellTenant(tenant) = resource
            && let Some(Quotas::Both { both }) = &mut tenant.quota
        {
            both.prbs = 80;
        }
    };
    assert_eq!(codes(station("flexran", Technology::Lte), large), ["RF764"]);
}

#[test]
fn tenants_that_would_be_one_entry_are_told() {
    let same = |resource: &mut Resource| match resource {
        Resource::RadioTenant(tenant) => tenant.ssid = "one".to_owned(),
        Resource::CellTenant(tenant) => tenant.snssai = None,
        _ => {}
    };
    assert_eq!(codes(example::access_point("openconfig-ap", Protocol::Directory), same), ["RF765"]);
    assert_eq!(codes(station("srsran", Technology::Nr), same), ["RF765"]);
}
