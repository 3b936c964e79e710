//! What goes wrong at run time, as findings with codes: one function per kind of error, so that people, JSON and
//! `explain` all speak of the same thing.

use std::path::Path;

use ranform_network::Address;
use ranform_network::bundle::{BundleError, Crossing};
use ranform_network::diagnostic::{Code, Diagnostic, Severity, codes};
use ranform_network::network::Protocol;
use ranform_network::source::WorldError;
use ranform_targets::Stranger;

use crate::apply::{Failures, Outcome};
use crate::drivers::DriverError;
use crate::state::{Pending, StateError, Step};

/// A finding that ends a command; boxed, since results carry it along the way that goes well.
pub type Failure = Box<Diagnostic>;

/// A finding without a place in a text.
fn error(code: &'static Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error_nowhere(code, one_line(message.into()))
}

/// Messages are one line; words of devices and systems may be more.
fn one_line(text: String) -> String {
    if text.contains('\n') { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text }
}

/// A command that is asked for something it cannot do.
pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    error(&codes::WRONG_USAGE, message).help(help)
}

/// A file or folder of the command line that cannot be read or written.
pub fn file(path: &Path, reason: &std::io::Error) -> Diagnostic {
    let name = path.display();
    let finding = error(&codes::FILE_UNUSABLE, format!("`{name}` cannot be used: {}", reason_words(reason)));
    match reason.kind() {
        std::io::ErrorKind::NotFound => finding.help("check the name; paths count from the folder you are in"),
        std::io::ErrorKind::PermissionDenied => finding.help("check who may read and write it"),
        _ => finding,
    }
}

/// Output that nobody has: the disk is full, or the device is broken.
pub fn lost(name: &Path, reason: &std::io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be written: {}", name.display(), reason_words(reason));
    error(&codes::FILE_UNUSABLE, message).help("what the command did is done; what it had to say is not all there")
}

/// The words of the system without its number.
fn reason_words(reason: &std::io::Error) -> String {
    match reason.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::NotADirectory => "a part of its path is no folder".to_owned(),
        std::io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => reason.to_string(),
    }
}

/// What keeps the project's files from being read.
pub fn world(reason: &WorldError) -> Diagnostic {
    error(&codes::FILE_UNUSABLE, reason.to_string())
}

/// A file that is larger than is read.
pub fn too_large(path: &Path, what: &str) -> Diagnostic {
    error(&codes::FILE_UNUSABLE, format!("`{}` is larger than {what} can be", path.display()))
}

/// A file that is no bundle of ours.
pub fn bundle(path: &Path, reason: &BundleError) -> Diagnostic {
    let help = match reason {
        BundleError::Version(_) => "make it again with this program: `ranform plan -out=FILE.ranplan`",
        BundleError::Altered(_) => "do not apply it: make and review it anew with `ranform plan -out=FILE.ranplan`",
        BundleError::TooLarge | BundleError::Malformed(_) => "bundles are made by `ranform plan -out=FILE.ranplan`",
    };
    error(&codes::BUNDLE_REFUSED, format!("`{}`: {reason}", path.display())).help(help)
}

/// An observation file that does not say what one must say; the message names the file and the place.
pub fn observation(message: impl Into<String>) -> Diagnostic {
    error(&codes::OBSERVATION_REFUSED, message).help("`ranform explain RF906` shows the format")
}

/// A question that was not answered with yes.
pub fn not_approved(message: &str) -> Diagnostic {
    error(&codes::NOT_APPROVED, message).help("answer `yes`, or say -auto-approve")
}

/// A serial that history does not know.
pub fn no_serial(serial: u64) -> Diagnostic {
    usage(format!("there is no serial {serial}"), "`ranform history` lists them; 0 is before the first apply")
}

/// A bundle that counts on a line whose day is over.
pub fn day_over(day: &str) -> Diagnostic {
    error(&codes::STALE_PLAN, format!("the plan counts on a line that held until {day}, which is over"))
        .help("nothing was written; plan again: `ranform plan -out=FILE.ranplan`")
}

