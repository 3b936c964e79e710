//! The clock and the terminal as a [`Control`]: only commands that may stop early use it.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ranform_network::control::{Control, Progress};

/// Stops at a deadline and writes progress to stderr, at most four times a second and on a terminal only.
pub struct ClockControl {
    start: Instant,
    limit: Option<Duration>,
    last: Mutex<Option<Instant>>,
    show: bool,
}

impl ClockControl {
    /// Starts the clock; no limit means no deadline.
    pub fn start(limit: Option<Duration>) -> Self {
        Self { start: Instant::now(), limit, last: Mutex::new(None), show: std::io::stderr().is_terminal() }
    }

    fn due(&self) -> bool {
        let Ok(mut last) = self.last.lock() else { return false };
        let due = last.is_none_or(|last| last.elapsed() >= Duration::from_millis(250));
        if due {
            *last = Some(Instant::now());
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
        if self.show && self.due() {
            let seconds = self.start.elapsed().as_secs_f64();
            // Progress that cannot be written is no reason to stop solving.
            let _ = writeln!(std::io::stderr(), "{seconds:7.1} s  {}: {}", progress.stage, progress.message);
        }
    }
}
