//! The exit codes, documented once: docs/src/exit-codes.md.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done; nothing differs.
    Ok = 0,
    /// An error, usage errors included.
    Error = 1,
    /// There are changes (`plan` and `diff` with `-detailed-exitcode`; `fmt -check` would change a file).
    Changes = 2,
    /// No configuration does what the intents ask.
    Infeasible = 3,
    /// A guard, window or limit denies the plan.
    Denied = 4,
    /// The network changed since the plan was made; nothing was written.
    Stale = 5,
    /// Others changed what we own.
    Drift = 6,
    /// The apply failed and everything was put back.
    RolledBack = 7,
    /// Somebody else holds the lock, or a transaction is pending.
    Locked = 8,
    /// Some devices are changed and some are not: a person is needed.
    Partly = 9,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
