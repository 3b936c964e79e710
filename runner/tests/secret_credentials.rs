//! Credentials that are entries of Secrets: read from a real API server by who may read that one Secret, used on a real
//! NETCONF server and on a cluster, and found nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;

use assert_cmd::Command;
use rig::cluster::{Cluster, shared};
use rig::{Flavour, Modules, Rig};
use scene::files;
use tempfile::TempDir;

/// Exit code and everything said by a run that finds its cluster as `kubectl` does.
fn run(folder: &Path, line: &str) -> (i32, String) {
    let mut command = Command::cargo_bin("ranform").unwrap();
    command.env("KUBECONFIG", folder.join("kubeconfig")).env("RANFORM_TEST_SMO", "test");
    let output = command.current_dir(folder).args(line.split(' ')).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn ok(folder: &Path, line: &str) -> String {
    let (code, said) = run(folder, line);
    assert_eq!(code, 0, "{line}: {said}");
    said
}

/// Lets the user of ranform read these Secrets of a namespace and no other, as the documentation says.
fn allow(cluster: &Cluster, namespace: &str, secret: &str) {
    let name = format!("--resource-name={secret}");
    let role = ["-n", namespace, "create", "role", "ranform-credentials", "--verb=get", "--resource=secrets", &name];
    cluster.kubectl(&role);
    let binding = ["-n", namespace, "create", "rolebinding", "ranform", "--role=ranform-credentials", "--user=ranform"];
    cluster.kubectl(&binding);
}

/// A secret is in no file of the project but those that are ours to write here, whole or a line of it.
fn is_nowhere(folder: &Path, said: &str, secret: &str) {
    let lines: Vec<&str> = secret.lines().filter(|line| line.len() > 30 && !line.starts_with("-----")).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(!said.contains(line), "{said}");
        for (path, bytes) in files(folder) {
            let holds = bytes.windows(line.len()).any(|window| window == line.as_bytes());
            assert!(!holds || path.ends_with("kubeconfig"), "{path:?} holds it");
        }
    }
}

fn intents(rig: &Rig, entry: &str, context: &str) -> String {
    format!(
        "language 1\nsite plaza {{ region \"metro\" }}\n\
         node enb-1 : enb {{ site plaza  profile ranform-lte  plmn 001-01  enb-id 5\n  \
         manage netconf \"127.0.0.1:{}\" as \"{}\" key secret \"{entry}\" host-key \"{}\" {context}\n  \
         cell lte-1 {{ band b7  carrier 2.68GHz  bandwidth 20MHz  duplex fdd  local-id 1  pci 2  tac 7  power 20dBm }} }}\n",
        rig.port,
        rig::user(),
        rig.fingerprint()
    )
}

#[test]
fn a_key_in_a_secret_opens_a_device_for_who_may_read_that_secret() {
    let Some(cluster) = shared("a_key_in_a_secret_opens_a_device_for_who_may_read_that_secret") else { return };
    let rig = Rig::start(Flavour::Candidate, Modules::lte());
    let key = std::fs::read_to_string(rig.key_file()).unwrap();
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    cluster.kubectl(&["create", "namespace", "ran"]);
    let of_file = format!("--from-file=ssh-privatekey={}", rig.key_file().display());
    cluster.kubectl(&["-n", "ran", "create", "secret", "generic", "enb-1", &of_file, "--from-literal=user=ranform"]);
    let write = |entry: &str, context: &str| std::fs::write(at.join("main.intent"), intents(&rig, entry, context));
    let refused = |entry: &str, context: &str, told: &str| {
        write(entry, context).unwrap();
        let (code, said) = run(at, "apply -auto-approve");
        assert!(code == 1 && said.contains("RF921") && said.contains(told), "{code} {said}");
        is_nowhere(at, &said, &key);
    };

    // The shipped role reads no Secret; a plan needs none.
    write("ran/enb-1/ssh-privatekey", "context env RANFORM_TEST_SMO").unwrap();
    ok(at, "plan");
    refused("ran/enb-1/ssh-privatekey", "", "User \"ranform\" cannot get resource \"secrets\"");
    allow(cluster, "ran", "enb-1");
    refused("ran/enb-1/ssh-key", "", "(context `test`) has no entry `ssh-key` in it");
    refused("ran/enb-1/user", "", "is not an unencrypted private key");
    refused("ran/enb-1/ssh-privatekey", "context \"smo\"", "smo");

    write("ran/enb-1/ssh-privatekey", "context env RANFORM_TEST_SMO").unwrap();
    let said = ok(at, "apply -auto-approve");
    assert!(ok(at, "plan -refresh").contains("No changes."), "{said}");
    assert!(ok(at, "drift").contains("No drift."));
    is_nowhere(at, &said, &key);
}

