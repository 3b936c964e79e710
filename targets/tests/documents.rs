//! What is rendered for the worked examples: reviewed snapshots, and the verdicts of yanglint and of hostapd's parser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/skipped.rs"]
mod skipped;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::*;
use ranform_network::Deployment;
use ranform_network::network::Protocol;
use ranform_targets::{Document, xml};
use skipped::skipped;

/// The folder of a device that holds `deployment` from nothing.
fn created(deployment: &Deployment) -> Folder {
    let mut folder = Folder::new();
    apply(&mut folder, &Deployment { devices: deployment.devices.clone(), ..Deployment::default() }, deployment);
    folder
}

fn name(deployment: &Deployment) -> String {
    deployment.devices[&device_address()].profile.name.clone()
}

#[test]
fn artifacts_are_as_reviewed() {
    for deployment in example::all(Protocol::Directory) {
        insta::assert_snapshot!(name(&deployment), show(&created(&deployment)));
    }
}

#[test]
fn an_edit_touches_only_what_differs() {
    for before in example::all(Protocol::Netconf) {
        let profile = before.devices[&device_address()].profile.clone();
        if !profile.target.starts_with("netconf") {
            continue;
        }
        let mut after = before.clone();
        let quota = |percent| example::both(percent, 100);
        for (address, placed) in &mut after.placed {
            match &mut placed.resource {
                ranform_network::Resource::CellTenant(tenant) if tenant.quota.is_some() => {
                    tenant.quota = Some(quota(50.0))
                }
                ranform_network::Resource::RadioTenant(tenant) => tenant.weight = tenant.weight.map(|_| 50.0),
                ranform_network::Resource::PortVlan(vlan) => vlan.description = format!("now {address}"),
                _ => {}
            }
        }
        let changes = changes(&before, &after);
        let job = ranform_targets::Job {
            deployment: &after,
            changes: &changes,
            device: &device_address(),
            profile: &profile,
            present: &[],
            folder: None,
        };
        let artifacts = ranform_targets::render(&job).unwrap();
        let edit: String =
            artifacts.iter().map(|artifact| String::from_utf8_lossy(&artifact.bytes).into_owned()).collect();
        insta::assert_snapshot!(format!("edit-{}", profile.name), edit);
        check_edits(&profile.name, &artifacts);
        // And the way to nothing, in which leaves and entries go.
        let nothing = Deployment { devices: before.devices.clone(), ..Deployment::default() };
        let changes = common::changes(&before, &nothing);
        let job = ranform_targets::Job { deployment: &nothing, changes: &changes, ..job };
        check_edits(&profile.name, &ranform_targets::render(&job).unwrap());
        let known = recorded(&before);
        let query = ranform_targets::Query { device: &device_address(), profile: &profile, known: &known };
        let filter = ranform_targets::find(&profile.target).unwrap().filter(&query).unwrap();
        insta::assert_snapshot!(format!("filter-{}", profile.name), String::from_utf8(filter).unwrap());
    }
}

