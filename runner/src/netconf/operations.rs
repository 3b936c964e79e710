//! The operations of RFC 6241 that configuration needs, one short method each.

use tokio::io::{AsyncRead, AsyncWrite};

use super::xml::{Element, escape};
use super::{BASE, Error, Result, Session};
use crate::patience::Patience;

/// A configuration datastore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datastore {
    /// What is in force.
    Running,
    /// What is being prepared.
    Candidate,
    /// What is loaded after a restart.
    Startup,
}

impl Datastore {
    fn tag(self) -> &'static str {
        match self {
            Self::Running => "<running/>",
            Self::Candidate => "<candidate/>",
            Self::Startup => "<startup/>",
        }
    }
}

/// A commit that the server takes back by itself unless it is confirmed in time (RFC 6241 section 8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Seconds until the server takes it back.
    pub timeout_seconds: u32,
    /// The name under which any session can confirm or cancel it; it outlives the session.
    pub persist: String,
    /// Whether a pending commit of the same name is extended.
    pub extends: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Locks a datastore for this session.
    pub async fn lock(&mut self, store: Datastore, patience: &Patience) -> Result<()> {
        let body = format!("<lock><target>{}</target></lock>", store.tag());
        self.rpc("lock", &body, patience).await.map(drop)
    }

    /// Gives a lock back.
    pub async fn unlock(&mut self, store: Datastore, patience: &Patience) -> Result<()> {
        let body = format!("<unlock><target>{}</target></unlock>", store.tag());
        self.rpc("unlock", &body, patience).await.map(drop)
    }

    /// Reads the part of a datastore that `filter` selects: a whole `filter` element (RFC 6241 section 6), or all
    /// of it where that is empty.
    pub async fn get_config(&mut self, store: Datastore, filter: &str, patience: &Patience) -> Result<Element> {
        let source = store.tag();
        let body = format!("<get-config><source>{source}</source>{filter}</get-config>");
        let data = self.rpc("get-config", &body, patience).await?;
        data.ok_or_else(|| Error::malformed("get-config", "a reply without data"))
    }

    /// Merges `config`, a whole `config` element, into a datastore. Removals are marked in it with the attribute
    /// `operation` of the base namespace; base 1.0 has `delete` only, which is the same where the data is there.
    pub async fn edit_config(&mut self, store: Datastore, config: &str, patience: &Patience) -> Result<()> {
        let target = store.tag();
        let config = if self.capabilities.base_1_1 { config.to_owned() } else { with_delete(config) };
        // Applied whole or not at all where the server can; others stop at the first error.
        let option = if self.capabilities.rollback_on_error { "rollback-on-error" } else { "stop-on-error" };
        let body = format!(
            "<edit-config><target>{target}</target><default-operation>merge</default-operation>\
             <error-option>{option}</error-option>{config}</edit-config>"
        );
        self.rpc("edit-config", &body, patience).await.map(drop)
    }

    /// Makes candidate running for good.
    pub async fn commit(&mut self, patience: &Patience) -> Result<()> {
        self.rpc("commit", "<commit/>", patience).await.map(drop)
    }

    /// Makes candidate running for a while.
    pub async fn commit_confirmed(&mut self, confirmed: &Confirmed, patience: &Patience) -> Result<()> {
        let name = escape(&confirmed.persist);
        let extends = if confirmed.extends { format!("<persist-id>{name}</persist-id>") } else { String::new() };
        let body = format!(
            "<commit><confirmed/><confirm-timeout>{}</confirm-timeout><persist>{name}</persist>{extends}</commit>",
            confirmed.timeout_seconds
        );
        self.rpc("commit confirmed", &body, patience).await.map(drop)
    }

    /// Makes the pending confirmed commit of this name permanent.
    pub async fn confirm(&mut self, persist: &str, patience: &Patience) -> Result<()> {
        let body = format!("<commit><persist-id>{}</persist-id></commit>", escape(persist));
        self.rpc("confirming commit", &body, patience).await.map(drop)
    }

    /// Takes the pending confirmed commit of this name back.
    pub async fn cancel_commit(&mut self, persist: &str, patience: &Patience) -> Result<()> {
        let body = format!("<cancel-commit><persist-id>{}</persist-id></cancel-commit>", escape(persist));
        self.rpc("cancel-commit", &body, patience).await.map(drop)
    }

    /// Makes candidate what running is.
    pub async fn discard_changes(&mut self, patience: &Patience) -> Result<()> {
        self.rpc("discard-changes", "<discard-changes/>", patience).await.map(drop)
    }

    /// Replaces one datastore by another.
    pub async fn copy_config(&mut self, from: Datastore, to: Datastore, patience: &Patience) -> Result<()> {
        let body = format!("<copy-config><target>{}</target><source>{}</source></copy-config>", to.tag(), from.tag());
        self.rpc("copy-config", &body, patience).await.map(drop)
    }

    /// Ends this session; the server frees its locks.
    pub async fn close_session(&mut self, patience: &Patience) -> Result<()> {
        self.rpc("close-session", "<close-session/>", patience).await.map(drop)
    }

    /// Ends another session; the server frees its locks.
    pub async fn kill_session(&mut self, id: u32, patience: &Patience) -> Result<()> {
        let body = format!("<kill-session><session-id>{id}</session-id></kill-session>");
        self.rpc("kill-session", &body, patience).await.map(drop)
    }
}

/// An edit in the words of base 1.0 (RFC 4741 7.2): `delete` in the place of `remove`. What is no XML stays as it is, for
/// the server to refuse.
fn with_delete(config: &str) -> String {
    fn rewrite(element: &mut Element) {
        for (namespace, name, value) in &mut element.attributes {
            if namespace == BASE && name == "operation" && value == "remove" {
                "delete".clone_into(value);
            }
        }
        element.children.iter_mut().for_each(rewrite);
    }
    match Element::parse(config) {
        Ok(mut element) => {
            rewrite(&mut element);
            element.to_text()
        }
        Err(_) => config.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_1_0_is_told_to_delete() {
        let edit = format!(
            "<config xmlns=\"{BASE}\"><a xmlns=\"urn:a\"><b xmlns:nc=\"{BASE}\" nc:operation=\"remove\"><name>remove</name></b>\
             <c operation=\"remove\"/></a></config>"
        );
        let told = Element::parse(&with_delete(&edit)).unwrap();
        let entry = told.child("a").and_then(|a| a.child("b")).unwrap();
        assert_eq!((entry.attribute("operation"), entry.child_text("name")), (Some("delete"), Some("remove")));
        let foreign = told.child("a").and_then(|a| a.child("c")).unwrap();
        assert_eq!(foreign.attribute("operation"), Some("remove"), "an attribute of another namespace is not ours");
    }
}
