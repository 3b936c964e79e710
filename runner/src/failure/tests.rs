//! Every error of the run time as a user meets it: one page to read (`snapshots/`), and no code without a text.

use std::path::Path;

use ranform_network::bundle::{Bundle, BundleError};
use ranform_network::network::Protocol;
use ranform_network::source::{Sources, WorldError};

use super::*;
use crate::display::diagnostics::{Style, one};
use crate::drivers::Difference;
use crate::state::{Holder, Kind, Step};

fn gnb() -> Address {
    Address::from_text("node.gnb-1")
}

fn difference() -> Vec<Difference> {
    let address = gnb().child("cell", "nr-1").child("tenant", "red");
    let leaf = "cell-tenant.quota.both.min".to_owned();
    vec![Difference::new(address, leaf, Some(60.into()), Some(50.into()))]
}

fn no_way_in(protocol: Protocol, why: &str) -> DriverError {
    DriverError::Credential { protocol, why: why.to_owned() }
}

fn device_errors() -> Vec<DriverError> {
    vec![
        DriverError::Unreachable("cannot connect to `192.0.2.11:830`: timed out".to_owned()),
        no_way_in(Protocol::Netconf, "the environment variable `RAN_KEY` is not set"),
        no_way_in(Protocol::A1, "the environment variable `A1_TOKEN` is not set"),
        no_way_in(Protocol::Kubernetes, "`kubeconfig` has no context `tset`; did you mean `test`?"),
        DriverError::HostKey("`192.0.2.11:830` shows the host key `SHA256:b`, not `SHA256:a`".to_owned()),
        DriverError::Login("`192.0.2.11:830` refuses the user `ranform`".to_owned()),
        DriverError::NoDriver("this version does not speak its protocol".to_owned()),
        DriverError::Held {
            what: "`kubectl` manages `.spec.replicas` of Deployment `ric-metro/e2t`".to_owned(),
            address: Some("ric.metro/e2t.edge-3".to_owned()),
        },
        DriverError::OtherProject {
            state: "0b6fd3c7a91e".to_owned(),
            objects: vec!["`ric.metro/e2t.edge-3`".to_owned()],
        },
        DriverError::Locked("lock is refused: lock-denied".to_owned()),
        DriverError::Stale(difference()),
        DriverError::Endangered(vec!["/ManagedElement/GNBDUFunction/NRCellDU/userLabel".to_owned()]),
        DriverError::NotTaken(difference()),
        DriverError::NotRestored(difference()),
        DriverError::Unlike {
            what: "`gnb-1/edit.xml` as ranform writes it does not read back as planned".to_owned(),
            just_made: true,
        },
        DriverError::Unlike {
            what: "`gnb-1/edit.xml` of the bundle does not say what its changes say".to_owned(),
            just_made: false,
        },
        DriverError::Failed("edit-config is refused: invalid-value\nbad range".to_owned()),
    ]
}

fn state_errors() -> Vec<StateError> {
    let holder = Holder {
        host: "noc-1".to_owned(),
        user: "ann".to_owned(),
        process: 4711,
        started: 1,
        command: "apply plan.ranplan".to_owned(),
        step: "commit".to_owned(),
        since: u64::MAX,
    };
    vec![
        StateError::File { path: ".ranform".to_owned(), reason: "permission denied".to_owned() },
        StateError::Row { what: "node.gnb-1".to_owned(), reason: "expected a map".to_owned() },
        StateError::Version { found: 2, known: 1 },
        StateError::Locked(Box::new(holder)),
    ]
}

fn outcomes() -> Vec<Outcome> {
    let failures = || Failures::from([(gnb(), DriverError::NotTaken(difference()))]);
    vec![
        Outcome::AppliedBefore { serial: 3 },
        Outcome::OldState { made_from: 3, now: 4 },
        Outcome::Refused { failures: failures() },
        Outcome::RolledBack { causes: failures() },
        Outcome::Partly { settled: vec![gnb()], waiting: vec![gnb()], failures: failures(), decided: true },
        Outcome::Partly { settled: Vec::new(), waiting: Vec::new(), failures: failures(), decided: false },
    ]
}

/// What an observation of another network is told.
fn unknown_observation() -> Diagnostic {
    let csv = b"interface,tenant,used\nnode.gnb-1/cell.nr-9,red,0.5\nnode.gnb-1/cell.nr-9,blue,0.5\n";
    let observed = crate::observation::read("loads.csv", csv).unwrap();
    observed.findings(&ranform_network::Network::default()).remove(0)
}

fn all() -> Vec<Diagnostic> {
    let path = Path::new("plan.ranplan");
    let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
    let mut findings = vec![
        usage("there is no bundle to apply, and nobody to ask", "name one: `ranform apply FILE.ranplan`"),
        file(path, &gone),
        file(path, &std::io::Error::from(std::io::ErrorKind::PermissionDenied)),
        lost(Path::new("stdout"), &std::io::Error::from(std::io::ErrorKind::StorageFull)),
        world(&WorldError::Missing("intents".to_owned())),
        too_large(path, "a bundle"),
        observation("`loads.csv` row 2: `much` is no number for `load`"),
        unknown_observation(),
        not_approved("nothing was applied"),
        system("the system gives no threads"),
        damaged(Path::new(".ranform/snapshot.json"), "expected value at line 1 column 1"),
        nothing_decided("nothing is decided at `node.gnb-2`; did you mean `node.gnb-1`?"),
    ];
    let bundles = [
        BundleError::TooLarge,
        BundleError::Malformed("no manifest".to_owned()),
        BundleError::Version("2.0".to_owned()),
        BundleError::Altered("changes.json".to_owned()),
    ];
    findings.extend(bundles.iter().map(|reason| bundle(path, reason)));
    for decided in [false, true] {
        findings.push(pending(&Pending {
            digest: "0123456789abcdef".to_owned(),
            kind: Kind::Apply,
            bundle: Bundle::default(),
            persist: "ranform-x".to_owned(),
            decided,
            step: Some(Step::Commit),
            undone_by: Step::Commit.undone_by().to_owned(),
            since: 0,
            details: Default::default(),
        }));
    }
    findings.extend(state_errors().iter().map(Diagnostic::from));
    findings.extend(device_errors().iter().map(|reason| device(&gnb(), reason)));
    findings.push(degraded(&gnb(), "the RIC says of it: NOT_ENFORCED, OTHER_REASON"));
    findings.push(stranger(&Stranger {
        file: "deploy/ric-metro/metro-e2t-edge-1.yaml".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    }));
    findings.extend(outcomes().iter().flat_map(outcome));
    findings
}

#[test]
fn every_error_of_the_run_time_is_told_with_its_code() {
    let sources = Sources::new();
    let text: String = all().iter().map(|finding| one(finding, &sources, Style::Plain)).collect();
    insta::assert_snapshot!(text);
    let silent: Vec<&str> =
        codes::all().map(|code| code.id).filter(|id| id.starts_with("RF9") && !text.contains(id)).collect();
    assert!(silent.is_empty(), "codes that nothing raises: {silent:?}");
}

#[test]
fn messages_are_one_line_and_every_finding_says_what_to_do_or_quotes_the_device() {
    for finding in all() {
        assert!(!finding.message.contains('\n'), "{}", finding.message);
        let quoted = [codes::DEVICE_REFUSED.id, codes::ROLLED_BACK.id, codes::PARTLY_APPLIED.id];
        let told = !finding.help.is_empty() || quoted.contains(&finding.code.id);
        assert!(told || [codes::FILE_UNUSABLE.id, codes::SYSTEM_REFUSED.id].contains(&finding.code.id), "{finding:?}");
    }
}
