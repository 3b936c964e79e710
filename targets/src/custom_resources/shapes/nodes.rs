//! Network elements, one kind per technology: GnbNode, EnbNode, AccessPoint.

use super::access::MANAGEMENT;
use super::values::*;
use crate::custom_resources::schema::{Field, Form, Order, Rule, Shape, Type, optional, required, rule};

const LOCATION: Type = Type::Object(&Shape {
    fields: &[
        required("north", Type::Decimal, "degrees north (WGS 84)"),
        required("east", Type::Decimal, "degrees east (WGS 84)"),
    ],
    rules: &[rule(
        "double(self.north) >= -90.0 && double(self.north) <= 90.0 && double(self.east) >= -180.0 && double(self.east) <= 180.0",
        "a location is -90 to 90 degrees north and -180 to 180 degrees east",
    )],
});

const GNB_ID: Type = Type::Object(&Shape {
    fields: &[
        required("value", Type::Integer(0, u32::MAX as i64), "the identity"),
        required("length", WHOLE, "its length in bits")
            .with(&[rule("self >= 22 && self <= 32", "the length of a gNB identity is 22 to 32 bits")]),
    ],
    rules: &[rule(
        "self.length < 22 || self.length > 31 || self.value < (self.length == 22 ? 4194304 : self.length == 23 ? 8388608 : self.length == 24 ? 16777216 : self.length == 25 ? 33554432 : self.length == 26 ? 67108864 : self.length == 27 ? 134217728 : self.length == 28 ? 268435456 : self.length == 29 ? 536870912 : self.length == 30 ? 1073741824 : 2147483648)",
        "a gNB identity does not fit into its length",
    )],
});

const SHARING: Type = Type::Object(&Shape {
    fields: &[
        required("mode", Type::Choice(&["prb", "prb-policy", "airtime", "passive"]), "which knobs the device has"),
        optional(
            "direction",
            Type::Choice(&["dl", "ul", "both"]),
            "the directions it controls; both, if it says nothing",
        ),
        optional("grid", PERCENT, "the grid of shares, where it is not the profile's").with(SHARE_RULES),
        optional("smallest", PERCENT, "the smallest share enforced, where it is not the profile's").with(SHARE_RULES),
        optional("expect", TENANT_SHARES, "what each tenant is expected to use of a passive interface"),
    ],
    rules: &[
        rule("self.mode == 'passive' || !has(self.expect)", "only a passive interface says what is expected of it"),
        rule("self.mode != 'passive' || !has(self.grid) && !has(self.smallest)", "a passive interface has no grid"),
        rule(
            "!has(self.expect) || self.expect.map(s, double(s.share.replace('%', ''))).sum() <= 100.0001",
            "what a passive interface is expected to give sums to more than 100 %",
        ),
    ],
});

const STATE: Field = optional("state", Type::Choice(&["unlocked", "locked"]), "whether it is in service");
const EFFICIENCY: Field =
    optional("efficiency", Type::Decimal, "bit/s per Hz: the basis of every Mbps that is estimated");

const BAND: Form = Form {
    words: "a band",
    example: "`n77` (NR) or `b7` (LTE)",
    pattern: "^[nb][0-9]{1,3}$",
    most: 4,
    is: |text| {
        matches!(text.as_bytes().split_first(), Some((b'n' | b'b', rest))
            if (1..=3).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit))
    },
};
const PATTERN: Form = Form {
    words: "slots as D, S and U",
    example: "`DDDSU`",
    pattern: "^[DSUdsu]+$",
    most: 160,
    is: |text| !text.is_empty() && text.bytes().all(|byte| b"DSUdsu".contains(&byte)),
};
const TDD: Type = Type::Object(&Shape {
    fields: &[
        required("pattern", Type::Form(&PATTERN), "slots (NR) or subframes (LTE) as D, S, U"),
        optional("offset", DURATION, "offset of the pattern within the frame"),
    ],
    rules: &[],
});
const WORD: Form = Form {
    words: "letters and digits",
    example: "`256qam`",
    pattern: "^[a-z0-9]+(-[a-z0-9]+)*$",
    most: 63,
    is: ranform_network::address::is_label,
};
const COUNTRY: Form = Form {
    words: "a country of two letters",
    example: "`ES`",
    pattern: "^[A-Za-z]{2}$",
    most: 2,
    is: |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
};
const STANDARD: Form = Form {
    words: "a Wi-Fi standard",
    example: "`802.11ax`",
    pattern: r"^802\.11[A-Za-z0-9]+$",
    most: 16,
    is: |text| {
        text.strip_prefix("802.11")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    },
};

