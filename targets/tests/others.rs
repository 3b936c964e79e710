//! Leaves of others beside ours: they survive creation, change, rollback and teardown, and are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use ranform_network::deployment::{Quota, Quotas};
use ranform_network::network::{Protocol, Technology};
use ranform_network::{Artifact, ArtifactKind, Deployment, Resource};
use ranform_targets::*;

fn nothing(deployment: &Deployment) -> Deployment {
    Deployment { devices: deployment.devices.clone(), ..Deployment::default() }
}

/// Plants a text after another in a document of the folder.
fn plant(folder: &mut Folder, path: &str, after: &str, text: &str) {
    let document = String::from_utf8(folder[path].clone()).unwrap();
    assert!(document.contains(after), "{after} in {document}");
    folder.insert(path.to_owned(), document.replacen(after, &format!("{after}{text}"), 1).into_bytes());
}

fn holds(folder: &Folder, path: &str, text: &str) -> bool {
    folder.get(path).is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(text))
}

#[test]
fn a_label_in_an_lte_cell_survives_its_teardown() {
    let station = example::station("ranform-lte", Technology::Lte, Protocol::Directory, example::both);
    let mut folder = Folder::new();
    apply(&mut folder, &nothing(&station), &station);
    plant(&mut folder, "config.xml", "<id>shared</id>", "<label xmlns=\"urn:vendor\">theirs</label>");
    let profile = profile("ranform-lte");
    let foreign = read(&folder, &profile, &recorded(&station)).foreign;
    assert_eq!(
        foreign.into_iter().collect::<Vec<_>>(),
        [("/enb/cell[id='shared']/label".to_owned(), "theirs".to_owned())]
    );
    let mut changed = station.clone();
    for placed in changed.placed.values_mut() {
        if let Resource::Cell(cell) = &mut placed.resource {
            cell.power_dbm = Some(23.5);
        }
    }
    let undo = apply(&mut folder, &station, &changed);
    assert!(holds(&folder, "config.xml", "theirs") && holds(&folder, "config.xml", "23.5"));
    play(&mut folder, &undo);
    assert!(holds(&folder, "config.xml", "theirs") && !holds(&folder, "config.xml", "23.5"));
    apply(&mut folder, &changed, &nothing(&station));
    assert!(holds(&folder, "config.xml", "theirs"));
    assert!(!holds(&folder, "config.xml", "earfcn"), "{}", show(&folder));
}

#[test]
fn an_entry_that_cannot_stay_for_others_is_an_error() {
    let station = example::station("3gpp-r18", Technology::Nr, Protocol::Directory, example::both);
    let mut folder = Folder::new();
    apply(&mut folder, &nothing(&station), &station);
    plant(&mut folder, "config.xml", "<cellLocalId>1</cellLocalId>", "<userLabel>theirs</userLabel>");
    let (present, profile, empty) = (documents(&folder), profile("3gpp-r18"), nothing(&station));
    let changes = changes(&station, &empty);
    let job = Job {
        deployment: &empty,
        changes: &changes,
        device: &device_address(),
        profile: &profile,
        present: &present,
        folder: None,
    };
    let error = render(&job).unwrap_err();
    assert!(error.findings.iter().all(|finding| finding.code.id == "RF762"), "{error}");
    // An edit made without that knowledge is caught before it is sent.
    let device = with_protocol(&empty, Protocol::Netconf);
    let blind = Job { present: &[], deployment: &device, ..job };
    let edit = render(&blind).unwrap();
    let known = recorded(&station);
    let query = Query { device: &device_address(), profile: &profile, known: &known };
    // The cells are shut down by one edit and removed by a later one.
    let target = find("netconf-3gpp").unwrap();
    let endangered: Vec<String> =
        edit.iter().flat_map(|edit| target.endangered(edit, &present, &query).unwrap()).collect();
    assert!(endangered.iter().any(|path| path.ends_with("userLabel")), "{endangered:?}");
}

