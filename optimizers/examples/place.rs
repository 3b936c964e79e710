//! Solves placement documents and checks the answers: a tool for measuring.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]
use ranform_network::{Control, control::Progress};
use ranform_optimizers::placement::{Problem, exact, format, verify};
use std::time::Instant;
#[path = "../tests/support/mod.rs"]
mod support;
use support::placement as instances;
struct Clock(Instant, f64, bool);
impl Control for Clock {
    fn should_stop(&self) -> bool {
        self.seconds_left().is_some_and(|s| s <= 0.0)
    }
    fn seconds_left(&self) -> Option<f64> {
        Some(self.1 - self.0.elapsed().as_secs_f64())
    }
    fn report(&self, p: Progress) {
        if self.2 {
            eprintln!("{:7.2} {}", self.0.elapsed().as_secs_f64(), p.message);
        }
    }
}
/// `geo:512:64:40:1`, then `+limit:64` or `+spread:4`; or a file.
fn load(path: &str) -> (Problem, i64) {
    if let Some((base, change)) = path.rsplit_once('+') {
        let problem = load(base).0;
        let number = |text: &str| text.parse().unwrap();
        return match change.split_once(':').unwrap() {
            ("limit", most) => (instances::limited(problem, number(most)), 0),
            (_, size) => (instances::spread(problem, number(size)), 0),
        };
    }
    let parts: Vec<&str> = path.split(':').collect();
    if parts.len() == 5 {
        use instances::Family::*;
        let family = [PaperIid, Tree, Geographic, Heterogeneous, Independent, Capacity, Chains, All]
            .into_iter()
            .find(|f| format!("{f:?}").to_lowercase().starts_with(parts[0]))
            .unwrap();
        return (
            instances::instance(
                family,
                parts[1].parse().unwrap(),
                parts[2].parse().unwrap(),
                parts[3].parse().unwrap(),
                parts[4].parse().unwrap(),
            ),
            0,
        );
    }
    let v: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let doc = serde_json::to_vec(v.get("problem").unwrap_or(&v)).unwrap();
    (format::read(&doc).unwrap(), v["optimum"]["cost"].as_i64().unwrap_or(0))
}
fn main() {
    let limit: f64 = std::env::var("LIMIT").ok().and_then(|s| s.parse().ok()).unwrap_or(60.0);
    for path in std::env::args().skip(1) {
        let (problem, want) = load(&path);
        let clock = Clock(Instant::now(), limit, std::env::var("QUIET").is_err());
        let race = if std::env::var("RACE").is_ok() { exact::Race::On } else { exact::Race::Off };
        let answer = exact::solve(&problem, &exact::Settings { race, ..Default::default() }, &clock).unwrap();
        let cert = verify::verify(&problem, &answer);
        println!(
            "{path} {:?} cost {:?} bound {:?} want {want} holds {} steps {} by {} solve {:.2}",
            answer.status,
            answer.placement.as_ref().map(|p| p.cost),
            answer.bound,
            cert.holds(),
            answer.steps,
            answer.proved_by,
            clock.0.elapsed().as_secs_f64()
        );
    }
}
