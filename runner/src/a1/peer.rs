//! What is asked of an A1 peer, in its dialect: types, schemas, and whether it is ready. Several requests may be under way.
//!
//! Policies are in [`super::holdings`]; what is repeated, and what is looked at before, is in [`super::repeat`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use hyper::Method;
use ranform_network::network::{A1Access, Dialect};
use serde_json::Value;

use super::http::{Answer, Http};
use super::{Error, Result};
use crate::patience::Patience;

/// How long a RIC that its management service is just getting to know may take.
const SETTLING: Duration = Duration::from_secs(15);
/// The pause between two looks at a RIC's state.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a question is asked at most while the peer is busy.
const READS: u32 = 5;
/// How many RICs are named of those that a management service knows.
const TOLD: usize = 20;
/// The first pause between two of them; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A policy as it goes to a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The id of its type there: a name with a version, or a number.
    pub type_id: String,
    /// Its id.
    pub id: String,
    /// The policy object.
    pub body: Value,
    /// Whether it may vanish with a restart.
    pub transient: bool,
    /// The label under which a management service is to keep it, where it is remembered; else the owner's present name.
    pub service: Option<String>,
}

/// A policy as a peer holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The policy object.
    pub body: Value,
    /// Whether it may vanish with a restart, where the peer says so.
    pub transient: Option<bool>,
    /// Whose it is, where the peer says so and somebody's it is.
    pub service: Option<String>,
}

impl Held {
    /// Whether it is what is ordered, as far as the peer says; whose it is, is another name's where it says so.
    pub fn is(&self, policy: &Policy) -> bool {
        let named = |service: &String| policy.service.as_ref().is_none_or(|wanted| wanted == service);
        ranform_targets::a1::same(&self.body, &policy.body)
            && self.transient.is_none_or(|is| is == policy.transient)
            && self.service.as_ref().is_none_or(named)
    }

    pub(super) fn bare(body: Value) -> Self {
        Self { body, transient: None, service: None }
    }
}

/// An A1 peer.
#[derive(Debug)]
pub struct Peer {
    pub(super) http: Http,
    pub(super) access: A1Access,
    /// The label that the management service keeps with our policies.
    service: String,
    /// The root of the interface, once it is known.
    root: OnceLock<String>,
    /// Ids, with their types, that a management service has listed for our RIC: a policy never changes its RIC there.
    pub(super) listed: Mutex<BTreeSet<(String, String)>>,
}

impl Peer {
    /// A peer behind `http`; `service` is the owner's name.
    pub fn new(http: Http, access: A1Access, service: String) -> Self {
        Self { http, access, service, root: OnceLock::new(), listed: Mutex::default() }
    }

    /// The name under which our policies are written.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The interface it has.
    pub fn dialect(&self) -> Dialect {
        self.access.dialect
    }

