//! The COSMO testbed by the command line on real NETCONF servers: 5G with the public 3GPP modules, 4G with our own,
//! Wi-Fi with the public OpenConfig modules. Without `RANFORM_YANG` the sets that may not be redistributed are named
//! and a folder plays their device; the 4G server always runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::path::Path;

use assert_cmd::Command;
use rig::skipped::skipped;
use rig::{Flavour, Modules, Rig};

fn run(folder: &Path, line: &str) -> (i32, String) {
    let output = Command::cargo_bin("ranform").unwrap().current_dir(folder).args(line.split(' ')).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), text)
}

fn ok(folder: &Path, line: &str) -> String {
    let (code, text) = run(folder, line);
    assert_eq!(code, 0, "{line}: {text}");
    text
}

fn names(profile: &str) -> Vec<String> {
    ranform_network::profile::PROFILES[profile].modules.clone()
}

/// A server for a node of the testbed; none where its modules are not at hand.
fn server(node: &str) -> Option<Rig> {
    let modules = match node {
        "gnb-1" => Modules::public("3gpp-r18-cr0770-netconfd", &names("3gpp-r18")),
        "ap-1" => {
            let mut modules = Modules::public("openconfig-wifi-v1.0.0-netconfd", &names("openconfig-ap"))?;
            modules.folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/yang"));
            // The types load with the modules that use them.
            modules.names.retain(|name| name != "openconfig-wifi-types");
            Some(modules)
        }
        _ => Some(Modules::lte()),
    };
    Some(Rig::start(Flavour::Candidate, modules?))
}

#[test]
fn the_testbed_is_applied_changed_and_rolled_back_on_real_servers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents/cosmo-testbed/main.intent");
    let mut text = std::fs::read_to_string(example).unwrap();
    let mut rigs = Vec::new();
    for node in ["gnb-1", "enb-1", "ap-1"] {
        let Some(rig) = server(node) else {
            skipped(&format!("the testbed's {node} on a real server (RANFORM_YANG is not set); a folder plays it"));
            continue;
        };
        let way = format!(
            "manage netconf \"127.0.0.1:{}\" as \"{}\" key file \"{}\" host-key \"{}\"",
            rig.port,
            rig::user(),
            rig.key_file().display(),
            rig.fingerprint()
        );
        text = text.replace(&format!("manage directory \"devices/{node}\""), &way);
        rigs.push(rig);
    }
    std::fs::write(folder.join("main.intent"), &text).unwrap();

    ok(folder, "plan -out first.ranplan");
    ok(folder, "apply first.ranplan");
    assert!(ok(folder, "plan").contains("No changes."));
    assert!(ok(folder, "drift").contains("No drift."));

    std::fs::write(folder.join("main.intent"), text.replace("red 60%, blue 40%", "red 70%, blue 30%")).unwrap();
    let plan = ok(folder, "plan -out second.ranplan");
    assert!(plan.contains("65 PRB -> 80 PRB"), "{plan}");
    ok(folder, "apply second.ranplan");
    assert!(ok(folder, "plan -refresh").contains("No changes."), "what was read back is what was decided");

    ok(folder, "rollback -auto-approve");
    assert!(ok(folder, "drift").contains("No drift."));
    assert!(ok(folder, "plan -refresh").contains("65 PRB -> 80 PRB"), "the devices hold 60/40 again");
}