const RESERVED_TAC: &[Rule] = &[rule(
    "self >= 1 && self <= 16777215 && self != 16777214",
    "a tracking area code is 1 to 16777215, and 16777214 (FFFFFE) is reserved",
)];
const PCI: &[Rule] = &[rule("self >= 0 && self <= 1007", "a physical cell identity is 0 to 1007")];

macro_rules! cell {
    ($name:ident, $about:literal, $rules:expr) => {
        #[doc = $about]
        const $name: Type = Type::List(
            &Type::Object(&Shape {
                fields: &[
                    required("name", NAME, "its name on the node"),
                    required("band", Type::Form(&BAND), "the operating band"),
                    required("carrier", FREQUENCY, "the middle of the downlink"),
                    optional(
                        "uplinkCarrier",
                        FREQUENCY,
                        "the middle of the uplink, where it is not the band's distance away",
                    ),
                    required("bandwidth", FREQUENCY, "the channel bandwidth"),
                    required("scs", FREQUENCY, "the subcarrier spacing"),
                    optional(
                        "duplex",
                        Type::Choice(&["tdd", "fdd"]),
                        "the duplex mode; the band's, if it says nothing",
                    ),
                    optional("tdd", TDD, "how a TDD carrier is divided"),
                    optional("prbs", COUNT, "resource blocks, where they are stated"),
                    optional("localId", Type::Integer(0, u32::MAX as i64), "the cell's local identity"),
                    optional("pci", WHOLE, "the physical cell identity").with(PCI),
                    optional("tac", WHOLE, "the tracking area code").with(RESERVED_TAC),
                    optional("power", POWER, "the transmit power"),
                    optional("ssb", FREQUENCY, "the frequency of the synchronization block"),
                    optional("azimuth", ANGLE, "where the sector looks"),
                    optional("tilt", ANGLE, "how far it looks down"),
                    optional("layers", Type::Integer(1, 64), "spatial layers"),
                    optional("modulation", Type::Form(&WORD), "the highest modulation"),
                    EFFICIENCY,
                    optional("neighbours", Type::List(&CELL, 512, Order::Set), "neighbour cells, by address"),
                    optional("aggregatesWith", Type::List(&CELL, 32, Order::Set), "carrier aggregation partners"),
                    optional("anchor", CELL, "the LTE anchor of a non-standalone NR cell"),
                    optional("networkSharing", Type::Choice(&["mocn", "moran"]), "how operators share it (TS 23.251)"),
                    STATE,
                    required("sharing", SHARING, "how its resource blocks are shared"),
                    OWNER,
                    LABELS,
                ],
                rules: $rules,
            }),
            64,
            Order::Keys(&["name"]),
        );
    };
}
const TDD_ONLY: Rule =
    rule("!has(self.duplex) || self.duplex == 'tdd' || !has(self.tdd)", "a cell in FDD has no TDD pattern");
const NO_AIRTIME: Rule =
    rule("self.sharing.mode != 'airtime'", "the resource blocks of a cell are not shared as airtime");
cell!(
    NR_CELLS,
    "The cells of a gNB.",
    &[TDD_ONLY, NO_AIRTIME, rule("self.band.startsWith('n')", "a cell of a gNB has an NR band, such as n77"),]
);
cell!(
    LTE_CELLS,
    "The cells of an eNB.",
    &[
        TDD_ONLY,
        NO_AIRTIME,
        rule("self.band.startsWith('b')", "a cell of an eNB has an LTE band, such as b7"),
        rule("!has(self.anchor)", "an anchor is the LTE cell of an NR cell"),
        rule("!has(self.pci) || self.pci <= 503", "a physical cell identity of LTE is 0 to 503"),
        rule("!has(self.tac) || self.tac <= 65533", "a tracking area code of LTE has 16 bits, and 65534 is reserved"),
    ]
);

const RADIOS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("name", NAME, "its name on the access point"),
            required("channel", Type::Integer(1, 300), "the channel number"),
            required("width", FREQUENCY, "the channel width"),
            required("standard", Type::Form(&STANDARD), "the IEEE standard"),
            optional(
                "band",
                Type::Choice(&["2.4GHz", "5GHz", "6GHz"]),
                "the band of the channel number, where it is stated",
            ),
            optional("power", POWER, "the transmit power"),
            optional("country", Type::Form(&COUNTRY), "the country whose rules hold"),
            optional("interface", Type::Text(64), "the interface's name on the device"),
            EFFICIENCY,
            STATE,
            required("sharing", SHARING, "how its airtime is shared"),
            OWNER,
            LABELS,
        ],
        rules: &[rule("self.sharing.mode in ['airtime', 'passive']", "a radio shares its airtime, or is passive")],
    }),
    16,
    Order::Keys(&["name"]),
);