    /// How many requests went out: reads, and those that may change something.
    pub fn operations(&self) -> BTreeMap<&'static str, u64> {
        let (reads, writes) = self.http.sent();
        BTreeMap::from([("read", reads), ("write", writes)])
    }

    /// Lets the connections go.
    pub fn close(&self) {
        self.http.close();
    }

    pub(super) fn ric(&self) -> &str {
        self.access.ric.as_deref().unwrap_or_default()
    }

    /// The path of something below the root of the interface.
    pub(super) async fn path(&self, below: &str, patience: &Patience) -> Result<String> {
        if let Some(root) = self.root.get() {
            return Ok(format!("{root}{below}"));
        }
        let base = self.http.base().to_owned();
        let candidates: &[&str] = match self.access.dialect {
            Dialect::Standard => &["/A1-P/v2"],
            Dialect::StandardV1 => &["/A1-P/v1"],
            // The mediator and its simulator stand at different places.
            Dialect::Osc => &["/A1-P/v2", "/a1-p"],
            Dialect::PmsV2 => &["/a1-policy/v2"],
            Dialect::PmsV3 => &["/a1-policy-management/v1"],
        };
        let root = match candidates.iter().find(|candidate| base.ends_with(*candidate)) {
            Some(_) => base,
            None => self.found(&base, candidates, patience).await?,
        };
        Ok(format!("{}{below}", self.root.get_or_init(|| root)))
    }

    /// The first candidate at which the peer has policy types; the only one is not asked.
    async fn found(&self, base: &str, candidates: &[&str], patience: &Patience) -> Result<String> {
        let Some((last, others)) = candidates.split_last() else { return Ok(base.to_owned()) };
        for candidate in others {
            let root = format!("{base}{candidate}");
            let answer = self.http.get(&format!("{root}/policytypes"), patience).await?;
            if answer.status != 404 {
                return Ok(root);
            }
        }
        Ok(format!("{base}{last}"))
    }

    /// Asks, and again within bounds where the peer is busy.
    pub(super) async fn get(&self, below: &str, patience: &Patience) -> Result<Answer> {
        let path = self.path(below, patience).await?;
        // The O-RAN SC mediator says 503 of a policy that it does not have.
        let means_it = |status| self.access.dialect == Dialect::Osc && status == 503 && below.contains("/policies/");
        let mut pause = FIRST_PAUSE;
        for _ in 1..READS {
            let answer = self.http.get(&path, patience).await;
            let busy = match &answer {
                Ok(answer) => matches!(answer.status, 423 | 429 | 502..=504) && !means_it(answer.status),
                Err(Error::Lost { .. }) => answer.as_ref().is_err_and(Error::is_passing),
                Err(_) => false,
            };
            if !busy || patience.left() <= pause {
                return answer;
            }
            patience.wait(tokio::time::sleep(pause)).await?;
            pause *= 2;
        }
        self.http.get(&path, patience).await
    }

    pub(super) async fn order(
        &self,
        method: Method,
        below: &str,
        body: Option<&Value>,
        patience: &Patience,
    ) -> Result<Answer> {
        let path = self.path(below, patience).await?;
        self.http.change(method, &path, body, patience).await?.success()
    }

    /// Waits until the RIC is available at its management service; a RIC itself needs no waiting for.
    ///
    /// # Errors
    /// It is unknown there, or not available in time.
    pub async fn ready(&self, patience: &Patience) -> Result<()> {
        let ric = encoded(self.ric());
        let below = match self.access.dialect {
            Dialect::PmsV2 => format!("/rics/ric?ric_id={ric}"),
            Dialect::PmsV3 => format!("/rics/{ric}"),
            Dialect::Standard | Dialect::StandardV1 | Dialect::Osc => return Ok(()),
        };
        let settling = patience.at_most(SETTLING);
        loop {
            let answer = self.get(&below, patience).await?;
            let state = match answer.status {
                404 if settling.left() <= PAUSE => return Err(self.unknown(&answer, patience).await),
                404 => "not known".to_owned(),
                _ => answer.success()?.json()?.get("state").and_then(Value::as_str).unwrap_or_default().to_owned(),
            };
            if state == "AVAILABLE" {
                return Ok(());
            }
            if settling.left() <= PAUSE {
                return Err(Error::NotReady(format!("RIC `{}` is {state} at `{}`", self.ric(), self.http.url())));
            }
            settling.wait(tokio::time::sleep(PAUSE)).await.or_else(|end| match end {
                crate::patience::Impatience::Deadline => Ok(()),
                crate::patience::Impatience::Cancelled => Err(end),
            })?;
        }
    }

    /// Why a management service does not know the RIC, which is no service, or has others.
    async fn unknown(&self, answer: &Answer, patience: &Patience) -> Error {
        let not_known = format!("RIC `{}` is not known at `{}`", self.ric(), self.http.url());
        let all = match self.get("/rics", patience).await {
            Ok(all) if all.status == 404 => return self.misplaced(answer, patience).await,
            Ok(all) => all.json().unwrap_or_default(),
            Err(_) => return Error::NotReady(not_known),
        };
        let rics = all.get("rics").and_then(Value::as_array).into_iter().flatten();
        let id =
            |ric: &Value| ["ric_id", "ricId"].into_iter().find_map(|name| ric.get(name)?.as_str()).map(str::to_owned);
        let mut known: Vec<String> = rics.filter_map(id).take(TOLD).collect();
        known.sort();
        let known = if known.is_empty() { "no RIC".to_owned() } else { known.join(", ") };
        Error::NotReady(format!("{not_known}, which knows {known}"))
    }

    /// Asks whether the RIC is there to be spoken to.
    ///
    /// # Errors
    /// It is not, or does not answer as a RIC does.
    pub async fn answers(&self, patience: &Patience) -> Result<()> {
        self.ready(patience).await?;
        if self.access.dialect == Dialect::StandardV1 {
            return self.ids("", patience).await.map(drop);
        }
        self.types(patience).await.map(drop)
    }

    /// The ids of the policy types that the RIC lists, numbers as text; none where its interface has no types.
    ///
    /// # Errors
    /// No answer, or none that is a list.
    pub async fn types(&self, patience: &Patience) -> Result<Option<BTreeSet<String>>> {
        let ric = encoded(self.ric());
        let below = match self.access.dialect {
            Dialect::StandardV1 => return Ok(None),
            Dialect::Standard | Dialect::Osc => "/policytypes".to_owned(),
            Dialect::PmsV2 => format!("/policy-types?ric_id={ric}"),
            Dialect::PmsV3 => format!("/policy-types?nearRtRicId={ric}"),
        };
        let answer = self.get(&below, patience).await?;
        if answer.status == 404 && !self.access.dialect.is_service() {
            return Err(self.misplaced(&answer, patience).await);
        }
        let answer = answer.success()?;
        names(&answer, &["policytype_ids", "policyTypeIds"], "policyTypeId", self.ric(), "nearRtRicId").map(Some)
    }

    /// The path of a policy below the root.
    pub(super) fn policy_path(&self, type_id: &str, id: &str) -> String {
        let (kind, name) = (encoded(type_id), encoded(id));
        match self.access.dialect {
            Dialect::Standard | Dialect::Osc => format!("/policytypes/{kind}/policies/{name}"),
            Dialect::StandardV1 | Dialect::PmsV2 | Dialect::PmsV3 => format!("/policies/{name}"),
        }
    }

    /// The schema of the policies of a type; none where the RIC gives none.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn schema(&self, type_id: &str, patience: &Patience) -> Result<Option<Value>> {
        if self.access.dialect == Dialect::StandardV1 {
            return Ok(None);
        }
        let below = if self.access.dialect.is_service() { "policy-types" } else { "policytypes" };
        let answer = self.get(&format!("/{below}/{}", encoded(type_id)), patience).await?.success()?;
        let value = answer.json()?;
        let members = ["policySchema", "policy_schema", "create_schema"];
        let schema = members.into_iter().find_map(|member| value.get(member)).filter(|schema| !schema.is_null());
        Ok(match schema {
            // Older services write the schema as a text.
            Some(Value::String(text)) => {
                Some(serde_json::from_str(text).map_err(|error| Error::Unreadable {
                    request: answer.request.clone(),
                    reason: error.to_string(),
                })?)
            }
            schema => schema.cloned(),
        })
    }

    /// Why our policies would not stay: our name is registered as a service that must show signs of life, and a command
    /// line shows none.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn keep_alive_trap(&self, patience: &Patience) -> Result<Option<String>> {
        if !self.access.dialect.is_service() {
            return Ok(None);
        }
        let answer = self.get("/services", patience).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let value = answer.success()?.json()?;
        let list = ["service_list", "serviceList"].into_iter().find_map(|name| value.get(name)?.as_array());
        let either = |service: &Value, names: [&str; 2]| names.into_iter().find_map(|name| service.get(name).cloned());
        let ours = list.into_iter().flatten().find(|service| {
            either(service, ["service_id", "serviceId"]).as_ref().and_then(Value::as_str) == Some(&self.service)
        });
        let interval = ours
            .and_then(|service| either(service, ["keep_alive_interval_seconds", "keepAliveIntervalSeconds"])?.as_f64());
        Ok(interval.filter(|interval| *interval > 0.0).map(|interval| {
            format!(
                "service `{}` is registered at `{}` with a keep-alive of {interval} s: once it is silent that long, all policies written under its name are deleted; choose another name with `as \"..\"`, or take the registration away",
                self.service,
                self.http.url()
            )
        }))
    }
}