/// An owner who has not approved what another's line does to what is his.
pub fn crossing(crossing: &Crossing) -> Diagnostic {
    let message = format!("`{}` has not approved: {}", crossing.owner, crate::owners::words(crossing));
    error(&codes::OWNER_NOT_APPROVED, message)
        .help(format!("nothing was written; when the owner has, say -approved-by={}", crossing.owner))
}

/// What the operating system does not give.
pub fn system(message: impl Into<String>) -> Diagnostic {
    error(&codes::SYSTEM_REFUSED, message)
}

/// A name that is neither a code nor an address of something decided.
pub fn nothing_decided(message: impl Into<String>) -> Diagnostic {
    error(&codes::NOTHING_DECIDED, message).help("`ranform plan -json` lists every address, `docs` every code")
}

/// A file of the data folder that this program did not write.
pub fn damaged(path: &Path, reason: impl std::fmt::Display) -> Diagnostic {
    error(&codes::STATE_DAMAGED, format!("`{}` does not read: {reason}", path.display()))
        .help("`ranform observe` writes a new snapshot; state comes back from a copy of the data folder")
}

/// A transaction that was interrupted.
pub fn pending(pending: &Pending) -> Diagnostic {
    let digest = pending.digest.get(..12).unwrap_or(&pending.digest);
    let step = pending.step.map_or("begin", |step| step.word());
    let message = format!("a transaction was interrupted ({} of {digest}, at step {step})", pending.kind.word());
    error(&codes::TRANSACTION_PENDING, message).help(match pending.decided {
        true => "every device had taken it: `ranform apply FILE.ranplan` finishes it".to_owned(),
        // What undoes taking back is nothing.
        false if pending.undone_by.is_empty() || pending.step == Some(Step::Abort) => {
            "`ranform rollback` takes it back".to_owned()
        }
        false => format!("`ranform rollback` takes it back: {}", pending.undone_by),
    })
}

impl From<&StateError> for Diagnostic {
    fn from(reason: &StateError) -> Self {
        let finding = |code| error(code, reason.to_string());
        match reason {
            StateError::Database(rusqlite::Error::SqliteFailure(cause, _)) if is_damage(cause.code) => {
                finding(&codes::STATE_DAMAGED).help("put back a copy of the data folder")
            }
            StateError::File { .. } | StateError::Database(_) => finding(&codes::STATE_UNUSABLE)
                .help("check who may use the data folder (.ranform, or RANFORM_DATA_DIR) and the space left"),
            StateError::Row { .. } => finding(&codes::STATE_DAMAGED).help("put back a copy of the data folder"),
            StateError::Version { .. } => {
                finding(&codes::STATE_VERSION).help("use the program that wrote it, or a later one")
            }
            StateError::Locked(_) => {
                finding(&codes::STATE_LOCKED).help("wait for it, or say how long to wait: -lock-timeout=30s")
            }
        }
    }
}