const PORTS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("name", NAME, "its name on the node"),
            optional("interface", Type::Text(64), "the interface's name on the device; its own, if it says nothing"),
            optional("rate", RATE, "its rate"),
            optional("mtu", Type::Integer(68, 65_535), "maximum transmission unit in bytes"),
            STATE,
            OWNER,
            LABELS,
        ],
        rules: &[],
    }),
    512,
    Order::Keys(&["name"]),
);

const SITE: Field = optional("site", NAME, "where it stands");
const PARENT: Field = optional("parent", NAME, "the node above it in the tree");
const PROFILE: Field = required("profile", NAME, "what the device can do: its type and software version");
const VERSION: Field = optional("version", TEXT, "the software on it, as the operator calls it");
const TIER: Field = optional("tier", Type::Integer(0, 1000), "its tier in the transport network");
const MANAGED: Field = optional("management", MANAGEMENT, "how it is reached; none for a node that is only modelled");
const HOSTED_ON: Field = optional("hostedOn", NAME, "the compute node that runs its models");
const UNREACHABLE: Field =
    optional("onUnreachable", Type::Choice(&["stop", "defer"]), "what planning does while it cannot be reached");
const HOST_PLMN: Field = optional("plmn", PLMN, "the operator's own PLMN, first in its cells' lists");
const CAPACITY: Field = optional("capacity", AMOUNTS, "resources that it offers, by name");
const FIXED_COST: Field = optional("fixedCost", Type::Decimal, "the cost of using it at all");
const COSTS: Field = optional("componentCosts", Type::Map(&Type::Decimal, 32), "the cost per kind of component");
const E2: Field = optional("e2", TEXT, "address and port of its E2 termination");
const PLACE: Field = optional("location", LOCATION, "where it is, where that is not where its site is");
const RUNS_XAPPS: Field = optional("runsXapps", Type::Flag, "whether xApps may run on it");
const PORTS_OF: Field = optional("ports", PORTS, "its Ethernet ports");

/// A gNB or a part of one.
pub const GNB_NODE: Shape = Shape {
    fields: &[
        required("function", Type::Choice(&["gnb", "cu", "cu-cp", "cu-up", "du", "ru"]), "which part of a gNB it is"),
        SITE,
        PARENT,
        PROFILE,
        VERSION,
        TIER,
        MANAGED,
        HOSTED_ON,
        UNREACHABLE,
        HOST_PLMN,
        optional("gnbId", GNB_ID, "gNB identity (TS 38.413 9.3.1.6)"),
        optional("gnbDuId", Type::Integer(0, (1 << 36) - 1), "identity of a DU within its gNB, 36 bits"),
        optional("gnbDuName", Type::Text(150), "name of a DU"),
        CAPACITY,
        FIXED_COST,
        COSTS,
        E2,
        PLACE,
        RUNS_XAPPS,
        optional("cells", NR_CELLS, "its cells"),
        PORTS_OF,
        OWNER,
        LABELS,
    ],
    rules: &[rule(
        "!has(self.cells) || size(self.cells) == 0 || self.function in ['gnb', 'du']",
        "cells stand on a gNB or a DU",
    )],
};

/// An LTE base station.
pub const ENB_NODE: Shape = Shape {
    fields: &[
        SITE,
        PARENT,
        PROFILE,
        VERSION,
        TIER,
        MANAGED,
        HOSTED_ON,
        UNREACHABLE,
        HOST_PLMN,
        optional("enbId", WHOLE, "eNB identity (TS 36.413 9.2.1.37)"),
        optional("home", Type::Flag, "whether it is a home eNB"),
        CAPACITY,
        FIXED_COST,
        COSTS,
        E2,
        PLACE,
        RUNS_XAPPS,
        optional("cells", LTE_CELLS, "its cells"),
        PORTS_OF,
        OWNER,
        LABELS,
    ],
    rules: &[rule(
        "!has(self.enbId) || self.enbId >= 0 && self.enbId < (has(self.home) && self.home ? 268435456 : 1048576)",
        "an eNB identity has 20 bits, that of a home eNB 28",
    )],
};

/// A Wi-Fi access point.
pub const ACCESS_POINT: Shape = Shape {
    fields: &[
        SITE,
        PARENT,
        PROFILE,
        VERSION,
        TIER,
        MANAGED,
        HOSTED_ON,
        UNREACHABLE,
        HOST_PLMN,
        CAPACITY,
        FIXED_COST,
        COSTS,
        E2,
        PLACE,
        RUNS_XAPPS,
        optional("radios", RADIOS, "its Wi-Fi radios"),
        PORTS_OF,
        OWNER,
        LABELS,
    ],
    rules: &[],
};