/// The names in a list, which peers write in four ways: `["a"]`, `[1]`, `{"ids":["a"]}`, `[{"id":"a","ric":"r"}]`.
pub(super) fn names(
    answer: &Answer,
    members: &[&str],
    member: &str,
    ric: &str,
    ric_member: &str,
) -> Result<BTreeSet<String>> {
    let value = answer.json()?;
    let list = members.iter().find_map(|name| value.get(*name)).unwrap_or(&value);
    let unreadable = |reason: String| Error::Unreadable { request: answer.request.clone(), reason };
    let list = list.as_array().ok_or_else(|| unreadable("it is no list".to_owned()))?;
    let mut found = BTreeSet::new();
    for item in list {
        if item.get(ric_member).and_then(Value::as_str).is_some_and(|other| other != ric) {
            continue;
        }
        match item.get(member).unwrap_or(item) {
            Value::String(name) => drop(found.insert(name.clone())),
            // A number, also one that went through a floating point.
            Value::Number(number) => {
                let whole =
                    number.as_u64().or_else(|| number.as_f64().filter(|one| one.fract() == 0.0).map(|one| one as u64));
                found.insert(whole.map_or_else(|| number.to_string(), |number| number.to_string()));
            }
            // Version 2 lists `null` for a policy that was written without an id: somebody else's.
            Value::Null => {}
            other => return Err(unreadable(format!("`{other}` is no id"))),
        }
    }
    Ok(found)
}

