//! What can go wrong between us and an API server.

use crate::patience::Impatience;

/// The result of an operation.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed operation. The text is for the operator: it names what was attempted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kubeconfig, or what it refers to, cannot be used.
    #[error("{0}")]
    Access(String),
    /// No answer from the API server.
    #[error("the API server {server} does not answer to {doing}: {reason}")]
    Unreachable {
        /// Its URL, and the context that says it.
        server: String,
        /// What was attempted.
        doing: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// The server says no.
    #[error("{doing}: {message}")]
    Refused {
        /// What was attempted.
        doing: String,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// A webhook of the cluster says no, whatever status it gives to that.
    #[error("{doing}: {message}")]
    Denied {
        /// What was attempted.
        doing: String,
        /// The server's words, with the webhook's.
        message: String,
    },
    /// Fields that another manager holds.
    #[error("{}", .0.join("; "))]
    Held(Vec<String>),
    /// Time is up.
    #[error("no answer to {0} before the deadline")]
    Deadline(String),
    /// The caller called it off.
    #[error("{0} was called off")]
    Cancelled(String),
}

impl Error {
    /// From what the client library says.
    pub(super) fn new(doing: &str, server: &str, error: &kube::Error) -> Self {
        let doing = doing.to_owned();
        match error {
            kube::Error::Api(status) => {
                let causes = status.details.iter().flat_map(|details| &details.causes);
                let held = causes.filter(|cause| cause.reason == "FieldManagerConflict");
                let held: Vec<String> =
                    held.map(|cause| format!("{doing}: {} of {}", cause.field, manager(&cause.message))).collect();
                if !held.is_empty() {
                    return Self::Held(held);
                }
                let message = one_line(&status.message);
                if message.starts_with("admission webhook ") && message.contains(" denied the request") {
                    return Self::Denied { doing, message };
                }
                Self::Refused { doing, status: status.code, message }
            }
            kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => {
                Self::Unreachable { server: server.to_owned(), doing, reason: chain(error) }
            }
            error => Self::Access(format!("{doing}: {}", chain(error))),
        }
    }

    pub(super) fn impatient(doing: &str, impatience: Impatience) -> Self {
        match impatience {
            Impatience::Deadline => Self::Deadline(doing.to_owned()),
            Impatience::Cancelled => Self::Cancelled(doing.to_owned()),
        }
    }

    /// The HTTP status, where the server answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the roles of the user say no; admission (quotas, webhooks, policies) says so by the same status.
    pub fn is_not_allowed(&self) -> bool {
        matches!(self, Self::Refused { status: 403, message, .. } if message.contains("User \"") && message.contains(" cannot "))
    }

    /// Whether the same may succeed in a moment.
    pub fn is_passing(&self) -> bool {
        // A server that stops tells so by 503; one that is overloaded by 429; a webhook that is away by 500.
        matches!(self, Self::Unreachable { .. }) || matches!(self.status(), Some(429 | 500 | 502 | 503 | 504))
    }
}

/// `conflict with "kubectl" using apps/v1` names the manager.
fn manager(message: &str) -> &str {
    message.strip_prefix("conflict with ").unwrap_or(message)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An error with what caused it, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = one_line(&error.to_string());
    let mut at = error.source();
    while let Some(cause) = at {
        let cause_text = one_line(&cause.to_string());
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        at = cause.source();
    }
    text
}