/// The module sets of RANFORM_YANG and the modules to implement, per profile.
const SETS: &[(&str, &[&str], &[&str])] = &[
    (
        "3gpp-r16",
        &["3gpp-r16", "ietf-if-vlan"],
        &[
            "_3gpp-nr-nrm-nrcelldu",
            "_3gpp-nr-nrm-rrmpolicy",
            "_3gpp-nr-nrm-nrsectorcarrier",
            "ietf-if-vlan-encapsulation",
            "iana-if-type",
        ],
    ),
    (
        "3gpp-r17",
        &["3gpp-r17", "ietf-if-vlan"],
        &[
            "_3gpp-nr-nrm-nrcelldu",
            "_3gpp-nr-nrm-rrmpolicy",
            "_3gpp-nr-nrm-nrsectorcarrier",
            "ietf-if-vlan-encapsulation",
            "iana-if-type",
        ],
    ),
    (
        "3gpp-r18",
        &["3gpp-r18-cr0770", "ietf-if-vlan"],
        &[
            "_3gpp-nr-nrm-nrcelldu",
            "_3gpp-nr-nrm-rrmpolicy",
            "_3gpp-nr-nrm-nrsectorcarrier",
            "ietf-if-vlan-encapsulation",
            "iana-if-type",
        ],
    ),
    (
        "3gpp-r18-e2",
        &["3gpp-r18-cr0770", "ietf-if-vlan"],
        &[
            "_3gpp-nr-nrm-nrcelldu",
            "_3gpp-nr-nrm-rrmpolicy",
            "_3gpp-nr-nrm-nrsectorcarrier",
            "ranform-e2",
            "ietf-if-vlan-encapsulation",
            "iana-if-type",
        ],
    ),
    (
        "openconfig-ap",
        &["openconfig-wifi-v1.0.0", "openconfig-vlan-v1.0.0"],
        &[
            "openconfig-wifi-types",
            "openconfig-ap-manager",
            "openconfig-access-points",
            "ranform-airtime",
            "openconfig-interfaces",
            "openconfig-vlan",
            "iana-if-type",
        ],
    ),
    (
        "openconfig-ap-plain",
        &["openconfig-wifi-v1.0.0", "openconfig-vlan-v1.0.0"],
        &[
            "openconfig-wifi-types",
            "openconfig-ap-manager",
            "openconfig-access-points",
            "openconfig-interfaces",
            "openconfig-vlan",
            "iana-if-type",
        ],
    ),
    ("o-ran-vlan", &["o-ran-vlan"], &["o-ran-interfaces", "iana-if-type"]),
    ("ietf-vlan", &["ietf-if-vlan"], &["ietf-if-vlan-encapsulation", "iana-if-type"]),
    ("openconfig-vlan", &["openconfig-vlan-v1.0.0"], &["openconfig-interfaces", "openconfig-vlan", "iana-if-type"]),
    ("ranform-lte", &["ietf-if-vlan"], &["ranform-lte", "ranform-e2", "ietf-if-vlan-encapsulation", "iana-if-type"]),
];

/// Every edit is one by the schemas of its profile: names, values, and what may be removed.
fn check_edits(profile: &str, artifacts: &[ranform_network::Artifact]) {
    let Some(sets) = std::env::var_os("RANFORM_YANG").map(PathBuf::from) else {
        skipped(&format!("edits of {profile} by its real modules (RANFORM_YANG is not set)"));
        return;
    };
    let (_, folders, modules) = SETS.iter().find(|(name, _, _)| *name == profile).unwrap();
    // `operation` is an annotation of this module, which comes with the server of the tests.
    let netconf = PathBuf::from("/usr/share/yuma/modules/ietf");
    if !netconf.is_dir() {
        skipped(&format!("edits of {profile} by its real modules (ietf-netconf is not at hand)"));
        return;
    }
    let mut paths = vec![own_modules()];
    paths.extend(folders.iter().map(|folder| sets.join(folder)));
    // Last: it holds other revisions of modules that the sets bring along.
    paths.push(netconf);
    let modules: Vec<&str> = modules.iter().copied().chain(["ietf-netconf"]).collect();
    for artifact in artifacts {
        // What is in `<config>`, under a root of its own as data nodes are read.
        let text = String::from_utf8(artifact.bytes.clone()).unwrap();
        let (start, end) = (text.find('>').unwrap() + 1, text.rfind("</config>").unwrap());
        let inner = text[start..end]
            .replace("nc:operation=", "xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:operation=");
        match yanglint(&paths, &modules, "edit", inner.as_bytes()) {
            Some(verdict) => verdict.unwrap_or_else(|text| panic!("{profile} {}: {text}", artifact.path)),
            None => skipped(&format!("edits of {profile} by its real modules (yanglint is not installed)")),
        }
    }
}

fn own_modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("yang")
}

/// The file of a module in one of the folders.
fn module(folders: &[PathBuf], name: &str) -> PathBuf {
    let mut found =
        folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    found
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{name}@")))
        .unwrap_or_else(|| panic!("no module {name} in {folders:?}"))
}

