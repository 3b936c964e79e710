//! What is asked of an A1 peer, in its dialect: types, schemas, policies, statuses, and whether it is ready.
//!
//! One call is one question or one order; what is repeated, and what is looked at before, is in [`super::repeat`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hyper::Method;
use ranform_network::network::{A1Access, Dialect};
use serde_json::{Value, json};

use super::http::{Answer, Http};
use super::{Error, Result, Status};
use crate::patience::Patience;

/// How long a RIC that its management service is just getting to know may take.
const SETTLING: Duration = Duration::from_secs(15);
/// The pause between two looks at a RIC's state.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a question is asked at most while the peer is busy.
const READS: u32 = 5;
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
    fn bare(body: Value) -> Self {
        Self { body, transient: None, service: None }
    }
}

/// An A1 peer.
#[derive(Debug)]
pub struct Peer {
    http: Http,
    access: A1Access,
    /// The label that the management service keeps with our policies.
    service: String,
    /// The root of the interface, once it is known.
    root: Option<String>,
}

impl Peer {
    /// A peer behind `http`; `service` is the owner's name.
    pub fn new(http: Http, access: A1Access, service: String) -> Self {
        Self { http, access, service, root: None }
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
        BTreeMap::from([("read", self.http.reads), ("write", self.http.writes)])
    }

    /// Lets the connection go.
    pub fn close(&mut self) {
        self.http.close();
    }

    fn ric(&self) -> &str {
        self.access.ric.as_deref().unwrap_or_default()
    }

