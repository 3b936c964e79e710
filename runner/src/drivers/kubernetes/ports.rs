//! Ports that somebody edited in place. The server tells ports apart by number and protocol: an edited number is an entry of
//! its editor's, beside which ours cannot come back under its name.
//!
//! Ours of a Service comes back in writes of which each leaves a Service that works: theirs is called otherwise, ours is
//! applied, theirs is taken away. The number that nodes listen on (`nodePort`) stays with ours: theirs is called after it,
//! so that whoever goes on after a crash knows it. Of a container theirs is taken away first, since a list of ports may be empty.
//! What is not applied holds for the very object that was read, and leaves no field in our name; a number that nodes listen
//! on stays beside ours, as it was.

use ranform_targets::kubernetes::Shown;
use serde_json::{Value, json};

use super::Kubernetes;
use super::admission::refused;
use crate::drivers::DriverError;
use crate::kubernetes::{Error, How, kind};
use crate::patience::Patience;

/// How an edited entry is called until it is gone, with ours that it is in the way of and the number that nodes listen on:
/// `ranform-displaced-4560-tcp-31234`.
const DISPLACED: &str = "ranform-displaced-";
/// How often an object that changes meanwhile is read again.
const TRIES: usize = 5;

impl Kubernetes {
    /// Applies an object and takes the fields of others with it, edited ports included.
    pub(super) async fn force(&mut self, object: &Value, patience: &Patience) -> Result<Value, DriverError> {
        let mut live = self.find(object, patience).await?;
        if live.as_ref().is_some_and(|live| cleared(object, live).is_some()) {
            self.edit_ports(object, |live| cleared(object, live), patience).await?;
            live = self.find(object, patience).await?;
        }
        let applied = self.apply_by_force(object, patience).await?;
        if live.as_ref().is_none_or(|live| without(live, true).is_none()) {
            return Ok(applied);
        }
        match self.edit_ports(object, |live| without(live, true), patience).await {
            Err(DriverError::Failed(refusal)) if refusal.contains("already allocated") => {
                self.edit_ports(object, |live| without(live, false), patience).await?;
                self.notes.push(format!("nodes no longer listen on the port that they did: {refusal}"));
            }
            done => done?,
        }
        Ok(applied)
    }

    /// What the server would make of an object, taken by force; none where an edited port is in the way of ours, which is
    /// then checked under another name.
    pub(super) async fn foresee(&mut self, object: &Value, patience: &Patience) -> Result<Option<Value>, DriverError> {
        let live = self.find(object, patience).await?;
        let beside = live.as_ref().and_then(|live| beside(object, live));
        let tried = beside.as_ref().unwrap_or(object);
        let applied = self.cluster(patience).await?.apply(tried, How::DryForce, patience).await;
        let applied = applied.map_err(|error| refused(object, error))?;
        Ok(beside.is_none().then_some(applied))
    }

    async fn apply_by_force(&mut self, object: &Value, patience: &Patience) -> Result<Value, DriverError> {
        let applied = self.cluster(patience).await?.apply(object, How::Force, patience).await;
        applied.map_err(|error| refused(object, error))
    }

    /// Writes what `edit` says of the object that is there, nothing where that is nothing.
    async fn edit_ports(
        &mut self,
        object: &Value,
        edit: impl Fn(&Value) -> Option<Value>,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        for attempt in 1..=TRIES {
            let Some(live) = self.find(object, patience).await? else { return Ok(()) };
            let Some(mut change) = edit(&live) else { return Ok(()) };
            let shown = Shown::of(object);
            let Some(kind) = kind(shown.kind) else { return Ok(()) };
            let version = live.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            change["metadata"] = json!({"resourceVersion": version});
            let place = (shown.namespace, shown.name);
            match self.cluster(patience).await?.merge(kind, place, &change, patience).await {
                // Somebody wrote it since it was read, or the answer to our own write was lost.
                Err(Error::Refused { status: 409, .. }) if attempt < TRIES => {}
                done => return done.map_err(|error| refused(object, error)),
            }
        }
        Ok(())
    }
}

