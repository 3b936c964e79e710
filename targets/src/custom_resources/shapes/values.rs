//! Types that many kinds share: identifiers, quantities, references.

use crate::custom_resources::schema::{Dimension, Field, Form, Order, Rule, Shape, Type, optional, required, rule};

/// A name of something, as the language has it: a label, or any text.
pub const NAME: Type = Type::Text(253);
/// A text such as a container image or an endpoint.
pub const TEXT: Type = Type::Text(512);

/// The name of an object of a cluster.
pub const OBJECT_NAME: Type = Type::Form(&Form {
    words: "the name of an object: lower case letters, digits, `-` and `.`",
    example: "`registry-login`",
    pattern: r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$",
    most: 253,
    is: ranform_network::address::is_subdomain,
});

/// The most interfaces or nodes that one object names.
pub const MANY: u32 = 8192;
/// The most tenants that one object names.
pub const TENANTS: u32 = 64;

/// Whose it is, and what it is called besides.
pub const OWNER: Field = optional("owner", NAME, "the team that answers for it");
/// Labels of the intents, for selections and guards; those of Kubernetes stand in the metadata.
pub const LABELS: Field = optional("labels", Type::Map(&TEXT, 64), "labels of the intents, to select by");

macro_rules! dimension {
    ($($(#[$meta:meta])* $name:ident = $words:literal, $example:literal, $units:expr, $signed:literal;)*) => {$(
        $(#[$meta])*
        pub const $name: Type =
            Type::Quantity(&Dimension { words: $words, example: $example, units: &$units, signed: $signed });
    )*};
}

dimension! {
    /// A share.
    PERCENT = "a share in percent", "`60%`", ["%"], false;
    /// A duration.
    DURATION = "a duration", "`10ms` or `100s`", ["ns", "us", "ms", "s", "min", "h", "d"], false;
    /// A frequency.
    FREQUENCY = "a frequency", "`30kHz` or `4.05GHz`", ["Hz", "kHz", "MHz", "GHz"], false;
    /// A data rate.
    RATE = "a data rate", "`20Mbps`", ["bps", "kbps", "Mbps", "Gbps", "Tbps"], false;
    /// A power level.
    POWER = "a power level", "`23dBm`", ["dBm"], true;
    /// An angle.
    ANGLE = "an angle", "`120deg`", ["deg"], true;
}

/// What a resource amounts to: a number, cores, bytes.
pub const AMOUNT: Type = Type::Form(&Form {
    words: "an amount, with the unit of the language where it has one",
    example: "`\"2\"` or `4GB`",
    pattern: r"^[0-9]+(\.[0-9]+)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB|bps|kbps|Mbps|Gbps|Tbps|cores)?$",
    most: 32,
    is: is_amount,
});
/// Resources by name.
pub const AMOUNTS: Type = Type::Map(&AMOUNT, 32);

fn is_amount(text: &str) -> bool {
    const UNITS: [&str; 16] =
        ["", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "bps", "kbps", "Mbps", "Gbps", "Tbps", "cores"];
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    UNITS.contains(&unit) && super::is_decimal(&text[..text.len() - unit.len()])
}

/// The address of a cell, radio or port.
pub const INTERFACE: Type = Type::Form(&Form {
    words: "the address of a cell, radio or port",
    example: "`node.gnb-1/cell.nr-1`",
    pattern: r"^(module\..+\.)?node\..+/(cell|radio|port)\..+$",
    most: 600,
    is: |text| is_address(text, &["node"], Some(&["cell", "radio", "port"])),
});
/// The address of a cell.
pub const CELL: Type = Type::Form(&Form {
    words: "the address of a cell",
    example: "`node.gnb-1/cell.nr-1`",
    pattern: r"^(module\..+\.)?node\..+/cell\..+$",
    most: 600,
    is: |text| is_address(text, &["node"], Some(&["cell"])),
});
/// The address of a place that a bound of an SLA holds at.
pub const PLACE: Type = Type::Form(&Form {
    words: "the address of an interface, node, site or area",
    example: "`node.gnb-1/cell.nr-1` or `site.plaza`",
    pattern: r"^(module\..+\.)?(node|site|area)\..+$",
    most: 600,
    is: |text| {
        is_address(text, &["node", "site", "area"], None) || is_address(text, &["node"], Some(&["cell", "radio"]))
    },
});
/// Interfaces, each once.
pub const INTERFACES: Type = Type::List(&INTERFACE, MANY, Order::Set);
/// Nodes, each once.
pub const NODES: Type = Type::List(&NAME, MANY, Order::Set);

/// Whether a text is an address of these nouns: one step, or two where `below` says of what.
fn is_address(text: &str, nouns: &[&str], below: Option<&[&str]>) -> bool {
    let Some(steps) = super::steps(text) else { return false };
    let noun = |step: &super::Step| step.noun.clone();
    match (&steps.steps[..], below) {
        ([only], None) => nouns.contains(&noun(only).as_str()),
        ([first, second], Some(below)) => {
            nouns.contains(&noun(first).as_str()) && below.contains(&noun(second).as_str())
        }
        _ => false,
    }
}

const COUNTRY_CODE: Form = Form {
    words: "three digits",
    example: "`\"001\"`",
    pattern: "^[0-9]{3}$",
    most: 3,
    is: |text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()),
};
const NETWORK_CODE: Form = Form {
    words: "two or three digits",
    example: "`\"01\"` (`01` and `001` are different networks)",
    pattern: "^[0-9]+$",
    most: 8,
    is: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
};
const DIFFERENTIATOR: Form = Form {
    words: "six hexadecimal digits",
    example: "`\"000001\"`",
    pattern: "^[0-9a-fA-F]+$",
    most: 16,
    is: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
};

/// Two or three digits of a network.
const MNC: &[Rule] = &[rule(
    "size(self) >= 2 && size(self) <= 3",
    "a mobile network code has two or three digits, and 01 and 001 differ",
)];
/// What is no slice type.
const SST: &[Rule] = &[rule("self >= 0 && self <= 255", "a slice type (SST) is 0 to 255")];
/// What is no slice differentiator.
const SD: &[Rule] = &[
    rule("size(self) == 6", "a slice differentiator (SD) has six hexadecimal digits"),
    rule("self.lowerAscii() != 'ffffff'", "an SD of ffffff stands for no slice differentiator: leave it out"),
];
/// What is no VLAN.
pub const VLAN_RULES: &[Rule] =
    &[rule("self >= 1 && self <= 4094", "a VLAN is a whole number of 1 to 4094 (0 and 4095 are reserved)")];
/// A share of the whole.
pub const SHARE_RULES: &[Rule] = &[rule("double(self.replace('%', '')) <= 100.0", "a share is 0% to 100%")];

/// A PLMN.
pub const PLMN: Type = Type::Object(&Shape {
    fields: &[
        required("mcc", Type::Form(&COUNTRY_CODE), "mobile country code, three digits"),
        required("mnc", Type::Form(&NETWORK_CODE), "mobile network code, two or three digits").with(MNC),
    ],
    rules: &[],
});
/// An S-NSSAI.
pub const SLICE: Type = Type::Object(&Shape {
    fields: &[
        required("sst", WHOLE, "slice/service type").with(SST),
        optional("sd", Type::Form(&DIFFERENTIATOR), "slice differentiator, six hexadecimal digits").with(SD),
    ],
    rules: &[],
});
/// A whole number whose range a rule says, in words.
pub const WHOLE: Type = Type::Integer(i32::MIN as i64, i32::MAX as i64);
/// A number of things, one at least.
pub const COUNT: Type = Type::Integer(1, u32::MAX as i64);
/// A VLAN.
pub const VLAN: Type = WHOLE;

/// Tenants with a share each.
pub const TENANT_SHARES: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[required("tenant", NAME, "the tenant"), required("share", PERCENT, "its share").with(SHARE_RULES)],
        rules: &[],
    }),
    TENANTS,
    Order::Keys(&["tenant"]),
);
