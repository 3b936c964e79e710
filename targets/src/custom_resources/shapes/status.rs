//! What the status of every object says: conditions as the Kubernetes API conventions ask, drift, what is enforced.

use super::values::*;
use crate::custom_resources::schema::{Field, Form, Order, Shape, Type, optional, required, rule};

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

/// The most places of functions that a status lists.
pub const MOST_PLACES: usize = 1024;

const HOSTS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("function", NAME, "the function wanted"),
            required("node", NAME, "the node that it serves"),
            required("model", NAME, "the model that offers it"),
            required("host", NAME, "the node that it runs on"),
        ],
        rules: &[],
    }),
    MOST_PLACES as u32,
    Order::Atomic,
);

const PLACEMENT: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("component", NAME, "the component or xApp"),
            required("node", NAME, "the compute node that it runs on"),
            required("e2Nodes", Type::Integer(0, EXACT), "how many E2 nodes it serves there"),
            optional("standsByFor", Type::Integer(1, EXACT), "how many it serves where their own instance is lost"),
        ],
        rules: &[],
    }),
    MOST_PLACES as u32,
    Order::Atomic,
);

const OBSERVED: Field =
    optional("observedGeneration", Type::Integer(0, EXACT), "the generation of the object that this is said of");
const SERIAL: Field =
    optional("appliedSerial", Type::Integer(0, EXACT), "the serial of the last apply (`ranform history`)");
const ALL_CONDITIONS: Field = optional("conditions", CONDITIONS, "Ready, Applied, Drifted");
const DRIFT_COUNT: Field = optional("driftCount", Type::Integer(0, EXACT), "how many leaves differ on devices");
const LEAVES: Field = optional("drift", DRIFT, "leaves that others changed on devices");
const ENFORCED: Field = optional("shares", SHARES, "the shares that are enforced, as last applied");
const RUNS_ON: Field = optional("runsOn", Type::Text(1024), "the nodes that it runs on, in a line");

/// The status of every kind that is not placed.
pub const STATUS: Shape =
    Shape { fields: &[OBSERVED, SERIAL, ALL_CONDITIONS, DRIFT_COUNT, LEAVES, ENFORCED], rules: &[] };

/// The status of a RIC.
pub const RIC_STATUS: Shape = Shape {
    fields: &[
        OBSERVED,
        SERIAL,
        ALL_CONDITIONS,
        DRIFT_COUNT,
        LEAVES,
        ENFORCED,
        optional(
            "placement",
            PLACEMENT,
            "where the plan has its components and xApps; Applied says whether they are there",
        ),
        RUNS_ON,
    ],
    rules: &[],
};

/// The status of a request.
pub const REQUEST_STATUS: Shape = Shape {
    fields: &[
        OBSERVED,
        SERIAL,
        ALL_CONDITIONS,
        DRIFT_COUNT,
        LEAVES,
        ENFORCED,
        optional("decision", Type::Choice(&["Accepted", "Rejected"]), "what the plan decides on it"),
        optional("hosts", HOSTS, "where the plan has its functions; Applied says whether they are there"),
        RUNS_ON,
    ],
    rules: &[],
};