/// Whether the data base is one no more.
fn is_damage(code: rusqlite::ErrorCode) -> bool {
    matches!(code, rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
}

impl From<StateError> for Diagnostic {
    fn from(reason: StateError) -> Self {
        Self::from(&reason)
    }
}

/// What failed on a device.
pub fn device(address: &Address, reason: &DriverError) -> Diagnostic {
    let finding = error(reason.code(), format!("`{address}`: {reason}"));
    match help(address, reason) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// What is there as applied and yet not in effect: a warning, as no plan mends it.
pub fn degraded(address: &Address, why: &str) -> Diagnostic {
    let mut finding = error(&codes::DEGRADED, format!("{address}: there as applied and not in effect: {why}"));
    finding.severity = Severity::Warning;
    finding.help("nothing of the configuration differs, so no plan mends it: see to what the reason names")
}

/// An object of somebody else in a file of ours: a warning, as what was applied is there.
pub fn stranger(found: &Stranger) -> Diagnostic {
    let mut finding = error(&codes::FOREIGN_OBJECT, holds(found));
    finding.severity = Severity::Warning;
    finding.help("have its owner move it to a file of its own, beside ours; while it is there, an apply that rewrites or removes the file is refused (RF924)")
}

/// The same in one line.
pub fn holds(found: &Stranger) -> String {
    format!("`{}` holds {}, which ranform did not write there", found.file, found.words())
}

/// What an API server of the command line says no to, or why it cannot be asked.
pub fn cluster(reason: crate::kubernetes::Error) -> Diagnostic {
    use crate::kubernetes::Error;
    let help = match &reason {
        Error::Held(_) => Some(
            "another manager holds these fields: `ranform import custom-resources` takes its values over into intents",
        ),
        Error::Refused { status: 404, .. } => {
            Some("`ranform export crds -apply` brings the definitions, and the namespace must be there")
        }
        Error::Refused { status: 403, .. } => {
            Some("`targets/kubernetes/resources-role.yaml` of the sources is the role that is needed")
        }
        Error::Access(_) | Error::Unreachable { .. } => {
            Some("-kubeconfig and -context say which cluster is meant; without them it is found as kubectl finds it")
        }
        _ => None,
    };
    let reason = DriverError::from(reason);
    error(reason.code(), reason.to_string()).maybe_help(help.map(str::to_owned))
}

/// The flag that leaves out what could not be brought to a device. Of a RIC that is placed it is the policies: its
/// software runs elsewhere.
pub fn left_out(device: &Address) -> String {
    match device.last().0 {
        "ric" => format!("-exclude={device}/policy"),
        _ => format!("-exclude={device}"),
    }
}

fn help(address: &Address, reason: &DriverError) -> Option<String> {
    Some(match reason {
        DriverError::Login(text) if text.contains("may not ") => {
            "give its user the role of `targets/kubernetes/role.yaml`, with the names of the Secrets that are used".to_owned()
        }
        DriverError::Unreachable(_) | DriverError::Login(_) => {
            format!("reach it and try again, or leave it out: `ranform plan {} -out=FILE.ranplan`", left_out(address))
        }
        DriverError::Credential { protocol, .. } => {
            format!("how it is reached stands in its `manage` line: {}", manage_forms(*protocol))
        }
        DriverError::HostKey(text) if text.contains("certificate") => "if its certificate was replaced on purpose, write whom to trust now: who has signed it, or the certificate itself; if not, somebody may be in between".to_owned(),
        DriverError::HostKey(_) => "if the device was replaced on purpose, write its new key after `host-key`; if not, somebody may be in between".to_owned(),
        DriverError::NoDriver(_) => format!("leave it out: `ranform plan {} -out=FILE.ranplan`", left_out(address)),
        DriverError::Locked(_) => "wait until that has ended, then apply again".to_owned(),
        DriverError::Stale(_) => "look at the devices and plan again: `ranform plan -refresh -out=FILE.ranplan`".to_owned(),
        DriverError::Endangered(_) => "have their owner remove it first (out of a folder: move it to a file of its own), or keep the thing in the intents".to_owned(),
        DriverError::NotTaken(_) => "the device does not do what it acknowledges: check its profile and version".to_owned(),
        DriverError::NotRestored(_) => "look at the device, then `ranform rollback` again".to_owned(),
        DriverError::OtherProject { state, .. } => format!("give the RIC or the model another name; where that state is lost, or its project has given these up: `ranform apply -take-over={state}`"),
        DriverError::Held { address: at, .. } => {
            let at = at.as_deref().unwrap_or("ADDRESS");
            format!("have that manager let go of them, or write `outside change on {at} restore` and plan anew (`ranform plan -out=FILE.ranplan`): then they are taken")
        }
        DriverError::Unlike { just_made: true, .. } => format!("report it, and leave the device out until it is mended: `ranform plan -exclude={address} -out=FILE.ranplan`"),
        DriverError::Unlike { just_made: false, .. } => "plan again: `ranform plan -out=FILE.ranplan`".to_owned(),
        DriverError::Failed(_) => return None,
    })
}

/// How a `manage` line says what it takes to log in, by protocol.
fn manage_forms(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Directory => "`directory \"FOLDER\"`",
        Protocol::Netconf => {
            "`netconf \"HOST:PORT\" as \"USER\" key env NAME`, `key file \"PATH\"`, `key secret \"NAMESPACE/NAME/KEY\"`"
        }
        Protocol::A1 => {
            "`a1 \"https://HOST\" token env NAME`, `token file \"PATH\"`, `token secret \"NAMESPACE/NAME/KEY\"`"
        }
        Protocol::Kubernetes => {
            "`kubernetes config file \"PATH\" context \"NAME\" node \"NAME\"`, `config env NAME`, `config secret \"NAMESPACE/NAME/KEY\"`"
        }
    }
}

/// Everything there is to say about how an apply, a rollback or a recovery ended; nothing where it went well.
pub fn outcome(outcome: &Outcome) -> Vec<Diagnostic> {
    let all =
        |failures: &Failures| failures.iter().map(|(address, reason)| device(address, reason)).collect::<Vec<_>>();
    let with = |first: Diagnostic, failures: &Failures| {
        let mut findings = vec![first];
        findings.extend(all(failures));
        findings
    };
    match outcome {
        Outcome::Applied { .. } | Outcome::Nothing | Outcome::TakenBack => Vec::new(),
        Outcome::NoSuchSerial { asked, .. } => vec![no_serial(*asked)],
        Outcome::AppliedBefore { serial } => {
            let message = format!("this bundle was applied before (state serial {serial}); nothing was written");
            vec![
                error(&codes::BUNDLE_APPLIED, message)
                    .help("a bundle applies once: plan again for what is to change now"),
            ]
        }
        Outcome::OldState { made_from, now } => {
            let message =
                format!("the plan was made from state serial {made_from}, which is now {now}; nothing was written");
            vec![error(&codes::STALE_PLAN, message).help("plan again, and review what is different")]
        }
        Outcome::Refused { failures } => all(failures),
        Outcome::RolledBack { causes } => {
            let message = "everything was put back; every device shows its former configuration";
            with(error(&codes::ROLLED_BACK, message), causes)
        }
        Outcome::Partly { settled, waiting, failures, decided } => partly(settled, waiting, failures, *decided),
    }
}

/// What is where, and why it is not where it should be. How to leave a device out of a plan is no help here.
fn partly(settled: &[Address], waiting: &[Address], failures: &Failures, decided: bool) -> Vec<Diagnostic> {
    let (way, there) = if decided { ("forward", "confirmed") } else { ("back", "as before") };
    let unknown: Vec<Address> = failures.keys().cloned().collect();
    let places = [(there, settled), ("not begun", waiting), ("not known", &unknown)];
    let places = places.into_iter().filter(|(_, devices)| !devices.is_empty());
    let places: Vec<String> = places.map(|(word, devices)| format!("{word}: {}", first_of(devices))).collect();
    let places = places.join("; ");
    let message = format!("some devices could not be brought {way}; the transaction stays pending; {places}");
    let without: String = failures.keys().map(|address| format!(" -without={address}")).collect();
    let help = format!("one that will not come back is given up by `ranform rollback{without}`");
    let each = failures.iter().map(|(address, reason)| {
        let mut finding = device(address, reason);
        finding.help.retain(|help| !help.contains("`ranform plan"));
        finding
    });
    std::iter::once(error(&codes::PARTLY_APPLIED, message).help(help)).chain(each).collect()
}

/// Three devices by name, the others by their number.
fn first_of(devices: &[Address]) -> String {
    const NAMED: usize = 3;
    let names: Vec<&str> = devices.iter().take(NAMED).map(Address::as_str).collect();
    match devices.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Nothing is there to be ended without a device.
pub fn nothing_pending() -> Diagnostic {
    usage("no transaction is pending", "-without gives devices up that an interrupted transaction waits for")
}

/// A device that takes no part in the transaction that is pending, as `devices` do.
pub fn takes_no_part(device: &str, devices: &[Address]) -> Diagnostic {
    usage(format!("`{device}` takes no part in the pending transaction"), format!("these do: {}", first_of(devices)))
}

#[cfg(test)]
mod tests;
