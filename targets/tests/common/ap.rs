//! Access points and switches at random.

use proptest::prelude::*;
use ranform_network::deployment::*;
use ranform_network::network::{Protocol, SharingMode};
use ranform_network::radio::WifiBand;

use super::*;

fn radio(standard: bool) -> impl Strategy<Value = RadioResource> {
    let widths = prop::sample::select(vec![20_000_000u64, 40_000_000, 80_000_000]);
    let standards = prop::sample::select(vec!["802.11n", "802.11ac", "802.11ax"]);
    let states = (prop::option::of(any::<bool>()), prop::option::of("wlp[0-9]s0"));
    (widths, standards, prop::option::of(1i32..30), any::<bool>(), states).prop_map(
        move |(width_hz, name, power, airtime, (state, interface))| RadioResource {
            band: WifiBand::Middle,
            channel: 36,
            width_hz,
            standard: if standard { name } else { "" }.to_owned(),
            power_dbm: power.map(f64::from),
            country: None,
            interface,
            unlocked: state,
            sharing: if airtime && standard { SharingMode::Airtime } else { SharingMode::Passive },
        },
    )
}

/// An access point; `full` for one that carries weights, standards and countries.
pub fn access_point(profile: &'static str, full: bool) -> impl Strategy<Value = Deployment> {
    let radios =
        prop::collection::vec((radio(full), names(3), prop::collection::vec((1u32..100, any::<bool>()), 4)), 1..3);
    (radios, prop::option::of(prop::sample::select(vec!["ES", "BR"])), 0u16..3).prop_map(
        move |(radios, country, first)| {
            let node = device_address();
            let country = country.filter(|_| full).map(str::to_owned);
            let mut things = vec![(
                node.clone(),
                "device".to_owned(),
                Resource::Node(NodeResource { country: country.clone(), ..Default::default() }),
            )];
            for (index, (mut radio, names, weights)) in radios.into_iter().enumerate() {
                radio.channel = [36, 6][index];
                radio.band = WifiBand::of_channel(radio.channel);
                radio.country = country.clone();
                let address = node.child("radio", &format!("r{index}"));
                for (name, (weight, limit)) in names.into_iter().zip(weights) {
                    let airtime = radio.sharing == SharingMode::Airtime;
                    let tenant = RadioTenantResource {
                        ssid: format!("{name} & co"),
                        vlan: (first > 0).then_some(100 * first + name.len() as u16),
                        weight: airtime.then(|| f64::from(weight)),
                        limit: limit && airtime,
                    };
                    things.push((address.child("tenant", &name), tenant.ssid.clone(), Resource::RadioTenant(tenant)));
                }
                things.push((address, format!("r{index}"), Resource::Radio(radio)));
            }
            deployment(profile, Protocol::Directory, things)
        },
    )
}

/// A switch with VLANs; `mtu` for styles that carry it.
pub fn switch(profile: &'static str, mtu: bool) -> impl Strategy<Value = Deployment> {
    let vlans = prop::collection::btree_map(1u16..4095, "[a-z]{0,8}", 0..4);
    let states = prop::option::of(any::<bool>());
    prop::collection::vec((prop::option::of(1500u32..9000), states, vlans), 0..3).prop_map(move |ports| {
        let mut things = Vec::new();
        for (index, (size, unlocked, vlans)) in ports.into_iter().enumerate() {
            let interface = format!("eth{index}");
            let address = device_address().child("port", &format!("p{index}"));
            for (vlan, description) in vlans {
                let resource = PortVlanResource { interface: interface.clone(), vlan, description };
                let id = format!("{interface}.{vlan}");
                things.push((address.child("vlan", &vlan.to_string()), id, Resource::PortVlan(resource)));
            }
            let resource = PortResource { interface: interface.clone(), mtu: size.filter(|_| mtu), unlocked };
            things.push((address, interface, Resource::Port(resource)));
        }
        deployment(profile, Protocol::Directory, things)
    })
}

/// Makes wrong what an access point or switch with every leaf carries itself.
pub fn scramble(resource: &mut Resource) {
    match resource {
        Resource::Node(node) => node.country = node.country.as_ref().map(|_| "XX".to_owned()),
        Resource::Radio(radio) => {
            radio.channel = 44;
            radio.width_hz = 1;
            radio.unlocked = radio.unlocked.map(|state| !state);
            radio.power_dbm = None;
        }
        Resource::RadioTenant(tenant) => {
            tenant.vlan = Some(4000);
            tenant.weight = Some(77.0);
        }
        Resource::Port(port) => {
            port.mtu = port.mtu.map(|_| 1);
            port.unlocked = port.unlocked.map(|state| !state);
        }
        Resource::PortVlan(vlan) => vlan.description = "wrong".to_owned(),
        _ => {}
    }
}

/// Makes wrong what hostapd carries: power is not in its file.
pub fn scramble_hostapd(resource: &mut Resource) {
    let power = match resource {
        Resource::Radio(radio) => radio.power_dbm,
        _ => None,
    };
    scramble(resource);
    if let Resource::Radio(radio) = resource {
        radio.power_dbm = power;
        radio.interface = radio.interface.as_ref().map(|_| "wrong".to_owned());
    }
}
