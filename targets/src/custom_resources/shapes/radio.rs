//! What is asked of the radio: Chunk, Service, ServiceSla.

use super::values::*;
use crate::custom_resources::schema::{Order, Shape, Type, optional, required, rule};

/// A tenant's group of interfaces.
pub const CHUNK: Shape = Shape {
    fields: &[
        required("tenant", NAME, "whose it is"),
        required("interfaces", INTERFACES, "the cells, radios and ports in it, by address")
            .with(&[rule("size(self) >= 1", "a chunk selects nothing")]),
        optional("ratio", PERCENT, "a fixed share of them, where no SLA covers them").with(SHARE_RULES),
        OWNER,
        LABELS,
    ],
    rules: &[],
};

const RATIOS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("technology", Type::Choice(&["nr", "lte", "wifi"]), "of which interfaces"),
            required("share", PERCENT, "the fixed share").with(SHARE_RULES),
        ],
        rules: &[],
    }),
    3,
    Order::Keys(&["technology"]),
);

/// What is radiated and carried on a chunk.
pub const SERVICE: Shape = Shape {
    fields: &[
        required("chunk", NAME, "the chunk it is on"),
        optional("plmn", PLMN, "the PLMN radiated by cells"),
        optional("slice", SLICE, "the slice (S-NSSAI) of NR cells"),
        optional("ssid", Type::Text(32), "the network name radiated by Wi-Fi radios").with(&[rule(
            "size(bytes(self)) <= 32",
            "an SSID has 1 to 32 octets (letters beyond ASCII take more than one)",
        )]),
        optional("vlan", VLAN, "the VLAN that carries it to the tenant's core").with(VLAN_RULES),
        optional("ratios", RATIOS, "fixed shares per technology, where no SLA covers the interfaces"),
        optional("throughputDownlink", RATE, "what it should carry downlink"),
        optional("throughputUplink", RATE, "what it should carry uplink"),
        optional("latency", DURATION, "the delay it can bear"),
        optional("userEquipments", COUNT, "how many devices it should serve"),
        OWNER,
        LABELS,
    ],
    rules: &[],
};

const BOUNDS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("tenant", NAME, "whose bound it is"),
            required("share", PERCENT, "the bound").with(SHARE_RULES),
            optional("on", PLACE, "where it holds: on each interface there; without it, on the average of the SLA"),
        ],
        rules: &[],
    }),
    128,
    Order::Atomic,
);

/// The shares promised to tenants over an area.
pub const SERVICE_SLA: Shape = Shape {
    fields: &[
        required("interfaces", INTERFACES, "the cells and radios that it covers, by address")
            .with(&[rule("size(self) >= 1", "an SLA covers no cell and no radio")]),
        required("shares", TENANT_SHARES, "what each tenant was promised")
            .with(&[rule("size(self) >= 1", "an SLA names at least one tenant")]),
        optional("window", DURATION, "over how long the shares are averaged; 100s, if it says nothing"),
        optional("period", DURATION, "how often they are steered; 10s, if it says nothing"),
        optional("floor", PERCENT, "the least share of each tenant on each interface").with(SHARE_RULES),
        optional(
            "direction",
            Type::Choice(&["dl", "ul", "both"]),
            "the direction it speaks of; both, if it says nothing",
        ),
        optional(
            "weight",
            Type::Choice(&["equal", "bandwidth", "capacity"]),
            "how much each interface counts; equal, if it says nothing",
        ),
        optional("guarantees", BOUNDS, "the least that tenants get"),
        optional("caps", BOUNDS, "the most that tenants get"),
        optional("others", PERCENT, "what tenants get that are there and not named; 0% is best effort")
            .with(SHARE_RULES),
        optional("theta", Type::Decimal, "how strongly shares are kept even between interfaces, 0 to 1")
            .with(&[rule("double(self) >= 0.0 && double(self) <= 1.0", "theta is a number of 0 to 1")]),
        optional("bestEffort", Type::Flag, "whether the best that can be had is enough"),
        OWNER,
        LABELS,
    ],
    // How many tenants a floor is for is a matter of each interface, which no object knows.
    rules: &[
        // With the slack of the language's own check.
        rule(
            "size(self.shares) == 0 || self.shares.map(s, double(s.share.replace('%', ''))).sum() + (has(self.others) ? double(self.others.replace('%', '')) : 0.0) > 99.9999 && self.shares.map(s, double(s.share.replace('%', ''))).sum() + (has(self.others) ? double(self.others.replace('%', '')) : 0.0) < 100.0001",
            "the shares of an SLA sum to 100 %, with what the others get",
        ),
        rule(
            "(has(self.window) && self.window.endsWith('d')) || (has(self.period) && self.period.endsWith('d')) || duration(has(self.period) ? self.period.replace('min', 'm') : '10s') <= duration(has(self.window) ? self.window.replace('min', 'm') : '100s')",
            "the control period is longer than the window",
        ),
        rule(
            "!has(self.floor) || !has(self.caps) || self.caps.all(c, !has(c.on) || double(c.share.replace('%', '')) >= double(self.floor.replace('%', '')))",
            "a cap is below the floor",
        ),
        rule(
            "!has(self.guarantees) || !has(self.caps) || self.guarantees.all(g, self.caps.all(c, c.tenant != g.tenant || has(c.on) != has(g.on) || (has(c.on) && c.on != g.on) || double(g.share.replace('%', '')) <= double(c.share.replace('%', ''))))",
            "a guarantee is above the cap of the same tenant and place",
        ),
    ],
};
