//! A base station in a folder and software on a node of a real cluster, changed together in one transaction.
#![allow(dead_code)]

use std::path::Path;
use std::time::Duration;

use ranform::apply::{Event, Options, Outcome, Silent, apply};
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use ranform_network::deployment::RicPart;

use super::cluster::Cluster;
use super::faults::Faults;
use super::plan::*;
use super::software::{Part, compute_node};

/// A base station in a folder and an E2 termination on a node of the cluster, reached by a way on which things go wrong.
pub struct Scene<'a> {
    pub folder: tempfile::TempDir,
    pub cluster: &'a Cluster,
    pub faults: Faults,
    pub state: State,
    pub name: &'static str,
    pub node: &'static str,
}

impl<'a> Scene<'a> {
    pub async fn new(cluster: &'a Cluster, name: &'static str, node: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let faults = Faults::before(cluster);
        std::fs::write(folder.path().join("kubeconfig"), faults.kubeconfig(None)).unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        let mut scene = Self { folder, cluster, faults, state, name, node };
        assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 1 });
        scene.holds(60, "at first").await;
        scene
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn part(&self, version: u32) -> Part<'a> {
        Part::new(self.name, RicPart::E2t, self.node, version)
    }

    /// The same number as the share of `red` and as the version of the E2 termination.
    pub fn plan(&self, number: u32) -> Bundle {
        let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - number), ("red", number)]);
        self.part(number).add(&mut wanted);
        plan(&self.state, &wanted)
    }

    pub fn options(&self, seconds: u64) -> Options {
        let mut options = options(self.root());
        (options.device_limit, options.settle_limit) = (Duration::from_secs(seconds), Duration::from_secs(30));
        options
    }

    pub async fn apply(&mut self, number: u32) -> Outcome {
        let (bundle, options) = (self.plan(number), self.options(30));
        apply(&mut self.state, &bundle, &options, &Silent).await.unwrap()
    }

    /// Applies; something happens when the commits begin, and something when they are taken back.
    pub async fn apply_while(
        &mut self,
        number: u32,
        seconds: u64,
        commit: impl Fn() + Send + Sync,
        abort: impl Fn() + Send + Sync,
    ) -> Outcome {
        let bundle = self.plan(number);
        self.carry_out_while(&bundle, seconds, commit, abort).await
    }

    pub async fn carry_out_while(
        &mut self,
        bundle: &Bundle,
        seconds: u64,
        commit: impl Fn() + Send + Sync,
        abort: impl Fn() + Send + Sync,
    ) -> Outcome {
        let options = self.options(seconds);
        let events = OnEvent(|event: &Event<'_>| match event {
            Event::Step(Step::Commit, _) => commit(),
            Event::Step(Step::Abort, _) => abort(),
            _ => {}
        });
        apply(&mut self.state, bundle, &options, &events).await.unwrap()
    }

    pub fn namespace(&self) -> String {
        format!("ric-{}", self.name)
    }

    pub fn deployment(&self) -> Option<serde_json::Value> {
        self.cluster.get(&["deployment", &self.part(0).object(), "-n", &self.namespace()]).pop()
    }

    pub async fn holds(&self, number: u32, why: &str) {
        let stations = network(&[folder("devices/enb-0")], &[]);
        assert_eq!(shares(&self.state, &stations, self.root(), "red").await, [Some(number)], "{why}");
        let image = self.deployment().unwrap()["spec"]["template"]["spec"]["containers"][0]["image"].clone();
        assert_eq!(image, format!("registry.example/e2t:{number}"), "{why}");
        assert!(self.state.pending().unwrap().is_none(), "{why}");
    }

    /// What the cluster's node said.
    pub fn reason(&self, outcome: &Outcome) -> String {
        let (Outcome::RolledBack { causes: failures } | Outcome::Refused { failures }) = outcome else {
            panic!("{outcome:?}")
        };
        failures[&compute_node(self.name, self.node).0].to_string()
    }
}
