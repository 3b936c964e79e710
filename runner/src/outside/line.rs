//! The intent line that says what others set, where a line can say it.

use ranform_network::address::Address;
use ranform_network::network::Network;
use serde_json::Value;

use crate::drivers::Difference;

/// The line to write; none where the value follows from something else, or the whole thing is gone.
pub fn of(network: &Network, found: &Difference) -> Option<String> {
    let value = found.found.as_ref()?;
    let (_, leaf) = found.leaf.split_once('.')?;
    let text = value.as_str().map_or_else(|| plain(value), str::to_owned);
    let line = match leaf {
        "local_id" => format!("local-id {text}"),
        "pci" | "tac" | "channel" | "mtu" | "vlan" | "country" => format!("{leaf} {text}"),
        "standard" => format!("standard {text}"),
        "power_dbm" => format!("power {text}dBm"),
        "carrier_hz" => format!("carrier {}", frequency(value)?),
        "uplink_carrier_hz" => format!("uplink carrier {}", frequency(value)?),
        "bandwidth_hz" => format!("bandwidth {}", frequency(value)?),
        "width_hz" => format!("width {}", frequency(value)?),
        "scs_hz" => format!("scs {}", frequency(value)?),
        "tdd_pattern" => format!("tdd \"{text}\""),
        "ssid" => format!("ssid \"{text}\""),
        "image" => return Some(format!("`image \"{text}\"` in {}", software(&found.address))),
        "cluster.replicas" => return Some(format!("`replicas {text}` in {}", software(&found.address))),
        _ if leaf.starts_with("quota") || leaf == "weight" => return agreement(network, &found.address),
        _ => return None,
    };
    Some(format!("`{line}` in {}", place(&found.address)))
}

/// Where the line belongs: what a tenant radiates stands with the tenant or its service.
fn place(address: &Address) -> String {
    match address.last() {
        ("tenant", name) => format!("`tenant.{name}` or its service"),
        _ => format!("`{address}`"),
    }
}

/// Where the lines of software stand: an instance has none of its own.
fn software(address: &Address) -> String {
    let above = address.parent();
    match (address.last(), above) {
        (("instance", _), Some(above)) => software(&above),
        (("model", name), _) => format!("`model.{name}`"),
        ((part, _), Some(ric)) => format!("`{part}` of `{ric}`"),
        _ => format!("`{address}`"),
    }
}

/// Shares are decided by the agreement over the interface.
fn agreement(network: &Network, address: &Address) -> Option<String> {
    let interface = address.parent()?;
    let over = |at: &ranform_network::network::Interface| network.entity_of(*at).address == interface;
    let (_, sla) = network.slas.iter().find(|(_, sla)| sla.interfaces.iter().any(over))?;
    Some(format!("other shares in `{}`, which decides this one", sla.entity.address))
}

/// A number without a needless fraction.
fn plain(value: &Value) -> String {
    match value.as_f64() {
        Some(number) => ranform_network::units::decimal(number, 6),
        None => value.to_string(),
    }
}

fn frequency(value: &Value) -> Option<String> {
    let hertz = value.as_u64()?;
    Some(match hertz {
        _ if hertz % 1_000_000 == 0 => format!("{}MHz", hertz / 1_000_000),
        _ if hertz % 1_000 == 0 => format!("{}kHz", hertz / 1_000),
        _ => format!("{hertz}Hz"),
    })
}
