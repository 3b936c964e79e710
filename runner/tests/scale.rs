//! One apply over many NETCONF devices and many pods, by the command itself: bounded time and memory, what took how long,
//! and one device that hangs. A small one with every test; the large one is a part of `make bench`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ranform::apply::{Event, Outcome, apply, recover};
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use ranform_network::deployment::UpdateStrategy;
use ranform_network::{Address, Deployment};
use rig::cluster::Cluster;
use rig::farm::Farm;
use rig::plan::*;
use rig::skipped::skipped;
use rig::software::Part;

/// How many of what.
struct Size {
    devices: u16,
    nodes: usize,
    pods_on_each: usize,
}

struct Scene {
    size: Size,
    farm: Farm,
    cluster: Cluster,
    folder: tempfile::TempDir,
    state: State,
    names: Vec<String>,
}

impl Scene {
    /// None where there is no cluster to be had.
    fn new(size: Size) -> Option<Self> {
        let cluster = Cluster::start(size.nodes)?;
        let farm = Farm::start(size.devices);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        let names = (0..size.nodes).map(|node| format!("edge-{node}")).collect();
        Some(Self { size, farm, cluster, folder, state, names })
    }

    /// The same number as the share of `red` everywhere and as the version of every image.
    fn wanted(&self, number: u32) -> Deployment {
        let mut wanted = network(&self.farm.ways(), &[("blue", 100 - number), ("red", number)]);
        for node in &self.names {
            for at in 0..self.size.pods_on_each {
                let mut part = Part::xapp("scale", &format!("xapp-{at}"), node, number);
                part.update = UpdateStrategy::Surge;
                part.add(&mut wanted);
            }
        }
        wanted
    }

    fn plan(&self, number: u32) -> Bundle {
        plan(&self.state, &self.wanted(number))
    }

    fn pods(&self) -> usize {
        self.size.nodes * self.size.pods_on_each
    }

    /// Pods that are ready and run an image of this version.
    fn running(&self, number: u32) -> usize {
        let pods = self.cluster.get(&["pods", "-n", "ric-scale"]);
        let runs = |pod: &&serde_json::Value| {
            let image = pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
            let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let ready = conditions.iter().any(|one| one["type"] == "Ready" && one["status"] == "True");
            ready && image.ends_with(&format!(":{number}")) && pod["metadata"]["deletionTimestamp"].is_null()
        };
        pods.iter().filter(runs).count()
    }

    async fn red(&self, number: u32) -> usize {
        let stations = network(&self.farm.ways(), &[]);
        let shares = shares(&self.state, &stations, self.folder.path(), "red").await;
        shares.iter().filter(|share| **share == Some(number)).count()
    }
}

/// Runs the program in a folder; gives what it says, how long it took, and the most memory it had, in bytes.
fn measured(folder: &Path, arguments: &[&str]) -> (String, Duration, u64) {
    let begun = Instant::now();
    let program = assert_cmd::cargo::cargo_bin("ranform");
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut most = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:")) else { break };
            let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
            most = most.max(kilobytes * 1024);
            std::thread::sleep(Duration::from_millis(50));
        }
        most
    });
    let output = child.wait_with_output().unwrap();
    let took = begun.elapsed();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    (text, took, watcher.join().unwrap())
}