/// The containers of a workload.
const CONTAINERS: &str = "/spec/template/spec/containers";

fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    object.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn name(entry: &Value) -> &str {
    entry.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// What the server tells a port from others by.
fn key(port: &Value) -> (Option<u64>, &str) {
    let number = port.get("port").or_else(|| port.get("containerPort")).and_then(Value::as_u64);
    (number, port.get("protocol").and_then(Value::as_str).unwrap_or("TCP"))
}

/// The one of our ports whose name this has under another number or protocol.
fn hidden<'a>(ours: &'a [Value], port: &Value) -> Option<&'a Value> {
    let is_ours = ours.iter().any(|our| key(our) == key(port));
    ours.iter().find(|our| !is_ours && !name(our).is_empty() && name(our) == name(port))
}

/// The change after which ours can be applied; none where nothing is in its way.
fn cleared(ours: &Value, live: &Value) -> Option<Value> {
    if Shown::of(ours).kind == "Service" {
        return renamed(ours, live).map(|ports| json!({"spec": {"ports": ports}}));
    }
    let mut all = list(live, CONTAINERS).to_vec();
    let mut any = false;
    for container in &mut all {
        let Some(our) = list(ours, CONTAINERS).iter().find(|our| name(our) == name(container)) else { continue };
        let Some(Value::Array(there)) = container.get_mut("ports") else { continue };
        let before = there.len();
        there.retain(|port| hidden(list(our, "/ports"), port).is_none());
        any |= there.len() < before;
    }
    any.then(|| json!({"spec": {"template": {"spec": {"containers": all}}}}))
}

/// The ports of a Service that are there, with those called otherwise that have a name of ours under another number or
/// protocol; what nodes listen on for them is free.
fn renamed(ours: &Value, live: &Value) -> Option<Vec<Value>> {
    let ours = list(ours, "/spec/ports");
    let mut all = list(live, "/spec/ports").to_vec();
    let mut any = false;
    for port in &mut all {
        let Some(our) = hidden(ours, port) else { continue };
        let (number, protocol) = key(our);
        let listens = port.get("nodePort").and_then(Value::as_u64).unwrap_or(0);
        let protocol = protocol.to_ascii_lowercase();
        port["name"] = format!("{DISPLACED}{}-{protocol}-{listens}", number.unwrap_or(0)).into();
        if let Some(members) = port.as_object_mut() {
            members.remove("nodePort");
        }
        any = true;
    }
    any.then_some(all)
}

/// The change after which those that were called otherwise are gone; with `listens` nodes listen for ours where they did.
fn without(live: &Value, listens: bool) -> Option<Value> {
    let all = list(live, "/spec/ports");
    let (gone, mut kept): (Vec<Value>, Vec<Value>) =
        all.iter().cloned().partition(|port| name(port).starts_with(DISPLACED));
    for (number, protocol, node_port) in gone.iter().filter_map(|port| displaced(name(port))) {
        let ours = kept.iter_mut().find(|port| key(port) == (Some(number), protocol.as_str()));
        if let Some(ours) = ours.filter(|_| listens && node_port != 0) {
            ours["nodePort"] = node_port.into();
        }
    }
    (!gone.is_empty()).then(|| json!({"spec": {"ports": kept}}))
}

/// Of a port that was called otherwise: number and protocol of ours, and what nodes listened on; 0 where on nothing.
fn displaced(name: &str) -> Option<(u64, String, u64)> {
    let mut words = name.strip_prefix(DISPLACED)?.split('-');
    Some((words.next()?.parse().ok()?, words.next()?.to_ascii_uppercase(), words.next()?.parse().ok()?))
}

