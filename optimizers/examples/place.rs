//! Solves placement documents and checks the answers: a tool for measuring.
#![allow(clippy::unwrap_used)]
use ranform_network::{Control, control::Progress};
use ranform_optimizers::placement::{exact, format, verify};
use std::time::{Duration, Instant};
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
fn main() {
    let limit: f64 = std::env::var("LIMIT").ok().and_then(|s| s.parse().ok()).unwrap_or(60.0);
    for path in std::env::args().skip(1) {
        let v: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let doc = serde_json::to_vec(v.get("problem").unwrap_or(&v)).unwrap();
        let start = Instant::now();
        let problem = format::read(&doc).unwrap();
        let read = start.elapsed();
        let clock = Clock(Instant::now(), limit, std::env::var("QUIET").is_err());
        let race = if std::env::var("RACE").is_ok() { exact::Race::On } else { exact::Race::Off };
        let answer = exact::solve(&problem, &exact::Settings { race, ..Default::default() }, &clock).unwrap();
        let cert = verify::verify(&problem, &answer);
        println!(
            "{path} {:?} cost {:?} bound {:?} want {:?} holds {} steps {} by {} read {:.2} solve {:.2}",
            answer.status,
            answer.placement.as_ref().map(|p| p.cost),
            answer.bound,
            v["optimum"]["cost"],
            cert.holds(),
            answer.steps,
            answer.proved_by,
            read.as_secs_f64(),
            clock.0.elapsed().as_secs_f64()
        );
        let _ = Duration::ZERO;
    }
}
