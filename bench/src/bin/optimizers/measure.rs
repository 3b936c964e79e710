//! Wall time, processor time, peak memory; a deadline; work in a process of its own.

use std::time::{Duration, Instant};

use ranform_network::Control;

/// A result and what it took.
#[derive(Clone, Copy, Debug)]
pub struct Measured<T> {
    /// The result.
    pub value: T,
    /// Seconds that passed.
    pub wall: f64,
    /// Seconds of all processors together: what a busy machine does not blur.
    pub cpu: f64,
}

/// Does the work once.
pub fn once<T>(work: impl FnOnce() -> T) -> Measured<T> {
    let (start, before) = (Instant::now(), processor_seconds());
    let value = work();
    Measured { value, wall: start.elapsed().as_secs_f64(), cpu: processor_seconds() - before }
}

/// Seconds that the threads of this process have computed so far.
#[allow(unsafe_code, reason = "the clock of a process is a system call")]
fn processor_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one timespec, which outlives it.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    if status == 0 { time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9 } else { 0.0 }
}

/// The most memory this process has had so far, in bytes; none where the system does not say.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Stops at a point in time.
pub struct Deadline(Instant);

impl Deadline {
    /// So many seconds from now.
    pub fn after(seconds: f64) -> Self {
        Self(Instant::now() + Duration::from_secs_f64(seconds))
    }
}

impl Control for Deadline {
    fn should_stop(&self) -> bool {
        Instant::now() >= self.0
    }

    fn seconds_left(&self) -> Option<f64> {
        Some(self.0.saturating_duration_since(Instant::now()).as_secs_f64())
    }
}

/// Runs `this-program one ARGUMENT..` with a number of threads, and reads the JSON line it prints: a
/// process of its own, so that its memory is its own.
pub fn alone(arguments: &[String], threads: usize) -> Result<serde_json::Value, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = std::process::Command::new(program)
        .arg("one")
        .args(arguments)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// Seconds for people.
pub fn seconds(time: f64) -> String {
    match time {
        t if t < 0.9995e-3 => format!("{:.0} µs", t * 1e6),
        t if t < 9.995e-3 => format!("{:.1} ms", t * 1e3),
        t if t < 0.9995 => format!("{:.0} ms", t * 1e3),
        t if t < 99.95 => format!("{t:.1} s"),
        t => format!("{t:.0} s"),
    }
}
