//! How an apply ended, and the exit code that says so.

use std::collections::BTreeMap;

use ranform_network::Address;

use crate::drivers::DriverError;
use crate::exit::Exit;
use crate::failure::left_out;
use crate::state::StateError;

/// What failed, by address of the device.
pub type Failures = BTreeMap<Address, DriverError>;

/// How an apply, a rollback or a recovery ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Every device is confirmed and state is written.
    Applied {
        /// The serial of state now.
        serial: u64,
    },
    /// There is nothing to take back.
    Nothing,
    /// What was interrupted is taken back, as a rollback asked for; every device was read.
    TakenBack,
    /// There is no such serial to go back to; no device was asked.
    NoSuchSerial {
        /// The serial asked for.
        asked: u64,
        /// The serial now.
        now: u64,
    },
    /// This very bundle was applied before; no device was asked.
    AppliedBefore {
        /// The serial that it made.
        serial: u64,
    },
    /// The bundle was made from another state; no device was asked.
    OldState {
        /// The serial it was made from.
        made_from: u64,
        /// The serial now.
        now: u64,
    },
    /// A device is not as the plan saw it, is locked, or cannot be reached; no device got a write.
    Refused {
        /// Why.
        failures: Failures,
    },
    /// It failed, and every device that may have been touched was read and shows its former configuration.
    RolledBack {
        /// Why; empty after a crash, and where it was called off.
        causes: Failures,
    },
    /// Some devices could not be brought to where the others are; the transaction stays pending.
    Partly {
        /// The devices that are where they should be, in address order.
        settled: Vec<Address>,
        /// Devices whose turn comes after those that failed, in address order.
        waiting: Vec<Address>,
        /// The other devices and why.
        failures: Failures,
        /// Whether it goes forward or back when it is taken up again.
        decided: bool,
    },
}

impl Outcome {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Applied { .. } | Self::Nothing | Self::TakenBack => Exit::Ok,
            Self::AppliedBefore { .. } | Self::OldState { .. } => Exit::Stale,
            Self::RolledBack { .. } => Exit::RolledBack,
            Self::Partly { .. } => Exit::Partly,
            Self::NoSuchSerial { .. } => Exit::Error,
            Self::Refused { failures } => refusal(failures),
        }
    }

    /// What to do next, as commands; empty where nothing is to be done.
    pub fn next_commands(&self) -> Vec<String> {
        match self {
            Self::Applied { .. } | Self::Nothing | Self::TakenBack | Self::AppliedBefore { .. } => Vec::new(),
            Self::NoSuchSerial { .. } => vec!["ranform history".to_owned()],
            Self::OldState { .. } => vec!["ranform plan -out=FILE.ranplan".to_owned()],
            Self::RolledBack { .. } => vec!["ranform plan -refresh -out=FILE.ranplan".to_owned()],
            Self::Partly { decided: true, .. } => vec!["ranform apply FILE.ranplan".to_owned()],
            Self::Partly { decided: false, .. } => vec!["ranform rollback".to_owned()],
            Self::Refused { failures } => after_refusal(failures),
        }
    }
}

fn refusal(failures: &Failures) -> Exit {
    let any = |matches: fn(&DriverError) -> bool| failures.values().any(matches);
    if any(|error| matches!(error, DriverError::Stale(_) | DriverError::Endangered(_))) {
        Exit::Stale
    } else if any(|error| matches!(error, DriverError::Locked(_))) {
        Exit::Locked
    } else {
        Exit::Error
    }
}

/// Devices that cannot be reached can be left out, or looked at again.
fn after_refusal(failures: &Failures) -> Vec<String> {
    let unreachable = failures.iter().filter(|(_, error)| error.is_out_of_reach());
    let excluded: String = unreachable.map(|(address, _)| format!(" {}", left_out(address))).collect();
    let mut commands = Vec::new();
    if !excluded.is_empty() {
        commands.push(format!("ranform plan{excluded} -out=FILE.ranplan"));
    }
    // What a device or a cluster says no to is mended there, or in the intents, as the finding says. Without a way in
    // there is nothing to look at.
    let looking_helps = |error: &DriverError| {
        use DriverError::{Credential, Failed, Held, OtherProject};
        !matches!(error, Failed(_) | Held { .. } | OtherProject { .. } | Credential { .. })
    };
    if !failures.values().any(looking_helps) {
        return commands;
    }
    if excluded.is_empty() || refusal(failures) == Exit::Stale {
        commands.push("ranform plan -refresh -out=FILE.ranplan".to_owned());
    } else {
        commands.push("ranform plan -refresh".to_owned());
    }
    commands
}

/// The exit code of a state error.
pub fn exit_of(error: &StateError) -> Exit {
    if matches!(error, StateError::Locked(_)) { Exit::Locked } else { Exit::Error }
}

#[cfg(test)]
mod tests {
    use ranform_network::network::Protocol;

    use super::*;

    #[test]
    fn without_a_way_in_there_is_nothing_to_look_at() {
        let edge = || Address::new("node", "edge");
        let no_way = || DriverError::Credential { protocol: Protocol::Kubernetes, why: "no context".to_owned() };
        let next = |failures: Failures| Outcome::Refused { failures }.next_commands();
        assert_eq!(next([(edge(), no_way())].into()), ["ranform plan -exclude=node.edge -out=FILE.ranplan"]);
        let unreachable = DriverError::Unreachable("timed out".to_owned());
        let both = next([(edge(), no_way()), (Address::new("node", "core"), unreachable)].into());
        assert_eq!(both.last().map(String::as_str), Some("ranform plan -refresh"));
    }
}