#[test]
fn a_kubeconfig_in_a_secret_leads_to_another_cluster() {
    let Some(cluster) = shared("a_kubeconfig_in_a_secret_leads_to_another_cluster") else { return };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    // The context of the line is one of the kubeconfig in the Secret: the one outside has none of that name.
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    let inner = cluster.kubeconfig().replace("contexts: [{name: test,", "contexts: [{name: metro,");
    let inner = inner.replace("current-context: test", "current-context: metro");
    assert!(!inner.contains("name: test, context"), "{inner}");
    std::fs::write(at.join("inner"), &inner).unwrap();
    let of_file = format!("--from-file=value={}", at.join("inner").display());
    cluster.kubectl(&["create", "namespace", "clusters"]);
    let create = ["-n", "clusters", "create", "secret", "generic", "metro-kubeconfig", &of_file];
    cluster.kubectl(&[&create[..], &["--from-literal=broken=users: [{name: {"]].concat());
    std::fs::remove_file(at.join("inner")).unwrap();
    allow(cluster, "clusters", "metro-kubeconfig");
    let intents = |entry: &str| {
        format!(
            "language 1\nsite plaza\nnode gnb-1 : gnb {{ site plaza  gnb-id 411/22  plmn 001-01  manage directory \"devices/gnb-1\" }}\n\
             node edge : compute {{ site plaza  capacity cpu 8, memory 32GB, storage 100GB  e2 \"10.0.0.1:36421\"\n  \
             manage kubernetes config secret \"clusters/metro-kubeconfig/{entry}\" context \"metro\" node \"edge-1\" }}\n\
             link gnb-1 -- edge {{ latency 1ms  rate 10Gbps }}\n\
             ric creek {{ serves e2-nodes  candidates compute-nodes\n\
               component management {{ demand cpu 1, memory 1GB  image \"registry.example/ricmgmt:1.0\" }}\n\
               component e2t {{ demand cpu 1, memory 1GB  image \"registry.example/e2t:6.0\" }}\n\
               component sdl {{ demand cpu 1, memory 1GB  image \"registry.example/sdl:1.0\" }}\n\
               component nib {{ demand cpu 1, memory 1GB, storage 5GB  image \"registry.example/redis:7.2\" }} }}\n"
        )
    };
    std::fs::write(at.join("main.intent"), intents("broken")).unwrap();
    let (code, said) = run(at, "apply -auto-approve");
    assert!(
        code == 1
            && said.contains("RF921")
            && said.contains("Secret `clusters/metro-kubeconfig/broken` is no kubeconfig: line 1"),
        "{code} {said}"
    );
    std::fs::write(at.join("main.intent"), intents("value")).unwrap();
    let said = ok(at, "apply -auto-approve");
    assert!(cluster.ours("ric-creek").contains(&"Deployment/creek-e2t-edge-1".to_owned()), "{said}");
    assert!(ok(at, "drift").contains("No drift."));
    std::fs::write(at.join("main.intent"), "language 1\nlimit { deletions 20 }\n").unwrap();
    ok(at, "apply -auto-approve");
    assert!(cluster.get(&["namespace", "ric-creek"]).is_empty());
}
