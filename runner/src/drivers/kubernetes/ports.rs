//! Ports of a Service that somebody edited in place. The server tells ports apart by number and protocol: an edited number
//! is an entry of its editor's, beside which ours cannot come back under its name.
//!
//! Ours comes back in three writes: theirs is called otherwise, ours is applied, theirs is taken away. The first and the
//! last hold for the very object that was read, and leave no field in our name that a later apply could not take away.

use ranform_targets::kubernetes::Shown;
use serde_json::{Value, json};

use super::{Kubernetes, refused};
use crate::drivers::DriverError;
use crate::kubernetes::{Error, kind};
use crate::patience::Patience;

/// How an edited entry is called until it is gone, with a number.
const DISPLACED: &str = "ranform-displaced-";
/// How often an object that changes meanwhile is read again.
const TRIES: usize = 5;

impl Kubernetes {
    /// Calls entries otherwise that keep ours from coming back; whether there are any to take away afterwards. `dry_run` only
    /// asks, and tells whether there are any to call otherwise.
    pub(super) async fn displace(
        &mut self,
        object: &Value,
        dry_run: bool,
        patience: &Patience,
    ) -> Result<bool, DriverError> {
        let edit = |live: &Value| renamed(object, live);
        self.edit_ports(object, edit, dry_run, patience).await?;
        let Some(live) = self.live_service(object, patience).await? else { return Ok(false) };
        Ok(if dry_run { renamed(object, &live).is_some() } else { without(&live).is_some() })
    }

    /// Takes away what was called otherwise.
    pub(super) async fn remove_displaced(&mut self, object: &Value, patience: &Patience) -> Result<(), DriverError> {
        self.edit_ports(object, without, false, patience).await
    }

    async fn live_service(&mut self, object: &Value, patience: &Patience) -> Result<Option<Value>, DriverError> {
        if Shown::of(object).kind != "Service" {
            return Ok(None);
        }
        self.find(object, patience).await
    }

    /// Writes the ports that `edit` makes of those that are there, none where nothing is to be done.
    async fn edit_ports(
        &mut self,
        object: &Value,
        edit: impl Fn(&Value) -> Option<Vec<Value>>,
        dry_run: bool,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        for attempt in 1..=TRIES {
            let Some(live) = self.live_service(object, patience).await? else { return Ok(()) };
            let Some(ports) = edit(&live) else { return Ok(()) };
            let shown = Shown::of(object);
            let Some(kind) = kind(shown.kind) else { return Ok(()) };
            let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            let change = json!({"metadata": {"resourceVersion": version}, "spec": {"ports": ports}});
            let place = (shown.namespace, shown.name);
            match self.cluster(patience).await?.merge(kind, place, &change, dry_run, patience).await {
                // Somebody wrote it since it was read, or the answer to our own write was lost.
                Err(Error::Refused { status: 409, .. }) if attempt < TRIES => {}
                done => return done.map_err(|error| refused(object, error)),
            }
        }
        Ok(())
    }
}

fn ports(object: &Value) -> &[Value] {
    object.pointer("/spec/ports").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn name(port: &Value) -> &str {
    port.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// What the server tells a port from others by.
fn key(port: &Value) -> (Option<u64>, &str) {
    (port.get("port").and_then(Value::as_u64), port.get("protocol").and_then(Value::as_str).unwrap_or("TCP"))
}

/// The ports that are there, with those called otherwise that have a name of ours under another number or protocol.
fn renamed(ours: &Value, live: &Value) -> Option<Vec<Value>> {
    let ours = ports(ours);
    let in_the_way =
        |port: &Value| !ours.iter().any(|our| key(our) == key(port)) && ours.iter().any(|our| name(our) == name(port));
    let mut all = ports(live).to_vec();
    let mut any = false;
    for (number, port) in all.iter_mut().enumerate().filter(|(_, port)| in_the_way(port)) {
        port["name"] = format!("{DISPLACED}{number}").into();
        any = true;
    }
    any.then_some(all)
}

/// The ports that are there, without those that were called otherwise.
fn without(live: &Value) -> Option<Vec<Value>> {
    let all = ports(live);
    let kept: Vec<Value> = all.iter().filter(|port| !name(port).starts_with(DISPLACED)).cloned().collect();
    (kept.len() < all.len()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(ports: &[(&str, u64, &str)]) -> Value {
        let ports: Vec<Value> = ports
            .iter()
            .map(|(name, port, protocol)| json!({"name": name, "port": port, "protocol": protocol}))
            .collect();
        json!({"spec": {"ports": ports}})
    }

    #[test]
    fn only_what_has_a_name_of_ours_under_a_number_that_is_not_ours_is_in_the_way() {
        let ours = service(&[("rmr", 4560, "TCP"), ("sctp", 36422, "SCTP")]);
        let edited = service(&[("rmr", 4561, "TCP"), ("sctp", 36422, "SCTP"), ("debug", 9, "TCP")]);
        let all = renamed(&ours, &edited).expect("one is in the way");
        assert_eq!(all.iter().map(name).collect::<Vec<_>>(), ["ranform-displaced-0", "sctp", "debug"]);
        let live = json!({"spec": {"ports": all}});
        assert_eq!(without(&live).expect("one goes").iter().map(name).collect::<Vec<_>>(), ["sctp", "debug"]);
        // Another protocol is another port; names that were swapped come back by applying alone.
        assert!(renamed(&ours, &service(&[("rmr", 4560, "UDP")])).is_some());
        assert!(renamed(&ours, &service(&[("sctp", 4560, "TCP"), ("rmr", 36422, "SCTP")])).is_none());
        assert!(renamed(&ours, &ours).is_none() && without(&ours).is_none());
    }
}