#[test]
fn security_of_an_ssid_moves_with_it_and_is_not_told() {
    let point = example::access_point("hostapd", Protocol::Directory);
    let mut folder = Folder::new();
    apply(&mut folder, &nothing(&point), &point);
    plant(&mut folder, "hostapd-r1.conf", "ssid=blue\n", "wpa=2\nsae_password=very secret\nbeacon_int=200\n");
    let mut changed = point.clone();
    changed.placed.retain(|address, _| !address.as_str().ends_with("tenant.red"));
    apply(&mut folder, &point, &changed);
    apply(&mut folder, &changed, &point);
    let conf = String::from_utf8(folder["hostapd-r1.conf"].clone()).unwrap();
    let blue = conf.split("bss=").next().unwrap();
    assert!(blue.contains("sae_password=very secret") && blue.contains("beacon_int=200"), "{conf}");
    let foreign = read(&folder, &profile("hostapd"), &recorded(&point)).foreign;
    assert_eq!(foreign["hostapd-r1.conf#blue.wpa"], "2");
    assert_eq!(foreign["hostapd-r1.conf#blue.sae_password"], "(not shown)");
}

#[test]
fn different_policies_for_the_cells_of_one_set_are_an_error() {
    let mut station = example::station("3gpp-r16", Technology::Nr, Protocol::Directory, example::both);
    let other = example::both(30.0, 133);
    let red = device_address().child("cell", "passive").child("tenant", "red");
    if let Resource::CellTenant(tenant) = &mut station.placed.get_mut(&red).unwrap().resource {
        tenant.quota = Some(other);
    }
    let (empty, profile) = (nothing(&station), profile("3gpp-r16"));
    let changes = changes(&empty, &station);
    let job = Job {
        deployment: &station,
        changes: &changes,
        device: &device_address(),
        profile: &profile,
        present: &[],
        folder: None,
    };
    let error = render(&job).unwrap_err();
    assert_eq!(error.findings[0].code.id, "RF763");
    assert!(error.findings[0].message.contains("cell.passive"), "{error}");
}

/// A document as it would be written.
fn written(document: &Document) -> Artifact {
    Artifact {
        target: "flexric".to_owned(),
        device: device_address(),
        path: document.path.clone(),
        kind: ArtifactKind::Whole,
        bytes: document.bytes.clone(),
    }
}

/// What the documents of a station made from nothing would take away of what is there.
fn taken(made: &[Artifact], present: &[Document], known: &Deployment, name: &str) -> Vec<String> {
    let (profile, known) = (profile(name), recorded(known));
    let query = Query { device: &device_address(), profile: &profile, known: &known };
    let target = find(&profile.target).unwrap();
    made.iter().flat_map(|artifact| target.endangered(artifact, present, &query).unwrap()).collect()
}

#[test]
fn a_slice_document_of_somebody_else_and_a_slice_in_ours_are_not_taken() {
    let reserved = |percent, prbs| match example::both(percent, prbs) {
        Quotas::Both { both } => Quotas::Both { both: Quota { dedicated: 0.0, ..both } },
        each => each,
    };
    let station = example::station("flexric", Technology::Nr, Protocol::Directory, reserved);
    let nobody = nothing(&station);
    let mut folder = Folder::new();
    apply(&mut folder, &nobody, &station);
    let ours = documents(&folder);
    let made: Vec<Artifact> = ours.iter().map(written).collect();
    let path = ours[0].path.clone();
    assert!(path.starts_with("slices/"), "{path}");
    let theirs = [Document { path: path.clone(), bytes: b"{}".to_vec() }];
    assert_eq!(taken(&made, &theirs, &nobody, "flexric"), [path.as_str()]);
    // What we would write, and what we wrote, is ours.
    assert!(taken(&made, &ours, &nobody, "flexric").is_empty());
    assert!(taken(&made, &ours, &station, "flexric").is_empty());
    // Somebody gives one of the slices another name.
    let (path, text, label) = ours
        .iter()
        .find_map(|document| {
            let text = String::from_utf8(document.bytes.clone()).ok()?;
            let label = text.split("\"label\": \"").nth(1)?.split('"').next()?.to_owned();
            Some((document.path.clone(), text, label))
        })
        .unwrap();
    folder.insert(path.clone(), text.replacen(&format!("\"{label}\""), "\"theirs\"", 1).into_bytes());
    assert_eq!(taken(&made, &documents(&folder), &station, "flexric"), [format!("{path}#theirs")]);
}
