//! Intents of one RIC on nodes of a real cluster, as a project in a folder.
#![allow(dead_code)]

use std::path::Path;

use tempfile::TempDir;

use super::cluster::Cluster;

/// A project of one RIC on nodes of the cluster.
pub struct Project {
    pub folder: TempDir,
    pub namespace: String,
}

/// A RIC called `name` with candidates on these nodes of the cluster.
pub fn intents(name: &str, nodes: &[&str]) -> String {
    let mut text = "language 1\nsite plaza { region \"metro\" }\n".to_owned();
    for at in 1..=3 {
        text.push_str(&format!(
            "node gnb-{at} : gnb {{ site plaza  gnb-id 41{at}/22  plmn 001-01  manage directory \"devices/gnb-{at}\" }}\n"
        ));
    }
    for (at, node) in nodes.iter().enumerate() {
        text.push_str(&format!(
            "node {node}-{name} : compute {{ site plaza  capacity cpu 8, memory 32GB, storage 100GB  cost fixed {}  e2 \"10.0.{at}.1:36421\"\n  manage kubernetes config file \"kubeconfig\" context \"test\" node \"{node}\" }}\n",
            10 + at
        ));
        for gnb in 1..=3 {
            text.push_str(&format!("link gnb-{gnb} -- {node}-{name} {{ latency 1ms  rate 10Gbps }}\n"));
        }
    }
    text.push_str(&format!(
        "ric {name} {{\n  serves e2-nodes\n  candidates compute-nodes\n  \
         component management {{ demand cpu 1, memory 1GB  image \"registry.example/ricmgmt:1.0\" }}\n  \
         component e2t {{ demand cpu 0.5, memory 1GB  image \"registry.example/e2t:6.0\" }}\n  \
         component sdl {{ demand cpu 0.5, memory 1GB  image \"registry.example/sdl:1.0\" }}\n  \
         component nib {{ demand cpu 0.5, memory 1GB, storage 50GB  image \"registry.example/redis:7.2\" }}\n  \
         xapp steering {{ demand cpu 0.5, memory 1GB  loop 10ms  image \"registry.example/steering:1.0\"  version \"1.0\" }}\n}}\n"
    ));
    text
}

impl Project {
    pub fn new(cluster: &Cluster, name: &str, nodes: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        std::fs::write(folder.path().join("main.intent"), intents(name, nodes)).unwrap();
        Self { folder, namespace: format!("ric-{name}") }
    }

    /// A golden case with its RIC `metro` called otherwise, on this node of the cluster.
    pub fn golden(cluster: &Cluster, case: &str, ric: &str, node: &str) -> Self {
        let project = Self::new(cluster, ric, &[]);
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(case).join("main.intent");
        let text = std::fs::read_to_string(from).unwrap().replace("ric metro", &format!("ric {ric}"));
        let managed = |line: &str| match line.trim_start().starts_with("manage kubernetes") {
            true => format!("  manage kubernetes config file \"kubeconfig\" context \"test\" node \"{node}\"\n"),
            false => format!("{line}\n"),
        };
        std::fs::write(project.folder.path().join("main.intent"), text.lines().map(managed).collect::<String>())
            .unwrap();
        project
    }

    /// One whose nodes have no volumes: nothing is stored.
    pub fn without_store(cluster: &Cluster, name: &str, nodes: &[&str]) -> Self {
        let project = Self::new(cluster, name, nodes);
        let text = intents(name, nodes).replace(", storage 50GB ", " ");
        std::fs::write(project.folder.path().join("main.intent"), text).unwrap();
        project
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }
}