/// Percent-encoded for a path or a query (RFC 3986 section 2.3).
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_every_shape_that_is_met() {
        let read = |body: &str| {
            let answer = Answer { request: "GET /".into(), status: 200, body: body.into() };
            names(&answer, &["policytype_ids"], "policyTypeId", "ric1", "nearRtRicId")
                .map(|names| names.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(read(r#"["b","a"]"#).unwrap(), ["a", "b"]);
        assert_eq!(read("[20008, 2.0]").unwrap(), ["2", "20008"]);
        assert_eq!(read(r#"{"policytype_ids":["a",null]}"#).unwrap(), ["a"]);
        let rows = r#"[{"policyTypeId":"a","nearRtRicId":"ric1"},{"policyTypeId":"b","nearRtRicId":"ric2"}]"#;
        assert_eq!(read(rows).unwrap(), ["a"]);
        assert!(read("{}").is_err() && read("[[]]").is_err() && read("").is_err());
        assert_eq!(encoded("a b/%é"), "a%20b%2F%25%C3%A9");
    }

    #[test]
    fn none_of_20_000_mutations_of_an_answer_panics() {
        let texts = [
            r#"[{"policyTypeId":"a","nearRtRicId":"ric1"},{"policyTypeId":2.0}]"#,
            r#"{"last_modified":"x","status":{"enforceStatus":"NOT_ENFORCED","enforceReason":"OTHER_REASON"}}"#,
            r#"{"title":"The policy type does not exist.","status":404,"detail":"x: 429 TOO MANY"}"#,
        ];
        let mut seed = 7_u64;
        let mut next = move |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % bound
        };
        let mut read = 0;
        for round in 0..20_000 {
            let mut body = texts[round % texts.len()].as_bytes().to_vec();
            for _ in 0..=next(3) {
                let at = next(body.len());
                match next(3) {
                    0 => body[at] = next(256) as u8,
                    1 => drop(body.remove(at)),
                    _ => body.insert(at, next(128) as u8),
                }
            }
            let answer = Answer { request: "GET /".into(), status: 200, body };
            let listed = names(&answer, &["policytype_ids"], "policyTypeId", "ric1", "nearRtRicId");
            let status = answer.json().map(|value| super::super::Status::of(&value).verdict());
            read += usize::from(listed.is_ok()) + usize::from(status.is_ok());
            let refused = Answer { status: 500, ..answer }.success().err();
            assert!(refused.is_some_and(|error| !error.to_string().contains('\n')));
        }
        assert!(read > 1000, "mutations that still read show that the readers were reached: {read}");
    }
}
