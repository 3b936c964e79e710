//! What can go wrong between us and a NETCONF server.

use super::RpcError;
use crate::patience::Impatience;

/// The result of a NETCONF operation.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed NETCONF operation. The text is for the operator: it names what was attempted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection to the device.
    #[error("cannot connect to `{endpoint}`: {reason}")]
    Connect {
        /// `host:port`.
        endpoint: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// The device shows another host key than the one it must show.
    #[error("`{endpoint}` shows the host key `{shown}`, not {expected}")]
    HostKey {
        /// `host:port`.
        endpoint: String,
        /// The fingerprint it shows.
        shown: String,
        /// What was expected, in words.
        expected: String,
    },
    /// A credential cannot be had.
    #[error("the credential of `{endpoint}` is not usable: {reason}")]
    Credential {
        /// `host:port`.
        endpoint: String,
        /// Why; never the secret.
        reason: String,
    },
    /// The device does not let us in.
    #[error(
        "`{endpoint}` does not let `{user}` in with the key `{offered}`: put the public part of that key among the \
         user's keys on the device, or name the right user and key"
    )]
    Refused {
        /// `host:port`.
        endpoint: String,
        /// The user.
        user: String,
        /// The fingerprint of the key that was offered.
        offered: String,
    },
    /// The session ended in the middle of something.
    #[error("the session ended during {during}")]
    Closed {
        /// The operation.
        during: &'static str,
    },
    /// The device did not answer in time.
    #[error("no answer to {during} before the deadline")]
    Deadline {
        /// The operation.
        during: &'static str,
    },
    /// The caller called it off.
    #[error("{during} was called off")]
    Cancelled {
        /// The operation.
        during: &'static str,
    },
    /// What the device sends is not NETCONF.
    #[error("the answer to {during} is not NETCONF: {reason}")]
    Malformed {
        /// The operation.
        during: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A message is larger than we take.
    #[error("the answer to {during} is larger than {limit} bytes")]
    TooLarge {
        /// The operation.
        during: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The device refuses the operation; every rpc-error of its reply.
    #[error("{during} is refused: {}", join(.errors))]
    Rpc {
        /// The operation.
        during: &'static str,
        /// At least one error.
        errors: Vec<RpcError>,
    },
}

fn join(errors: &[RpcError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Error {
    /// Whether the device could not be reached at all, so that nothing was attempted on it.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::HostKey { .. } | Self::Refused { .. } | Self::Credential { .. })
    }

    /// Whether an error of the reply carries this error-tag (RFC 6241 appendix A).
    pub fn has_tag(&self, tag: &str) -> bool {
        matches!(self, Self::Rpc { errors, .. } if errors.iter().any(|error| error.tag == tag))
    }

    pub(super) fn impatience(during: &'static str, impatience: Impatience) -> Self {
        match impatience {
            Impatience::Deadline => Self::Deadline { during },
            Impatience::Cancelled => Self::Cancelled { during },
        }
    }

    pub(super) fn malformed(during: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed { during, reason: reason.into() }
    }
}
