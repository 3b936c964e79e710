//! The policies of a peer: which there are, what they say, and the orders that change one of them, each sent once.
//!
//! A management service has one space of ids over all its RICs: what it holds for another RIC under an id of ours is
//! not ours, and is not there as far as our RIC is concerned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use hyper::Method;
use ranform_network::network::Dialect;
use serde_json::{Value, json};

use super::http::Answer;
use super::peer::{encoded, names};
use super::{Error, Held, Peer, Policy, Result, Status};
use crate::patience::Patience;

impl Peer {
    /// The ids of all policies of a type at the RIC, ours and others'; of all policies where there are no types.
    ///
    /// # Errors
    /// No answer, or none that is a list.
    pub async fn ids(&self, type_id: &str, patience: &Patience) -> Result<BTreeSet<String>> {
        let (kind, ric) = (encoded(type_id), encoded(self.ric()));
        let below = match self.access.dialect {
            Dialect::Standard | Dialect::Osc => format!("/policytypes/{kind}/policies"),
            Dialect::StandardV1 => "/policies".to_owned(),
            Dialect::PmsV2 => format!("/policies?ric_id={ric}&policytype_id={kind}"),
            Dialect::PmsV3 => format!("/policies?nearRtRicId={ric}&policyTypeId={kind}"),
        };
        let answer = self.get(&below, patience).await?;
        match (answer.status, self.access.dialect) {
            // The list of all policies is there even where there are none.
            (404, Dialect::StandardV1) => return Err(self.misplaced(&answer, patience).await),
            (404, _) => return Ok(BTreeSet::new()),
            _ => {}
        }
        let ids = names(&answer.success()?, &["policy_ids", "policyIds"], "policyId", self.ric(), "nearRtRicId")?;
        if self.access.dialect == Dialect::PmsV3 {
            let pairs = ids.iter().map(|id| (type_id.to_owned(), id.clone()));
            self.listed.lock().unwrap_or_else(PoisonError::into_inner).extend(pairs);
        }
        Ok(ids)
    }

    /// Which of these ids, none of which is at our RIC under its type, a management service holds all the same, and
    /// where: ids are one space over its RICs and types.
    ///
    /// # Errors
    /// No answer, or none that is a list.
    pub async fn elsewhere(&self, ids: &BTreeSet<&str>, patience: &Patience) -> Result<BTreeMap<String, String>> {
        if !self.access.dialect.is_service() || ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answer = self.get("/policies", patience).await?.success()?;
        let value = answer.json()?;
        if self.access.dialect == Dialect::PmsV3 {
            let rows = value.as_array().into_iter().flatten();
            let text = |row: &Value, member: &str| row.get(member).and_then(Value::as_str).map(str::to_owned);
            let found = rows.filter_map(|row| Some((text(row, "policyId")?, text(row, "nearRtRicId"))));
            return Ok(found
                .filter(|(id, _)| ids.contains(id.as_str()))
                .map(|(id, ric)| (id, self.there(ric.as_deref())))
                .collect());
        }
        let all = names(&answer, &["policy_ids", "policyIds"], "policyId", "", "")?;
        let mut found = BTreeMap::new();
        for id in all.into_iter().filter(|id| ids.contains(id.as_str())) {
            let answer = self.get(&self.policy_path("", &id), patience).await?;
            // It cannot show what version 3 wrote last; that it holds it is enough.
            let shown = if answer.status == 200 { Some(answer.json()?) } else { None };
            let ric = shown.as_ref().and_then(|shown| shown.get("ric_id")?.as_str());
            let there = self.there(ric);
            found.insert(id, there);
        }
        Ok(found)
    }

    fn there(&self, ric: Option<&str>) -> String {
        match ric {
            Some(ric) if ric == self.ric() => format!("at RIC `{ric}` under another type"),
            Some(ric) => format!("at RIC `{ric}`"),
            None => "at another RIC or under another type".to_owned(),
        }
    }

