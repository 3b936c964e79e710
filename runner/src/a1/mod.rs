//! A1 peers over HTTP: near-RT RICs (A1-P, standard and O-RAN SC) and the policy management service (v2, v3).
//!
//! [`http`] is bounded requests over TLS or plain TCP; [`peer`] and [`holdings`] are what is asked of a peer in its
//! dialect, with its quirks, and [`instead`] what is said where another dialect answers; [`several`] is how much of it
//! at once; [`access`] and [`trust`] are from how a peer is written to what it takes to reach it. What is done in which
//! order belongs to [`crate::drivers::a1`].

pub mod access;
mod holdings;
pub mod http;
mod instead;
pub mod peer;
mod repeat;
mod several;
mod status;
mod trust;

pub use peer::{Held, Peer, Policy};
pub use repeat::{Change, Manner};
pub use several::several;
pub use status::{NOT_ENFORCED, Status, Verdict};

use crate::patience::Impatience;

/// How the text of a 500 from version 3 of the management service says that its RIC is busy.
const BUSY: [&str; 5] = ["TooManyRequests", "ServiceUnavailable", " 423 ", " 429 ", " 503 "];

/// The result of a request to a peer.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed request to an A1 peer. The text is for the operator: it names what was attempted, never a secret.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The way to it cannot be used: a certificate, a key or a token that is not there.
    #[error("{0}")]
    Access(String),
    /// No connection, or no trust in who answers.
    #[error("cannot connect to `{endpoint}`: {reason}")]
    Connect {
        /// The URL.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// The connection broke after the request went out: whether it took effect is not known.
    #[error("the connection to `{endpoint}` broke during {request}: {reason}")]
    Lost {
        /// The URL.
        endpoint: String,
        /// Method and path.
        request: String,
        /// Why.
        reason: String,
    },
    /// The peer refused.
    #[error("{request} was answered {status}{}", told(.detail))]
    Answer {
        /// Method and path.
        request: String,
        /// The status code.
        status: u16,
        /// What the body says, shortened.
        detail: String,
    },
    /// The answer is not what the interface says.
    #[error("the answer to {request} cannot be read: {reason}")]
    Unreadable {
        /// Method and path.
        request: String,
        /// Why.
        reason: String,
    },
    /// The interface of the dialect is not there.
    #[error("{wanted} is not at `{endpoint}` ({request} was answered 404); {advice}")]
    Misplaced {
        /// The URL.
        endpoint: String,
        /// Method and path.
        request: String,
        /// The interface, in words.
        wanted: &'static str,
        /// What to write instead.
        advice: String,
        /// Whether another interface answers there.
        answers: bool,
    },
    /// The RIC is not ready at its management service.
    #[error("{0}")]
    NotReady(String),
    /// Patience ended.
    #[error("{}", ended(.0))]
    Impatient(Impatience),
}

fn ended(impatience: &Impatience) -> &'static str {
    match impatience {
        Impatience::Deadline => "no answer in time",
        Impatience::Cancelled => "called off",
    }
}

fn told(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

impl From<Impatience> for Error {
    fn from(impatience: Impatience) -> Self {
        Self::Impatient(impatience)
    }
}

impl Error {
    /// The status code, where the peer answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the peer was not reached at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::NotReady(_) | Self::Impatient(Impatience::Deadline))
    }

    /// Whether nobody is there who could answer as a RIC does: nothing listens, what stands before it has nowhere to lead
    /// to, or a management `service`, which is none of its software, does not have it.
    pub fn is_absence(&self, service: bool) -> bool {
        match self {
            Self::NotReady(_) => true,
            _ if service || self.is_handshake_refusal() => false,
            Self::Connect { reason, .. } => !reason.contains("certificate"),
            Self::Lost { .. } | Self::Impatient(Impatience::Deadline) => true,
            Self::Answer { status, .. } => matches!(status, 404 | 502..=504),
            Self::Misplaced { answers, .. } => !answers,
            _ => false,
        }
    }

    /// Whether the peer refused us while the connection was secured: our certificate is missing, or not one it takes.
    pub fn is_handshake_refusal(&self) -> bool {
        match self {
            Self::Connect { reason, .. } | Self::Lost { reason, .. } => reason.contains("received fatal alert"),
            _ => false,
        }
    }

    /// Whether the same request may be sent again after a look (a1.md: overload, a RIC that is down or busy, a broken connection).
    pub fn is_passing(&self) -> bool {
        match self {
            _ if self.is_handshake_refusal() => false,
            Self::Connect { .. } | Self::Lost { .. } | Self::Impatient(Impatience::Deadline) => true,
            Self::Answer { status: 423 | 429 | 502 | 503 | 504, .. } => true,
            // Version 3 of the management service hides the RIC's code in the text of a 500.
            Self::Answer { status: 500, detail, .. } => {
                const UNANSWERED: [&str; 5] =
                    ["BadGateway", "GatewayTimeout", "WebClientRequestException", " 502 ", " 504 "];
                UNANSWERED.iter().chain(&BUSY).any(|word| detail.contains(word))
            }
            _ => false,
        }
    }

    /// Whether the request may have taken effect although it failed: anything but a plain refusal.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::Impatient(_) | Self::Unreadable { .. } => true,
            Self::Answer { status, .. } => *status >= 500 || *status == 423 || *status == 429,
            Self::Access(_) | Self::Connect { .. } | Self::Misplaced { .. } | Self::NotReady(_) => false,
        }
    }

    /// Whether version 3 of the management service was told by its RIC that the policy is not there.
    pub fn says_that_the_ric_has_none(&self) -> bool {
        matches!(self, Self::Answer { status: 500, detail, .. } if detail.contains("NotFound: 404"))
    }

    /// Whether an order that a management service did not carry through may have reached its RIC all the same: it may,
    /// unless the RIC refused it or was busy.
    pub fn leaves_the_ric_unknown(&self) -> bool {
        const REFUSED: [&str; 5] = ["400 BAD_REQUEST", " 400 ", " 404 ", " 409 ", " 415 "];
        match self {
            Self::Answer { status: 423 | 429 | 503, .. } => false,
            Self::Answer { status: 500, detail, .. } => !REFUSED.iter().chain(&BUSY).any(|word| detail.contains(word)),
            _ => self.is_doubtful(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_ric_is_told_from_a_ric_that_may_have_taken_an_order() {
        let answer = |status, detail: &str| Error::Answer { request: "PUT /".into(), status, detail: detail.into() };
        let exception = "org.springframework.web.reactive.function.client.WebClient";
        for (status, detail, passes, unknown) in [
            (502, "", true, true),
            (503, "", true, false),
            (400, "schema", false, false),
            (507, "", false, true),
            (500, "", false, true),
            (500, "ResponseException$BadRequest: 400 BAD_REQUEST from PUT", false, false),
            (500, "ResponseException$BadRequest: 400 Bad Request from PUT", false, false),
            (500, "ResponseException$TooManyRequests: 429 Too Many Requests", true, false),
            (500, "ResponseException$GatewayTimeout: 504 Gateway Timeout", true, true),
            (500, "RequestException: Connection refused", true, true),
        ] {
            let error = answer(status, &format!("{exception}{detail}"));
            assert_eq!((error.is_passing(), error.leaves_the_ric_unknown()), (passes, unknown), "{status} {detail}");
        }
    }
}