/// Ours under names that are free, where something has names of ours under other numbers.
fn beside(ours: &Value, live: &Value) -> Option<Value> {
    let mut object = ours.clone();
    let mut any = false;
    let mut rename = |ports: Option<&mut Value>, ours: &[Value], there: &[Value]| {
        for port in ports.and_then(Value::as_array_mut).into_iter().flatten() {
            let in_the_way = there.iter().any(|other| hidden(ours, other).is_some_and(|our| key(our) == key(port)));
            if in_the_way {
                port["name"] = format!("ranform-{}", key(port).0.unwrap_or(0)).into();
                any = true;
            }
        }
    };
    rename(object.pointer_mut("/spec/ports"), list(ours, "/spec/ports"), list(live, "/spec/ports"));
    for (at, our) in list(ours, CONTAINERS).iter().enumerate() {
        let there = list(live, CONTAINERS).iter().find(|container| name(container) == name(our));
        let there = there.map_or(&[][..], |there| list(there, "/ports"));
        rename(object.pointer_mut(&format!("{CONTAINERS}/{at}/ports")), list(our, "/ports"), there);
    }
    any.then_some(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(ports: &[(&str, u64, &str)]) -> Value {
        let ports: Vec<Value> = ports
            .iter()
            .map(|(name, port, protocol)| json!({"name": name, "port": port, "protocol": protocol}))
            .collect();
        json!({"kind": "Service", "spec": {"ports": ports}})
    }

    #[test]
    fn only_what_has_a_name_of_ours_under_a_number_that_is_not_ours_is_in_the_way() {
        let ours = service(&[("rmr", 4560, "TCP"), ("sctp", 36422, "SCTP")]);
        let mut edited = service(&[("rmr", 4561, "TCP"), ("sctp", 36422, "SCTP"), ("debug", 9, "TCP")]);
        edited["spec"]["ports"][0]["nodePort"] = 31234.into();
        let all = renamed(&ours, &edited).expect("one is in the way");
        assert_eq!(all.iter().map(name).collect::<Vec<_>>(), ["ranform-displaced-4560-tcp-31234", "sctp", "debug"]);
        assert_eq!(all[0].get("nodePort"), None);
        let applied = [json!({"name": "rmr", "port": 4560}), all[0].clone(), all[1].clone()];
        let live = json!({"kind": "Service", "spec": {"ports": applied}});
        let kept = without(&live, true).expect("one goes");
        let kept = list(&kept, "/spec/ports");
        assert_eq!(kept.iter().map(name).collect::<Vec<_>>(), ["rmr", "sctp"]);
        assert_eq!((&kept[0]["nodePort"], kept[1].get("nodePort")), (&json!(31234), None));
        assert_eq!(without(&live, false).expect("one goes")["spec"]["ports"][0].get("nodePort"), None);
        assert_eq!(list(&beside(&ours, &edited).expect("checked beside"), "/spec/ports")[0]["name"], "ranform-4560");
        // Another protocol is another port; names that were swapped come back by applying alone.
        assert!(renamed(&ours, &service(&[("rmr", 4560, "UDP")])).is_some());
        let swapped = service(&[("sctp", 4560, "TCP"), ("rmr", 36422, "SCTP")]);
        assert!(renamed(&ours, &swapped).is_none() && beside(&ours, &swapped).is_none());
        assert!(renamed(&ours, &ours).is_none() && without(&ours, true).is_none());
    }

    #[test]
    fn of_a_container_what_is_in_the_way_is_taken_away_and_nothing_else() {
        let workload = |ports: Value| {
            let main = json!({"name": "main", "ports": ports});
            json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": [main, {"name": "mesh"}]}}}})
        };
        let ours = workload(json!([{"name": "http", "containerPort": 8080}]));
        let edited = workload(json!([{"name": "http", "containerPort": 8081}, {"name": "debug", "containerPort": 9}]));
        let change = cleared(&ours, &edited).expect("one is in the way");
        let wanted = workload(json!([{"name": "debug", "containerPort": 9}]));
        assert_eq!(list(&change, CONTAINERS), list(&wanted, CONTAINERS));
        assert!(cleared(&ours, &ours).is_none() && beside(&ours, &ours).is_none());
        assert_eq!(
            beside(&ours, &edited).expect("checked beside")["spec"]["template"]["spec"]["containers"][0]["ports"][0]["name"],
            "ranform-8080"
        );
    }
}