    /// A policy as the RIC holds it; none where it holds none of this id and type.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn held(&self, type_id: &str, id: &str, patience: &Patience) -> Result<Option<Held>> {
        let below = self.policy_path(type_id, id);
        let answer = self.get(&below, patience).await?;
        match (answer.status, self.access.dialect) {
            (404, _) => Ok(None),
            // Version 2 cannot show a policy that version 3 wrote last; version 3 shows both.
            (500, Dialect::PmsV2) => self.held_by_version_3(type_id, id, answer, patience).await,
            // The O-RAN SC mediator says 503 of what it does not have: the list knows.
            (503, Dialect::Osc) if !self.ids(type_id, patience).await?.contains(id) => Ok(None),
            (_, Dialect::PmsV2) => {
                let value = answer.success()?.json()?;
                let is = |member: &str, wanted: &str| {
                    value.get(member).and_then(Value::as_str).is_none_or(|found| found == wanted)
                };
                if !is("ric_id", self.ric()) || !is("policytype_id", type_id) {
                    return Ok(None);
                }
                let transient = value.get("transient").and_then(Value::as_bool);
                let service = value.get("service_id").and_then(Value::as_str).filter(|service| !service.is_empty());
                let service = service.map(str::to_owned);
                Ok(value.get("policy_data").map(|body| Held { body: body.clone(), transient, service }))
            }
            // It shows a policy of any RIC, and not of which one.
            (200, Dialect::PmsV3) if !self.is_listed(type_id, id, patience).await? => Ok(None),
            _ => Ok(Some(Held::bare(answer.success()?.json()?))),
        }
    }

    async fn is_listed(&self, type_id: &str, id: &str, patience: &Patience) -> Result<bool> {
        let pair = (type_id.to_owned(), id.to_owned());
        if self.listed.lock().unwrap_or_else(PoisonError::into_inner).contains(&pair) {
            return Ok(true);
        }
        Ok(self.ids(type_id, patience).await?.contains(id))
    }

    async fn held_by_version_3(
        &self,
        type_id: &str,
        id: &str,
        first: Answer,
        patience: &Patience,
    ) -> Result<Option<Held>> {
        if !self.ids(type_id, patience).await?.contains(id) {
            return Ok(None);
        }
        let below = self.path("", patience).await?;
        let before = below.strip_suffix("/a1-policy/v2").unwrap_or_default();
        let path = format!("{before}/a1-policy-management/v1/policies/{}", encoded(id));
        let answer = self.http.get(&path, patience).await?;
        match answer.status {
            200 => Ok(Some(Held::bare(answer.json()?))),
            // It is there: the list of version 2 says so. A gateway may let only version 2 through.
            404 => Err(Error::Unreadable {
                request: first.request,
                reason: format!(
                    "version 2 lists policy `{id}` and cannot show it, as it cannot what version 3 wrote last, and version 3 is not at `{path}`"
                ),
            }),
            _ => Err(first.success().err().unwrap_or_else(|| Error::NotReady("no answer".to_owned()))),
        }
    }

    /// What the RIC says of a policy.
    ///
    /// # Errors
    /// No answer that can be read.
    pub async fn status(&self, type_id: &str, id: &str, patience: &Patience) -> Result<Status> {
        let below = format!("{}/status", self.policy_path(type_id, id));
        let answer = self.get(&below, patience).await?.success()?;
        Ok(Status::of(&answer.json()?))
    }

    /// Creates a policy; only where the peer holds none of its id.
    pub(super) async fn create(&self, policy: &Policy, patience: &Patience) -> Result<()> {
        if self.access.dialect != Dialect::PmsV3 {
            return self.replace(policy, patience).await;
        }
        let body = json!({
            "nearRtRicId": self.ric(), "policyTypeId": policy.type_id, "policyId": policy.id,
            "serviceId": self.label(policy), "transient": policy.transient, "policyObject": policy.body,
        });
        self.order(Method::POST, "/policies", Some(&body), patience).await.map(drop)
    }

    /// Gives a policy that the peer holds another body. (With version 3 it forgets service and `transient` by it.)
    pub(super) async fn replace(&self, policy: &Policy, patience: &Patience) -> Result<()> {
        let (below, body) = match self.access.dialect {
            Dialect::Standard | Dialect::StandardV1 | Dialect::Osc | Dialect::PmsV3 => {
                (self.policy_path(&policy.type_id, &policy.id), policy.body.clone())
            }
            Dialect::PmsV2 => {
                let body = json!({
                    "ric_id": self.ric(), "policytype_id": policy.type_id, "policy_id": policy.id,
                    "service_id": self.label(policy), "transient": policy.transient, "policy_data": policy.body,
                });
                ("/policies".to_owned(), body)
            }
        };
        self.order(Method::PUT, &below, Some(&body), patience).await.map(drop)
    }

    /// The label under which a management service keeps a policy.
    fn label<'a>(&'a self, policy: &'a Policy) -> &'a str {
        policy.service.as_deref().unwrap_or(self.service())
    }

    /// Takes a policy away; that there is none is as good.
    pub(super) async fn remove(&self, type_id: &str, id: &str, patience: &Patience) -> Result<()> {
        let below = self.policy_path(type_id, id);
        match self.order(Method::DELETE, &below, None, patience).await {
            Err(error) if error.status() == Some(404) => Ok(()),
            outcome => outcome.map(drop),
        }
    }
}
