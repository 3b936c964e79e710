//! What happens during an apply, as lines for people or JSON lines for programs.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::apply::{Event, Events, Timing};
use crate::cli::tell;
use crate::display::events::emit;
use crate::display::plain::one_line;
use crate::state::Step;

/// Tells people on stderr: steps always, devices on a terminal or when they fail.
#[derive(Debug, Default)]
pub struct People {
    done: AtomicUsize,
    of: AtomicUsize,
    /// Steps with how long they took.
    took: Mutex<Vec<(Step, Duration, Vec<Timing>)>>,
}

impl Events for People {
    fn event(&self, event: &Event<'_>) {
        let line = |text: String| tell(&(one_line(&text.replace('\n', " ")).into_owned() + "\n"));
        match event {
            Event::Recovering(pending) => line(format!("an interrupted {} is dealt with first", pending.kind.word())),
            Event::Step(step, devices) => {
                self.done.store(0, Ordering::Relaxed);
                self.of.store(*devices, Ordering::Relaxed);
                line(format!("{:<8} {devices} device{}", step.word(), if *devices == 1 { "" } else { "s" }));
            }
            Event::Ended(address, step, Err(error), _) => line(format!("{:<8} {address}: {error}", step.word())),
            Event::Ended(address, _, Ok(()), _) => self.count(address.as_str()),
            Event::Progress(address, step, text) => line(format!("{:<8} {address}: {text}", step.word())),
            Event::Note(address, text) => line(format!("note     {address}: {text}")),
            Event::Decided => line("decided  all devices have read back; from here on only forward".to_owned()),
            Event::Recorded(serial) => line(format!("recorded state serial {serial}")),
            Event::Took(step, all, ways) => {
                // A thread that panicked has told nothing.
                if let Ok(mut took) = self.took.lock() {
                    took.push((*step, *all, ways.to_vec()));
                }
            }
            Event::Begins(..) => {}
        }
    }
}

impl People {
    /// How long the steps took, in all and by the way to the devices; empty where there were none.
    pub fn times(&self) -> String {
        let took = self.took.lock().map(|took| took.clone()).unwrap_or_default();
        let mut rows = Vec::new();
        for (step, all, ways) in &took {
            rows.push(format!("took     {:<8} {}", step.word(), seconds(*all)));
            for way in ways.iter().filter(|way| way.devices > 1 || ways.len() > 1) {
                let devices = if way.devices == 1 { "device" } else { "devices" };
                let slowest = slowest(way);
                rows.push(format!("           {:<10} {} {devices}, at most {slowest}", way.way, way.devices));
            }
        }
        rows.into_iter().map(|row| row + "\n").collect()
    }

    /// A line per device on a terminal, while there are few enough to read.
    fn count(&self, address: &str) {
        let (done, of) = (self.done.fetch_add(1, Ordering::Relaxed) + 1, self.of.load(Ordering::Relaxed));
        if std::io::stderr().is_terminal() && (of <= 20 || done % of.div_ceil(20).max(1) == 0) {
            tell(&format!("         {done}/{of} {}\n", one_line(address)));
        }
    }
}

/// Tells people, and programs that follow in a file.
#[derive(Debug)]
pub struct Both<'a>(pub &'a People);

impl Events for Both<'_> {
    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
        Programs.event(event);
    }
}

/// Tells programs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Programs;

impl Events for Programs {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Recovering(pending) => emit("log", "recovering", json!({ "digest": pending.digest })),
            Event::Step(step, devices) => emit("log", step.word(), json!({ "devices": devices })),
            Event::Begins(address, step) => start(address.as_str(), *step),
            Event::Ended(address, step, Ok(()), took) => {
                let kind =
                    if matches!(step, Step::Confirm | Step::Abort) { "apply_complete" } else { "apply_progress" };
                let extra = json!({ "address": address, "step": step.word(), "ms": took.as_millis() });
                emit(kind, address.as_str(), extra);
            }
            Event::Ended(address, step, Err(error), took) => emit(
                "apply_errored",
                address.as_str(),
                json!({ "address": address, "step": step.word(), "ms": took.as_millis(), "error": error.to_string() }),
            ),
            Event::Progress(address, step, text) => {
                let extra = json!({ "address": address, "step": step.word(), "progress": text });
                emit("apply_progress", &format!("{address}: {text}"), extra);
            }
            Event::Note(address, text) => emit("log", text, json!({ "address": address, "@level": "warn" })),
            Event::Took(step, all, ways) => {
                let ways: Vec<_> = ways.iter().map(timing).collect();
                emit("timing", step.word(), json!({ "step": step.word(), "ms": all.as_millis(), "ways": ways }));
            }
            Event::Decided => emit("log", "decided", json!({})),
            Event::Recorded(serial) => emit("log", "recorded", json!({ "state_serial": serial })),
        }
    }
}

fn timing(way: &Timing) -> Value {
    let targets = way.each.iter().map(|(at, took)| json!({ "address": at, "ms": took.as_millis() }));
    json!({
        "way": way.way, "devices": way.devices, "longest_ms": way.longest.as_millis(), "slowest": way.slowest,
        "sum_ms": way.sum.as_millis(), "targets": targets.collect::<Vec<Value>>(),
    })
}

fn start(address: &str, step: Step) {
    emit("apply_start", address, json!({ "address": address, "step": step.word() }));
}

/// The few devices on which it took the longest.
fn slowest(way: &Timing) -> String {
    const NAMED: usize = 3;
    let named = way.each.iter().take(NAMED).map(|(at, took)| format!("{} ({})", seconds(*took), one_line(at.as_str())));
    named.collect::<Vec<_>>().join(", ")
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
