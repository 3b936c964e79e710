//! What a RIC says of a policy that it was given.

use serde_json::Value;

/// That a RIC does not enforce a policy now.
pub const NOT_ENFORCED: &str = "NOT_ENFORCED";

/// The status of a policy, read leniently: peers send `{}`, `UNDEFINED` or their own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `ENFORCED`, `NOT_ENFORCED`, or what else is said; empty for nothing.
    pub enforce_status: String,
    /// Why it is not enforced; empty where nothing is said.
    pub enforce_reason: String,
}

/// What a status means for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The RIC enforces it: proof.
    Enforced,
    /// The RIC says that it never can: the scope or the statement does not apply to it.
    Never,
    /// Not yet, or not said.
    Open,
}

impl Status {
    /// The status in an object; also one wrapped in `status`, as version 2 of the management service does.
    pub fn of(value: &Value) -> Self {
        let inner = value.get("status").filter(|inner| inner.is_object()).unwrap_or(value);
        let member = |names: [&str; 2]| {
            names.into_iter().find_map(|name| inner.get(name)?.as_str()).unwrap_or_default().to_owned()
        };
        // The mediator of the Python era has words of its own.
        let enforce_status = match member(["instance_status", "instanceStatus"]).as_str() {
            "" => member(["enforceStatus", "enforce_status"]),
            "IN EFFECT" => "ENFORCED".to_owned(),
            other => other.to_owned(),
        };
        Self { enforce_status, enforce_reason: member(["enforceReason", "enforce_reason"]) }
    }

    /// What it means.
    pub fn verdict(&self) -> Verdict {
        match (self.enforce_status.as_str(), self.enforce_reason.as_str()) {
            ("ENFORCED", _) => Verdict::Enforced,
            (NOT_ENFORCED, "SCOPE_NOT_APPLICABLE" | "STATEMENT_NOT_APPLICABLE") => Verdict::Never,
            _ => Verdict::Open,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.enforce_status.as_str(), self.enforce_reason.as_str()) {
            ("", _) => f.write_str("nothing"),
            (status, "") => f.write_str(status),
            (status, reason) => write!(f, "{status}, {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_in_every_shape_that_is_met() {
        let verdict = |text: &str| Status::of(&serde_json::from_str(text).unwrap()).verdict();
        assert_eq!(verdict(r#"{"enforceStatus":"ENFORCED"}"#), Verdict::Enforced);
        assert_eq!(verdict(r#"{"last_modified":"x","status":{"enforceStatus":"ENFORCED"}}"#), Verdict::Enforced);
        assert_eq!(verdict(r#"{"instance_status":"IN EFFECT","has_been_deleted":"false"}"#), Verdict::Enforced);
        for open in [
            r#"{"instance_status":"NOT IN EFFECT"}"#,
            r#"{}"#,
            r#"{"status":{}}"#,
            r#"{"enforceStatus":"UNDEFINED"}"#,
            r#"{"enforceStatus":"NOT_ENFORCED","enforceReason":"OTHER_REASON"}"#,
            r#"{"enforceStatus":"NOT_ENFORCED"}"#,
            "[]",
        ] {
            assert_eq!(verdict(open), Verdict::Open, "{open}");
        }
        for never in ["SCOPE_NOT_APPLICABLE", "STATEMENT_NOT_APPLICABLE"] {
            let text = format!(r#"{{"enforceStatus":"NOT_ENFORCED","enforceReason":"{never}"}}"#);
            assert_eq!(verdict(&text), Verdict::Never);
        }
    }
}
