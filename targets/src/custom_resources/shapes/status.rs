//! What the status of every object says: conditions as the Kubernetes API conventions ask, drift, what is enforced.

use super::values::*;
use crate::custom_resources::schema::{Form, Order, Shape, Type, optional, required, rule};

/// The most differing leaves that a status lists; all are counted.
pub const MOST_DRIFT: usize = 128;
/// The most shares that a status lists.
pub const MOST_SHARES: usize = 1024;
/// The largest whole number that JSON holds exactly: the server compares bounds as such.
const EXACT: i64 = (1 << 53) - 1;
/// The longest message of a condition.
pub const LONGEST_MESSAGE: u32 = 4096;

const INSTANT: Form = Form {
    words: "an instant",
    example: "`2026-12-31T12:00:00Z`",
    pattern: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    most: 40,
    is: |text| text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T'),
};
const REASON: Form = Form {
    words: "a word in CamelCase",
    example: "`AsIntended`",
    pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
    most: 128,
    is: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
};

const CONDITIONS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("type", Type::Text(316), "what is said: Ready, Applied, Drifted"),
            required("status", Type::Choice(&["True", "False", "Unknown"]), "whether it is so"),
            optional(
                "observedGeneration",
                Type::Integer(0, EXACT),
                "the generation of the object that this is said of",
            ),
            required("lastTransitionTime", Type::Form(&INSTANT), "since when it is so"),
            required("reason", Type::Form(&REASON), "why, for programs"),
            required("message", Type::Text(LONGEST_MESSAGE), "why, for people"),
        ],
        rules: &[],
    }),
    16,
    Order::Keys(&["type"]),
);

const DRIFT: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("address", Type::Text(600), "the thing"),
            required("leaf", Type::Text(600), "what of it"),
            optional("expected", Type::Text(1024), "what was applied; none where nothing was"),
            optional("found", Type::Text(1024), "what is there; none where it is gone"),
            optional("action", Type::Choice(&["stop", "restore", "accept", "ignore"]), "what the intents say about it"),
        ],
        rules: &[],
    }),
    MOST_DRIFT as u32,
    Order::Atomic,
);

const SHARES: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("interface", Type::Text(600), "the cell or radio, by address"),
            required("tenant", NAME, "whose share it is"),
            required("direction", Type::Choice(&["dl", "ul", "both"]), "of which direction"),
            required("dedicated", PERCENT, "never given to others").with(SHARE_RULES),
            required("minimum", PERCENT, "given to others only while unused").with(SHARE_RULES),
            required("maximum", PERCENT, "never exceeded").with(SHARE_RULES),
        ],
        rules: &[rule(
            "double(self.dedicated.replace('%', '')) <= double(self.minimum.replace('%', '')) && double(self.minimum.replace('%', '')) <= double(self.maximum.replace('%', ''))",
            "dedicated <= minimum <= maximum (TS 28.541)",
        )],
    }),
    MOST_SHARES as u32,
    Order::Atomic,
);

/// The status of every kind.
pub const STATUS: Shape = Shape {
    fields: &[
        optional("observedGeneration", Type::Integer(0, EXACT), "the generation of the object that this is said of"),
        optional("appliedSerial", Type::Integer(0, EXACT), "the serial of the last apply (`ranform history`)"),
        optional("conditions", CONDITIONS, "Ready, Applied, Drifted"),
        optional("driftCount", Type::Integer(0, EXACT), "how many leaves differ on devices"),
        optional("drift", DRIFT, "leaves that others changed on devices"),
        optional("shares", SHARES, "the shares that are enforced, as last applied"),
    ],
    rules: &[],
};