    /// The path of something below the root of the interface.
    async fn path(&mut self, below: &str, patience: &Patience) -> Result<String> {
        if let Some(root) = &self.root {
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
        self.root = Some(root.clone());
        Ok(format!("{root}{below}"))
    }

    /// The first candidate at which the peer has policy types; the only one is not asked.
    async fn found(&mut self, base: &str, candidates: &[&str], patience: &Patience) -> Result<String> {
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
    async fn get(&mut self, below: &str, patience: &Patience) -> Result<Answer> {
        let path = self.path(below, patience).await?;
        // The O-RAN SC mediator says 503 of a policy that it does not have.
        let means_it = |status| self.access.dialect == Dialect::Osc && status == 503 && below.contains("/policies");
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

    async fn order(
        &mut self,
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
    pub async fn ready(&mut self, patience: &Patience) -> Result<()> {
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

    /// The ids of the policy types that the RIC lists, numbers as text; none where its interface has no types.
    ///
    /// # Errors
    /// No answer, or none that is a list.
    pub async fn types(&mut self, patience: &Patience) -> Result<Option<BTreeSet<String>>> {
        let ric = encoded(self.ric());
        let below = match self.access.dialect {
            Dialect::StandardV1 => return Ok(None),
            Dialect::Standard | Dialect::Osc => "/policytypes".to_owned(),
            Dialect::PmsV2 => format!("/policy-types?ric_id={ric}"),
            Dialect::PmsV3 => format!("/policy-types?nearRtRicId={ric}"),
        };
        let answer = self.get(&below, patience).await?.success()?;
        names(&answer, &["policytype_ids", "policyTypeIds"], "policyTypeId", self.ric(), "nearRtRicId").map(Some)
    }

    /// The path of a policy below the root.
    fn policy_path(&self, type_id: &str, id: &str) -> String {
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
    pub async fn schema(&mut self, type_id: &str, patience: &Patience) -> Result<Option<Value>> {
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

    /// The ids of all policies of a type at the RIC, ours and others'; of all policies where there are no types.
    ///
    /// # Errors
    /// No answer, or none that is a list.
    pub async fn ids(&mut self, type_id: &str, patience: &Patience) -> Result<BTreeSet<String>> {
        let (kind, ric) = (encoded(type_id), encoded(self.ric()));
        let below = match self.access.dialect {
            Dialect::Standard | Dialect::Osc => format!("/policytypes/{kind}/policies"),
            Dialect::StandardV1 => "/policies".to_owned(),
            Dialect::PmsV2 => format!("/policies?ric_id={ric}&policytype_id={kind}"),
            Dialect::PmsV3 => format!("/policies?nearRtRicId={ric}&policyTypeId={kind}"),
        };
        let answer = self.get(&below, patience).await?;
        if answer.status == 404 {
            return Ok(BTreeSet::new());
        }
        names(&answer.success()?, &["policy_ids", "policyIds"], "policyId", self.ric(), "nearRtRicId")
    }

    /// A policy as the peer holds it; none where it holds none of this id.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn held(&mut self, type_id: &str, id: &str, patience: &Patience) -> Result<Option<Held>> {
        let below = self.policy_path(type_id, id);
        let answer = self.get(&below, patience).await?;
        match (answer.status, self.access.dialect) {
            (404, _) => Ok(None),
            // Version 2 cannot show a policy that version 3 wrote last; version 3 shows both.
            (500, Dialect::PmsV2) => self.held_by_version_3(&encoded(id), answer, patience).await,
            // The O-RAN SC mediator says 503 of what it does not have: the list knows.
            (503, Dialect::Osc) if !self.ids(type_id, patience).await?.contains(id) => Ok(None),
            (_, Dialect::PmsV2) => {
                let value = answer.success()?.json()?;
                let transient = value.get("transient").and_then(Value::as_bool);
                let service = value.get("service_id").and_then(Value::as_str).filter(|service| !service.is_empty());
                let service = service.map(str::to_owned);
                Ok(value.get("policy_data").map(|body| Held { body: body.clone(), transient, service }))
            }
            _ => Ok(Some(Held::bare(answer.success()?.json()?))),
        }
    }

    async fn held_by_version_3(&mut self, name: &str, first: Answer, patience: &Patience) -> Result<Option<Held>> {
        let root = self.root.clone().unwrap_or_default();
        let before = root.strip_suffix("/a1-policy/v2").unwrap_or_default().to_owned();
        let answer = self.http.get(&format!("{before}/a1-policy-management/v1/policies/{name}"), patience).await?;
        match answer.status {
            200 => Ok(Some(Held::bare(answer.json()?))),
            404 => Ok(None),
            _ => Err(first.success().err().unwrap_or_else(|| Error::NotReady("no answer".to_owned()))),
        }
    }

    /// What the RIC says of a policy.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn status(&mut self, type_id: &str, id: &str, patience: &Patience) -> Result<Status> {
        let below = format!("{}/status", self.policy_path(type_id, id));
        let answer = self.get(&below, patience).await?.success()?;
        Ok(Status::of(&answer.json()?))
    }

    /// Creates a policy; only where the peer holds none of its id.
    pub(super) async fn create(&mut self, policy: &Policy, patience: &Patience) -> Result<()> {
        if self.access.dialect != Dialect::PmsV3 {
            return self.replace(policy, patience).await;
        }
        let body = json!({
            "nearRtRicId": self.ric(), "policyTypeId": policy.type_id, "policyId": policy.id,
            "serviceId": self.service, "transient": policy.transient, "policyObject": policy.body,
        });
        self.order(Method::POST, "/policies", Some(&body), patience).await.map(drop)
    }

    /// Gives a policy that the peer holds another body. (With version 3 it forgets service and `transient` by it.)
    pub(super) async fn replace(&mut self, policy: &Policy, patience: &Patience) -> Result<()> {
        let (below, body) = match self.access.dialect {
            Dialect::Standard | Dialect::StandardV1 | Dialect::Osc | Dialect::PmsV3 => {
                (self.policy_path(&policy.type_id, &policy.id), policy.body.clone())
            }
            Dialect::PmsV2 => {
                let body = json!({
                    "ric_id": self.ric(), "policytype_id": policy.type_id, "policy_id": policy.id,
                    "service_id": self.service, "transient": policy.transient, "policy_data": policy.body,
                });
                ("/policies".to_owned(), body)
            }
        };
        self.order(Method::PUT, &below, Some(&body), patience).await.map(drop)
    }

    /// Takes a policy away; that there is none is as good.
    pub(super) async fn remove(&mut self, type_id: &str, id: &str, patience: &Patience) -> Result<()> {
        let below = self.policy_path(type_id, id);
        match self.order(Method::DELETE, &below, None, patience).await {
            Err(error) if error.status() == Some(404) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Why our policies would not stay: our name is registered as a service that must show signs of life, and a command
    /// line shows none.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn keep_alive_trap(&mut self, patience: &Patience) -> Result<Option<String>> {
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
fn names(answer: &Answer, members: &[&str], member: &str, ric: &str, ric_member: &str) -> Result<BTreeSet<String>> {
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
fn encoded(text: &str) -> String {
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
            let status = answer.json().map(|value| Status::of(&value).verdict());
            read += usize::from(listed.is_ok()) + usize::from(status.is_ok());
            let refused = Answer { status: 500, ..answer }.success().err();
            assert!(refused.is_some_and(|error| !error.to_string().contains('\n')));
        }
        assert!(read > 1000, "mutations that still read show that the readers were reached: {read}");
    }
}
