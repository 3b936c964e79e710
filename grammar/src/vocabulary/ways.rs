//! What may follow the place in a `manage` line: the words of each protocol, in any order, each once.

/// A protocol of a `manage` line.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Its word.
    pub protocol: &'static str,
    /// A whole statement.
    pub example: &'static str,
    /// What may follow the place.
    pub words: &'static [Part],
}

/// A word of a `manage` line with what it wants.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The word.
    pub word: &'static str,
    /// What follows it, in words.
    pub wants: &'static str,
    /// The word with what follows it.
    pub example: &'static str,
}

const fn part(word: &'static str, wants: &'static str, example: &'static str) -> Part {
    Part { word, wants, example }
}

const REFERENCE: &str = "`env` and a variable, `file` and a path, or `secret` and an entry";
const USER: Part = part("as", "a text", r#"as "ranform""#);
const CONTEXT: Part = part("context", "a text, or `env` and a variable", r#"context "smo""#);
const TYPES: Part = part("types", "policy types or a profile of them", r#"types "ORAN_SliceSLATarget_1.0.0" 20008"#);

/// Every protocol.
pub(super) const WAYS: &[Way] = &[
    Way {
        protocol: "netconf",
        example: r#"manage netconf "192.0.2.11:830" as "ranform" key env RAN_KEY host-key file "known_hosts""#,
        words: &[
            USER,
            part("key", REFERENCE, "key env RAN_KEY"),
            part("password", REFERENCE, "password env RAN_PASSWORD"),
            part("host-key", "a fingerprint, or `file` and a path", r#"host-key file "known_hosts""#),
            CONTEXT,
        ],
    },
    Way { protocol: "directory", example: r#"manage directory "devices/gnb-1""#, words: &[TYPES] },
    Way {
        protocol: "kubernetes",
        example: r#"manage kubernetes config file "kubeconfig" context "metro" node "edge-3""#,
        words: &[
            part("config", REFERENCE, r#"config file "kubeconfig""#),
            CONTEXT,
            part("node", "a text", r#"node "edge-3""#),
        ],
    },
    Way {
        protocol: "a1",
        example: r#"manage a1 "https://ric.example:8443" token env TOKEN"#,
        words: &[
            part("dialect", "`standard`, `standard-v1`, `osc`, `pms-v2` or `pms-v3`", "dialect pms-v3"),
            part("ric", "a text", r#"ric "ric1""#),
            USER,
            part("certificate", REFERENCE, r#"certificate file "ric.pem" key env RIC_KEY"#),
            part("key", REFERENCE, r#"certificate file "ric.pem" key env RIC_KEY"#),
            part("token", REFERENCE, "token env TOKEN"),
            part("authority", "`file` and a path", r#"authority file "ca.pem""#),
            TYPES,
            CONTEXT,
        ],
    },
];
