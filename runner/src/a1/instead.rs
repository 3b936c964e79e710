//! Which interface answers where that of the dialect does not: who wrote the wrong `dialect` is told the right one.

use std::time::Duration;

use ranform_network::network::Dialect;
use serde_json::Value;

use super::http::Answer;
use super::{Error, Peer};
use crate::patience::Patience;

/// What each interface has at its root. The one of the standard and that of O-RAN SC may stand at the same place.
const ROOTS: [(Dialect, &str, &str); 5] = [
    (Dialect::Standard, "/A1-P/v2", "/policytypes"),
    (Dialect::StandardV1, "/A1-P/v1", "/policies"),
    (Dialect::Osc, "/a1-p", "/policytypes"),
    (Dialect::PmsV2, "/a1-policy/v2", "/rics"),
    (Dialect::PmsV3, "/a1-policy-management/v1", "/rics"),
];
/// How long all of them may take to answer.
const LOOK: Duration = Duration::from_secs(5);

/// An interface as its documents name it.
fn interface(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Standard => "A1-P version 2",
        Dialect::StandardV1 => "A1-P version 1",
        Dialect::Osc => "A1-P of O-RAN SC",
        Dialect::PmsV2 => "version 2 of an A1 policy management service",
        Dialect::PmsV3 => "version 3 of an A1 policy management service",
    }
}

impl Peer {
    /// What to say of an answer that the interface is not there (404): which one is, where one is.
    pub(super) async fn misplaced(&self, answer: &Answer, patience: &Patience) -> Error {
        let base = self.http.base();
        let written = ROOTS.iter().map(|(_, root, _)| *root).find(|root| base.ends_with(root)).unwrap_or_default();
        let bare = base.strip_suffix(written).unwrap_or(base);
        let patience = patience.at_most(LOOK);
        let mut instead = None;
        for (dialect, root, below) in ROOTS {
            let Ok(answer) = self.http.get(&format!("{bare}{root}{below}"), &patience).await else { continue };
            let Some(value) = answer.json().ok().filter(|_| answer.status == 200) else { continue };
            let found = if has_numbers(&value) { Dialect::Osc } else { dialect };
            if found != self.dialect() || !written.is_empty() {
                instead = Some(found);
                break;
            }
        }
        let advice = match instead {
            None => "look at its URL, and at the `dialect` of its `manage` line".to_owned(),
            Some(found) => {
                let dialect = (found != self.dialect()).then(|| format!("write `dialect {}`", found.word()));
                let path = (!written.is_empty()).then(|| format!("leave `{written}` out of its URL"));
                let steps: Vec<String> = dialect.into_iter().chain(path).collect();
                format!("{} answers there: {}", interface(found), steps.join(" and "))
            }
        };
        Error::Misplaced {
            endpoint: self.http.url().to_owned(),
            request: answer.request.clone(),
            wanted: interface(self.dialect()),
            advice,
            answers: instead.is_some(),
        }
    }
}

/// Whether these are the types of an O-RAN SC RIC.
fn has_numbers(types: &Value) -> bool {
    types.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_number))
}
