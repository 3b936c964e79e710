//! How nodes and RICs are managed. Credentials are references; a secret has no field to stand in.

use ranform_network::network::SecretEntry;

use super::values::*;
use crate::custom_resources::schema::{Form, Order, Rule, Shape, Type, optional, required, rule};

const ONE_PLACE: &[Rule] = &[rule(
    "[has(self.env), has(self.file), has(self.secret)].filter(x, x).size() == 1",
    "a credential is found in one place: env, file or secret",
)];
pub(super) const VARIABLE: Form = Form {
    words: "the name of an environment variable",
    example: "`RAN_KEY`",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    most: 128,
    is: |text| {
        let first = text.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    },
};
const FINGERPRINT: Form = Form {
    words: "a fingerprint as `ssh-keygen -l` prints it",
    example: "`SHA256:47DEQpj8HBSa`",
    pattern: "^SHA256:.+$",
    most: 128,
    is: |text| text.len() > 7 && text.starts_with("SHA256:"),
};
const SECRET_ENTRY: Form = Form {
    words: "an entry of a Secret, `namespace/name/key`",
    example: "`ran/gnb-1/ssh-privatekey`",
    pattern: r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-.a-z0-9]*[a-z0-9])?/[-._a-zA-Z0-9]+$",
    most: 571,
    is: |text| SecretEntry::parse(text).is_some(),
};

/// Where a secret is found.
const REFERENCE: Type = Type::Object(&Shape {
    fields: &[
        optional("env", Type::Form(&VARIABLE), "an environment variable"),
        optional("file", TEXT, "a file outside version control"),
        optional("secret", Type::Form(&SECRET_ENTRY), "an entry of a Kubernetes Secret, `namespace/name/key`"),
    ],
    rules: ONE_PLACE,
});

const HOST_KEY: Type = Type::Object(&Shape {
    fields: &[
        optional("fingerprint", Type::Form(&FINGERPRINT), "the fingerprint of the host key"),
        optional("file", TEXT, "a known_hosts file"),
    ],
    rules: &[rule("has(self.fingerprint) != has(self.file)", "a host key is a fingerprint or a file")],
});

/// What an A1 peer is spoken to in.
pub const DIALECTS: [&str; 5] = ["standard", "standard-v1", "osc", "pms-v2", "pms-v3"];

const A1: Type = Type::Object(&Shape {
    fields: &[
        optional("dialect", Type::Choice(&DIALECTS), "the interface it has; standard, if it says nothing"),
        optional("ric", TEXT, "the RIC's id at the policy management service"),
        optional("certificate", REFERENCE, "where the client certificate is found"),
        optional("key", REFERENCE, "where its private key is found"),
        optional("token", REFERENCE, "where the bearer token is found"),
        optional("authority", TEXT, "the file of the certificates that the server's is verified against"),
        optional("types", TYPES, "the policy types that the RIC lists"),
    ],
    rules: &[rule("has(self.certificate) == has(self.key)", "a client certificate and its key go together")],
});
const TYPES: Type = Type::List(
    &Type::Object(&Shape {
        fields: &[
            required("type", TEXT, "its id, such as ORAN_SliceSLATarget_1.0.0"),
            optional("number", Type::Integer(1, i32::MAX as i64), "its number there, where it has one"),
        ],
        rules: &[],
    }),
    64,
    Order::Atomic,
);

/// How a node or a RIC is reached.
pub const MANAGEMENT: Type = Type::Object(&Shape {
    fields: &[
        required("protocol", Type::Choice(&["directory", "netconf", "kubernetes", "a1"]), "the protocol"),
        optional("endpoint", TEXT, "host and port, a URL, or a folder of the project; none for a cluster"),
        optional("user", TEXT, "the user"),
        optional("credential", REFERENCE, "where the key, password, token or kubeconfig is found"),
        optional("hostKey", HOST_KEY, "what an SSH server must prove"),
        optional("a1", A1, "how an A1 peer is spoken to"),
        optional(
            "context",
            TEXT,
            "the context of the kubeconfig; of others than clusters: where their Secrets are read",
        ),
        optional("contextEnv", Type::Form(&VARIABLE), "the environment variable that holds the context"),
        optional("node", TEXT, "the node's name in its cluster"),
    ],
    rules: &[
        rule("self.protocol == 'kubernetes' || has(self.endpoint)", "a device that is managed has an endpoint"),
        rule(
            "self.protocol != 'netconf' || (has(self.user) && has(self.credential))",
            "a NETCONF device is managed by a user with a key or password",
        ),
        rule("!(has(self.context) && has(self.contextEnv))", "a context is a name or an environment variable"),
    ],
});