/// The verdict of yanglint on data nodes, of a `config` or an `edit`; none where yanglint is not installed.
fn yanglint(folders: &[PathBuf], modules: &[&str], kind: &str, document: &[u8]) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.xml");
    std::fs::write(&file, document).unwrap();
    let mut command = Command::new("yanglint");
    command.args(["-ii", "-t", kind]);
    for folder in folders {
        command.arg("-p").arg(folder);
    }
    command.args(modules.iter().map(|name| module(folders, name))).arg(&file);
    let output = command.output().ok()?;
    let text = || format!("{}\n{}", String::from_utf8_lossy(&output.stderr), std::fs::read_to_string(&file).unwrap());
    Some(if output.status.success() { Ok(()) } else { Err(text()) })
}

#[test]
fn yanglint_accepts_what_is_rendered() {
    let sets = std::env::var_os("RANFORM_YANG").map(PathBuf::from);
    for deployment in example::all(Protocol::Directory) {
        let profile = name(&deployment);
        let Some((_, folders, modules)) = SETS.iter().find(|(name, _, _)| *name == profile) else { continue };
        let mut paths = vec![own_modules()];
        let bytes = created(&deployment)["config.xml"].clone();
        let mut forest = xml::parse(&Document { path: "config.xml".into(), bytes }).unwrap();
        let mut modules = modules.to_vec();
        match &sets {
            Some(sets) => paths.extend(folders.iter().map(|folder| sets.join(folder))),
            // Our own module is always there.
            None if profile == "ranform-lte" => {
                forest.retain(|element| element.namespace.starts_with("urn:ranform:"));
                modules.truncate(2);
            }
            None => {
                skipped(&format!("documents of {profile} by its real modules (RANFORM_YANG is not set)"));
                continue;
            }
        }
        match yanglint(&paths, &modules, "config", &xml::document(&forest)) {
            Some(verdict) => verdict.unwrap_or_else(|text| panic!("{profile}: {text}")),
            None => skipped(&format!("documents of {profile} by its modules (yanglint is not installed)")),
        }
    }
}

#[test]
fn our_modules_stand_alone() {
    for name in ["ranform-lte", "ranform-e2"] {
        match Command::new("yanglint").arg(module(&[own_modules()], name)).status() {
            Ok(status) => assert!(status.success(), "{name}"),
            Err(_) => skipped(&format!("our module {name} by itself (yanglint is not installed)")),
        }
    }
    let bad = "<enb xmlns='urn:ranform:lte'><cell><id>a</id><tenant><id>red</id><mcc>1</mcc><mnc>01</mnc></tenant></cell></enb>";
    let forest = xml::parse(&Document { path: String::new(), bytes: bad.into() }).unwrap();
    if let Some(verdict) = yanglint(&[own_modules()], &["ranform-lte"], "config", &xml::document(&forest)) {
        assert!(verdict.is_err(), "a country code of one digit is refused");
    }
}

/// hostapd's own parser, with `driver=none`: only its count of errors is a verdict, it has no radio to start.
#[test]
fn hostapd_accepts_what_is_rendered() {
    let example = example::access_point("hostapd", Protocol::Directory);
    let conf = String::from_utf8(created(&example)["hostapd-r1.conf"].clone()).unwrap();
    let verdict = |conf: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hostapd.conf");
        std::fs::write(&file, conf.replace("driver=nl80211", "driver=none")).unwrap();
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
        let output = Command::new("hostapd").arg("-t").arg(&file).env("PATH", path).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
    };
    let Some(accepted) = verdict(&conf) else {
        skipped("hostapd's own parser (hostapd is not installed)");
        return;
    };
    assert!(!accepted.contains("errors found in configuration file"), "{accepted}\n{conf}");
    let refused = verdict(&conf.replace("airtime_mode=3", "airtime_mode=9")).unwrap();
    assert!(refused.contains("errors found in configuration file"), "{refused}");
}