/// Applies, applies a change, applies another one with a device that hangs, and prints the figures.
async fn show(size: Size, limit: Duration) {
    let Some(mut scene) = Scene::new(size) else {
        skipped("scale (no Kubernetes rig: it needs Go 1.26 or later)");
        return;
    };
    let (devices, pods) = (usize::from(scene.size.devices), scene.pods());
    let root = scene.folder.path().to_owned();
    std::fs::write(root.join("first.ranplan"), scene.plan(60).encode().0).unwrap();
    let (text, took, most) = measured(&root, &["apply", "first.ranplan"]);
    println!(
        "apply to {devices} NETCONF devices and {pods} pods on {} nodes: {took:.1?}, at most {} MB",
        scene.size.nodes,
        most / 1_000_000
    );
    let times: Vec<&str> = text.lines().filter(|line| line.starts_with("took") || line.starts_with("   ")).collect();
    println!("{}", times.join("\n"));
    // Bounded: of each device and each pod a quarter of a megabyte at most, beside the program itself.
    let bound = 200_000_000 + 250_000 * (devices + pods) as u64;
    assert!(most < bound, "{most} bytes of {bound}");
    assert!(["netconf", "kubernetes"].iter().all(|way| times.iter().any(|line| line.contains(way))), "{text}");
    assert_eq!((scene.running(60), scene.red(60).await), (pods, devices));

    // The same change of everything without a fault: what going forth takes here and now, and at most what going back does.
    std::fs::write(root.join("second.ranplan"), scene.plan(65).encode().0).unwrap();
    let (_, took, _) = measured(&root, &["apply", "second.ranplan"]);
    println!("another share everywhere and another image of each pod: {took:.1?}");
    assert_eq!((scene.running(65), scene.red(65).await), (pods, devices));

    // One hangs when the commits begin: everything else goes back, and the verdict is there by its deadlines.
    let bundle = scene.plan(70);
    let mut options = options(&root);
    (options.device_limit, options.settle_limit, options.parallelism) = (limit, limit, 16);
    let farm = &scene.farm;
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            farm.signal(7, "-STOP");
        }
    });
    let begun = Instant::now();
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    let verdict = begun.elapsed();
    println!(
        "the verdict with one device that hangs at the commit (limits {limit:?} each for the commit and the way back): {verdict:.1?}"
    );
    // What all others take, forth and back, beside the two deadlines of the one. The margin is a quarter of that, for a
    // machine that is busier than a moment ago.
    let margin = 2 * took / 4;
    let longest = 2 * took + limit + options.settle_limit + margin;
    assert!(verdict < longest, "{verdict:?} of {longest:?}");
    let Outcome::Partly { failures, decided: false, .. } = &outcome else { panic!("{outcome:?}") };
    let why =
        failures.iter().map(|(address, failure)| (format!("{failure:?}").replace(address.as_str(), "it"), address));
    let mut reasons: BTreeMap<String, Vec<&Address>> = BTreeMap::new();
    why.for_each(|(why, address)| reasons.entry(why).or_default().push(address));
    assert!(failures.keys().eq([&device(7)]), "{reasons:#?}");
    scene.farm.signal(7, "-CONT");
    options.settle_limit = Duration::from_secs(120);
    let begun = Instant::now();
    let recovered = recover(&mut scene.state, &options, &ranform::apply::Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    println!("taken back everywhere once it answers again: {:.1?}", begun.elapsed());
    assert_eq!((scene.running(65), scene.red(65).await), (pods, devices));
}

/// Those that wait for their turn behind it have all of their time when it comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_hangs_while_all_is_taken_back_takes_no_time_from_others() {
    let farm = Farm::start(4);
    let folder = tempfile::tempdir().unwrap();
    let mut state = State::open(&folder.path().join(".ranform")).unwrap();
    let shares = |red: u32| network(&farm.ways(), &[("blue", 100 - red), ("red", red)]);
    let mut options = options(folder.path());
    let first = plan(&state, &shares(60));
    let outcome = apply(&mut state, &first, &options, &ranform::apply::Silent).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");

    // One at a time, the last first: two wait behind it on the way back.
    (options.device_limit, options.settle_limit, options.parallelism) =
        (Duration::from_secs(6), Duration::from_secs(6), 1);
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            farm.signal(2, "-STOP");
        }
    });
    let bundle = plan(&state, &shares(70));
    let outcome = apply(&mut state, &bundle, &options, &events).await.unwrap();
    farm.signal(2, "-CONT");
    let Outcome::Partly { settled, failures, decided: false, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&device(2)], "{failures:?}");
    assert_eq!(settled, &[device(0), device(1), device(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_devices_and_twenty_pods() {
    show(Size { devices: 20, nodes: 4, pods_on_each: 5 }, Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes, and 5 GB of memory: a part of make bench"]
async fn five_hundred_devices_and_a_thousand_pods() {
    let size = match std::env::var("RANFORM_BENCH").as_deref() {
        Ok("quick") => Size { devices: 50, nodes: 20, pods_on_each: 5 },
        _ => Size { devices: 500, nodes: 200, pods_on_each: 5 },
    };
    show(size, Duration::from_secs(60)).await;
}
