//! Objects of custom resources, right but for one thing: what the rules of the definitions refuse.

use serde_json::{Value, json};

/// For every rule one object that breaks it and no other, with what is said of it.
pub fn wrong() -> Vec<((&'static str, Value), &'static str)> {
    let image = |image: &str| json!({"components": [{"kind": "e2t", "image": image}]});
    let chain = |fields: Value| json!({"xapps": [merged(json!({"name": "x", "loop": "10ms"}), fields)]});
    let secret =
        |fields: Value| json!({"components": [{"kind": "e2t", "secrets": [merged(json!({"secret": "tls"}), fields)]}]});
    vec![
        (ric(secret(json!({}))), "as files or in the environment"),
        (ric(secret(json!({"folder": "/etc/a", "variable": "A", "key": "a"}))), "as files or in the environment"),
        (ric(secret(json!({"variable": "A"}))), "one entry of a Secret"),
        (service(json!({"plmn": {"mcc": "001", "mnc": "1"}})), "two or three digits"),
        (service(json!({"plmn": {"mcc": "001", "mnc": "0001"}})), "two or three digits"),
        (service(json!({"slice": {"sst": 256}})), "a slice type (SST) is 0 to 255"),
        (service(json!({"slice": {"sst": 1, "sd": "0000001"}})), "has six hexadecimal digits"),
        (service(json!({"slice": {"sst": 1, "sd": "FFFFFF"}})), "stands for no slice differentiator"),
        (service(json!({"vlan": 0})), "a VLAN is a whole number of 1 to 4094"),
        (service(json!({"vlan": 4095})), "a VLAN is a whole number of 1 to 4094"),
        (service(json!({"ssid": "\u{e9}".repeat(20)})), "an SSID has 1 to 32 octets"),
        (service(json!({"ratios": [{"technology": "nr", "share": "101%"}]})), "a share is 0% to 100%"),
        (
            ("Chunk", json!({"tenant": "red", "interfaces": ["node.a/cell.b"], "ratio": "100.5%"})),
            "a share is 0% to 100%",
        ),
        (
            sla(json!({"shares": [{"tenant": "red", "share": "60%"}, {"tenant": "blue", "share": "30%"}]})),
            "the shares of an SLA sum to 100 %",
        ),
        (("Chunk", json!({"tenant": "red", "interfaces": []})), "a chunk selects nothing"),
        (sla(json!({"interfaces": []})), "an SLA covers no cell and no radio"),
        (sla(json!({"shares": []})), "an SLA names at least one tenant"),
        (sla(json!({"shares": [{"tenant": "red", "share": "100%"}], "others": "40%"})), "with what the others get"),
        (sla(json!({"others": "1%"})), "with what the others get"),
        (
            sla(json!({"floor": "10%", "caps": [{"tenant": "red", "share": "5%", "on": "node.a/cell.b"}]})),
            "a cap is below the floor",
        ),
        (
            sla(
                json!({"guarantees": [{"tenant": "red", "share": "50%"}], "caps": [{"tenant": "red", "share": "40%"}]}),
            ),
            "a guarantee is above the cap of the same tenant and place",
        ),
        (sla(json!({"window": "5s"})), "the control period is longer than the window"),
        (sla(json!({"theta": "1.5"})), "theta is a number of 0 to 1"),
        (gnb(json!({"gnbId": {"value": 4_194_304, "length": 22}})), "a gNB identity does not fit into its length"),
        (gnb(json!({"gnbId": {"value": 1, "length": 33}})), "the length of a gNB identity is 22 to 32 bits"),
        (gnb(json!({"location": {"north": 91, "east": 0}})), "a location is -90 to 90 degrees north"),
        (gnb(json!({"function": "cu", "cells": [cell()]})), "cells stand on a gNB or a DU"),
        (nr(json!({"band": "b7"})), "a cell of a gNB has an NR band"),
        (nr(json!({"pci": 1008})), "a physical cell identity is 0 to 1007"),
        (nr(json!({"tac": 0})), "a tracking area code is 1 to 16777215"),
        (nr(json!({"duplex": "fdd", "tdd": {"pattern": "DDDSU"}})), "a cell in FDD has no TDD pattern"),
        (nr(json!({"sharing": {"mode": "airtime"}})), "the resource blocks of a cell are not shared as airtime"),
        (
            nr(json!({"sharing": {"mode": "prb", "expect": [{"tenant": "red", "share": "50%"}]}})),
            "only a passive interface says what is expected of it",
        ),
        (nr(json!({"sharing": {"mode": "passive", "grid": "1%"}})), "a passive interface has no grid"),
        (
            nr(
                json!({"sharing": {"mode": "passive", "expect": [{"tenant": "a", "share": "60%"}, {"tenant": "b", "share": "50%"}]}}),
            ),
            "what a passive interface is expected to give sums to more than 100 %",
        ),
        (lte(json!({"band": "n77"})), "a cell of an eNB has an LTE band"),
        (lte(json!({"anchor": "node.a/cell.b"})), "an anchor is the LTE cell of an NR cell"),
        (lte(json!({"pci": 504})), "a physical cell identity of LTE is 0 to 503"),
        (lte(json!({"tac": 65534})), "a tracking area code of LTE has 16 bits"),
        (("EnbNode", json!({"profile": "ranform-lte", "enbId": 1_048_576})), "an eNB identity has 20 bits"),
        (
            (
                "AccessPoint",
                json!({"profile": "openconfig-ap", "radios": [{"name": "r1", "channel": 149, "width": "20MHz", "standard": "802.11n", "sharing": {"mode": "prb"}}]}),
            ),
            "a radio shares its airtime, or is passive",
        ),
        (managed(json!({"endpoint": null})), "a device that is managed has an endpoint"),
        (managed(json!({"user": null})), "a NETCONF device is managed by a user with a key or password"),
        (managed(json!({"credential": {"env": "A", "file": "b"}})), "a credential is found in one place"),
        (
            managed(json!({"hostKey": {"fingerprint": "SHA256:x", "file": "y"}})),
            "a host key is a fingerprint or a file",
        ),
        (managed(json!({"context": "a", "contextEnv": "B"})), "a context is a name or an environment variable"),
        (
            ric(
                json!({"management": {"protocol": "a1", "endpoint": "https://a", "a1": {"certificate": {"env": "C"}}}}),
            ),
            "a client certificate and its key go together",
        ),
        (ric(json!({"e2Nodes": []})), "a RIC serves no E2 node"),
        (ric(json!({"candidates": []})), "a RIC has no compute node to run on"),
        (ric(image("registry.example/e2t:latest")), "a container image is pinned"),
        (ric(image("registry.example/e2t:LATEST")), "a container image is pinned"),
        (ric(image("registry.example:5000/e2t")), "a container image is pinned"),
        (ric(image("registry.example/e2t:")), "a container image is pinned"),
        (ric(chain(json!({"chain": ["x"]}))), "a chain of xApps comes back to one it has passed"),
        (ric(chain(json!({"loop": null, "chain": ["y"]}))), "the head of a chain has no loop budget"),
        (request(json!({"targets": []})), "a request wants at least one function on a node"),
        (request(json!({"value": "-1"})), "the value of a request is 0 or more"),
        (
            request(
                json!({"targets": [{"function": "f", "node": "a", "performance": {"atLeast": "90%", "atMost": "95%"}}]}),
            ),
            "performance is bounded from one side",
        ),
    ]
}

/// A cell of a gNB, right in every way.
fn cell() -> Value {
    json!({"name": "nr-1", "band": "n77", "carrier": "4.05GHz", "bandwidth": "50MHz", "scs": "30kHz", "sharing": {"mode": "prb"}})
}

fn gnb(fields: Value) -> (&'static str, Value) {
    ("GnbNode", merged(json!({"function": "gnb", "profile": "3gpp-r18"}), fields))
}

fn nr(fields: Value) -> (&'static str, Value) {
    gnb(json!({"cells": [merged(cell(), fields)]}))
}

fn lte(fields: Value) -> (&'static str, Value) {
    let lte = json!({"name": "lte-1", "band": "b7", "carrier": "2.68GHz", "bandwidth": "20MHz", "scs": "15kHz", "sharing": {"mode": "prb"}});
    ("EnbNode", json!({"profile": "ranform-lte", "cells": [merged(lte, fields)]}))
}

fn service(fields: Value) -> (&'static str, Value) {
    ("Service", merged(json!({"chunk": "red"}), fields))
}

fn sla(fields: Value) -> (&'static str, Value) {
    let sla = json!({"interfaces": ["node.a/cell.b"], "shares": [{"tenant": "red", "share": "60%"}, {"tenant": "blue", "share": "40%"}]});
    ("ServiceSla", merged(sla, fields))
}

/// A RIC with these fields beside what it must have.
pub fn ric(fields: Value) -> (&'static str, Value) {
    ("RicDeployment", merged(json!({"e2Nodes": ["a"], "candidates": ["b"]}), fields))
}

fn request(fields: Value) -> (&'static str, Value) {
    ("ModelRequest", merged(json!({"targets": [{"function": "f", "node": "a"}]}), fields))
}

fn managed(fields: Value) -> (&'static str, Value) {
    gnb(
        json!({"management": merged(json!({"protocol": "netconf", "endpoint": "192.0.2.1:830", "user": "u", "credential": {"env": "KEY"}}), fields)}),
    )
}

/// The second over the first, field by field; null takes a field away.
fn merged(mut first: Value, second: Value) -> Value {
    for (name, value) in second.as_object().unwrap() {
        match value {
            Value::Null => drop(first.as_object_mut().unwrap().remove(name)),
            value => first[name] = value.clone(),
        }
    }
    first
}
