//! The clock and the terminal as a [`Control`]: only commands that may stop early use it.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ranform_network::control::{Control, Progress};

use crate::cli::tell;

/// Stops at a deadline and writes progress to stderr: four times a second on a terminal, elsewhere a line a second.
pub struct ClockControl {
    start: Instant,
    limit: Option<Duration>,
    last: Mutex<Instant>,
    every: Duration,
}

impl ClockControl {
    /// Starts the clock; no limit means no deadline.
    pub fn start(limit: Option<Duration>) -> Self {
        let start = Instant::now();
        let every = Duration::from_millis(if std::io::stderr().is_terminal() { 250 } else { 1000 });
        Self { start, limit, last: Mutex::new(start), every }
    }

    fn due(&self) -> bool {
        let Ok(mut last) = self.last.lock() else { return false };
        let due = last.elapsed() >= self.every;
        if due {
            *last = Instant::now();
        }
        due
    }
}

impl Control for ClockControl {
    fn should_stop(&self) -> bool {
        self.limit.is_some_and(|limit| self.start.elapsed() >= limit)
    }

    fn seconds_left(&self) -> Option<f64> {
        self.limit.map(|limit| limit.saturating_sub(self.start.elapsed()).as_secs_f64())
    }

    fn report(&self, progress: Progress) {
        if self.due() {
            let seconds = self.start.elapsed().as_secs_f64();
            // Progress that cannot be written is no reason to stop solving.
            tell(&format!("{seconds:7.1} s  {}: {}\n", progress.stage, progress.message));
        }
    }
}
