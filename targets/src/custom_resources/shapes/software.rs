//! Software that is placed: RicDeployment, ModelRequest.

use ranform_network::image::PINNED_CEL;

use super::access::{MANAGEMENT, VARIABLE};
use super::values::*;
use crate::custom_resources::schema::{Field, Order, Shape, Type, optional, required, rule};

const DEMAND: Field = optional("demand", AMOUNTS, "what an instance needs");
const DEMAND_PER_E2_NODE: Field =
    optional("demandPerE2Node", AMOUNTS, "what an instance needs more for each E2 node that it serves");
const SERVES_AT_MOST: Field = optional("servesAtMost", COUNT, "the most E2 nodes that an instance serves");
const COST: Field = optional("cost", Type::Decimal, "the cost of an instance, where the node does not say");
const PROCESSING: Field = optional("processing", DURATION, "time per visit");
const IMAGE: Field = optional("image", TEXT, "the container image")
    .with(&[rule(PINNED_CEL, "a container image is pinned to a version or digest, not to latest")]);

const PULL_SECRETS: Field = optional(
    "pullSecrets",
    Type::List(&OBJECT_NAME, 16, Order::Set),
    "Secrets of its namespace by which its images are pulled",
);

const SECRETS: Field = optional(
    "secrets",
    Type::List(
        &Type::Object(&Shape {
            fields: &[
                required("secret", OBJECT_NAME, "the Secret of its namespace"),
                optional("key", TEXT, "the entry that is given; all of them, if it says nothing"),
                optional("folder", TEXT, "the folder in which it finds the entries as files"),
                optional("variable", TEXT, "the variable of its environment that holds the entry"),
            ],
            rules: &[
                rule("has(self.folder) != has(self.variable)", "a Secret is given as files or in the environment"),
                rule("!has(self.variable) || has(self.key)", "a variable holds one entry of a Secret"),
            ],
        }),
        64,
        Order::Atomic,
    ),
    "Secrets of its namespace that it is given, by reference",
);
const ARGS: Field = optional("args", Type::List(&TEXT, 64, Order::Atomic), "what its image's entrypoint is given");
const ENV: Field = optional(
    "env",
    Type::List(
        &Type::Object(&Shape {
            fields: &[required("name", Type::Form(&VARIABLE), "the variable"), required("value", TEXT, "what it says")],
            rules: &[],
        }),
        64,
        Order::Keys(&["name"]),
    ),
    "variables of its environment",
);
const ANNOTATIONS: Field = optional(
    "annotations",
    Type::List(
        &Type::Object(&Shape {
            fields: &[required("key", TEXT, "its key"), required("value", TEXT, "what it says")],
            rules: &[],
        }),
        64,
        Order::Keys(&["key"]),
    ),
    "annotations of its pods",
);
const REPLICAS: Field = optional("replicas", COUNT, "how many pods of it each chosen node runs; 1, if it says nothing");

const POD_SECURITY: Field = optional(
    "podSecurity",
    Type::Choice(&["restricted", "baseline", "privileged"]),
    "the Pod Security level, where it needs more of its node than others",
);

const COMPONENTS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("kind", Type::Choice(&["management", "e2t", "sdl", "nib"]), "which component"),
            DEMAND,
            DEMAND_PER_E2_NODE,
            SERVES_AT_MOST,
            COST,
            PROCESSING,
            IMAGE,
            PULL_SECRETS,
            SECRETS,
            ARGS,
            ENV,
            ANNOTATIONS,
            POD_SECURITY,
        ],
        rules: &[],
    }),
    4,
    Order::Keys(&["kind"]),
);

const XAPPS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("name", NAME, "its name in the RIC"),
            DEMAND,
            DEMAND_PER_E2_NODE,
            SERVES_AT_MOST,
            COST,
            optional("loop", DURATION, "the control loop budget, a round trip"),
            optional("sdl", Type::Flag, "whether it reads the shared data layer; it does, if it says nothing"),
            optional("chain", Type::List(&NAME, 64, Order::Set), "the xApps walked after it, in order"),
            PROCESSING,
            IMAGE,
            PULL_SECRETS,
            SECRETS,
            ARGS,
            ENV,
            ANNOTATIONS,
            REPLICAS,
            POD_SECURITY,
            optional("version", TEXT, "its version"),
            OWNER,
            LABELS,
        ],
        rules: &[
            rule("!has(self.chain) || !(self.name in self.chain)", "a chain of xApps comes back to one it has passed"),
            rule("!has(self.chain) || has(self.loop)", "the head of a chain has no loop budget"),
        ],
    }),
    64,
    Order::Keys(&["name"]),
);

const PINS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("component", NAME, "the component or xApp"),
            required("node", NAME, "the compute node that it stays on"),
        ],
        rules: &[],
    }),
    256,
    Order::Atomic,
);

const SPREAD: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("component", NAME, "the component or xApp"),
            required("across", Type::Choice(&["site", "region", "node"]), "what its instances must not share"),
        ],
        rules: &[],
    }),
    68,
    Order::Atomic,
);

/// A near-RT RIC to place.
pub const RIC_DEPLOYMENT: Shape = Shape {
    fields: &[
        required("e2Nodes", NODES, "the E2 nodes that it serves")
            .with(&[rule("size(self) >= 1", "a RIC serves no E2 node")]),
        required("candidates", NODES, "the compute nodes that it may use")
            .with(&[rule("size(self) >= 1", "a RIC has no compute node to run on")]),
        optional("components", COMPONENTS, "its platform components"),
        optional("xapps", XAPPS, "its xApps"),
        optional("pins", PINS, "component instances that must stay"),
        optional("exclusions", Type::List(&NAME, 1024, Order::Set), "compute nodes that must not be used"),
        optional("servesAtMost", COUNT, "the most E2 nodes that one E2 termination serves"),
        optional("spread", SPREAD, "components whose instances must not share a place"),
        optional("management", MANAGEMENT, "how policies reach it"),
        optional(
            "profile",
            Type::Choice(&["osc"]),
            "whose conventions its software follows; nobody's, if it says nothing",
        ),
        OWNER,
        LABELS,
    ],
    rules: &[],
};

const PERFORMANCE: Type = Type::Object(&Shape {
    fields: &[
        optional("atLeast", PERCENT, "at least this (accuracy)").with(SHARE_RULES),
        optional("atMost", PERCENT, "at most this (error)").with(SHARE_RULES),
    ],
    rules: &[rule("has(self.atLeast) != has(self.atMost)", "performance is bounded from one side")],
});

const TARGETS: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("function", NAME, "the function wanted"),
            required("node", NAME, "the node that it serves"),
            optional("sources", NODES, "the nodes whose data it needs; the node itself, if it says nothing"),
            optional("within", DURATION, "data collection plus execution at most this"),
            optional("performance", PERFORMANCE, "what performance it needs"),
        ],
        rules: &[],
    }),
    4096,
    Order::Keys(&["function", "node"]),
);

/// A request for models.
pub const MODEL_REQUEST: Shape = Shape {
    fields: &[
        required("targets", TARGETS, "what is wanted where")
            .with(&[rule("size(self) >= 1", "a request wants at least one function on a node")]),
        optional("value", Type::Decimal, "its value; 1, if it says nothing")
            .with(&[rule("double(self) >= 0.0", "the value of a request is 0 or more")]),
        optional("sharing", Type::Flag, "whether an instance may serve other requests too; it may, if it says nothing"),
        OWNER,
        LABELS,
    ],
    rules: &[],
};
