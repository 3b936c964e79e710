//! Random networks as text: every attribute of the nouns that custom resources have, some of the time.

/// SplitMix64: small, seeded, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// The line, every second time.
    fn maybe(&mut self, line: impl FnOnce(&mut Self) -> String) -> String {
        if self.below(2) == 0 { format!("  {}\n", line(self)) } else { String::new() }
    }

    /// A number of so many digits after the point at most.
    fn decimal(&mut self, below: usize, places: usize) -> String {
        let whole = self.below(below);
        match self.below(places + 1) {
            0 => whole.to_string(),
            places => format!("{whole}.{:0places$}", self.below(10usize.pow(places as u32))),
        }
    }

    fn percent(&mut self) -> String {
        format!("{}%", self.decimal(100, 4))
    }
}

const TEXTS: [&str; 8] = [
    "\"red\"",
    "\"on: yes\"",
    "\"a\\\"b\\\\c\"",
    "\"- x\"",
    "\"0x1F\"",
    "\"\u{1f4f6} caf\u{e9}\"",
    "\"null\"",
    "\"} tenant x {\"",
];
const TIMES: [&str; 6] = ["10ms", "1.5s", "250us", "7ns", "2min", "1h"];

/// A name that no other of these has.
fn own(prefix: &str, index: usize, random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("\"{prefix} {index} {}\"", random.pick(&["x/y", "\u{fc}", "share", ".", "'"])),
        _ => format!("{prefix}-{index}"),
    }
}

fn entity(random: &mut Random) -> String {
    let owner = random.maybe(|_| "owner team".to_owned());
    let label = random.maybe(|random| format!("label {} {}", random.pick(&["vendor", "\"A b\""]), random.pick(&TEXTS)));
    owner + &label
}

fn amounts(random: &mut Random) -> String {
    let cpu = random.decimal(64, 2);
    let memory = random.pick(&["4GB", "512MiB", "1TB", "1500MB", "3B"]);
    format!("cpu {cpu}, memory {memory}, \"odd one\" {}", random.below(9))
}

fn direction(random: &mut Random) -> &'static str {
    random.pick(&["", " dl", " ul", " both"])
}

fn sharing(random: &mut Random, tenants: &[String], radio: bool) -> String {
    if random.below(3) == 0 {
        let expect = format!(" expect {} 50%, {} {}", tenants[0], tenants[1], random.percent());
        return format!(
            "sharing passive{}{}",
            direction(random),
            if random.below(2) == 0 { expect } else { String::new() }
        );
    }
    let mode = if radio { "airtime" } else { random.pick(&["prb", "prb-policy"]) };
    let grid = if random.below(2) == 0 { format!(" grid {}", random.percent()) } else { String::new() };
    let smallest = if random.below(2) == 0 { format!(" smallest {}", random.percent()) } else { String::new() };
    format!("sharing {mode}{}{grid}{smallest}", direction(random))
}

fn manage(random: &mut Random) -> String {
    let secret = |random: &mut Random| random.pick(&["env RAN_KEY", "file \"key pem\"", "secret \"a/b/c\""]);
    match random.below(3) {
        0 => format!("manage directory {}", random.pick(&["\"devices/x\"", "\"a b\""])),
        1 => format!(
            "manage netconf \"192.0.2.1:830\" as \"a\" key secret \"a/b/c\" {}",
            random.pick(&["context \"smo\"", "context env SMO"])
        ),
        _ => format!(
            "manage netconf \"192.0.2.1:830\" as {} key {} host-key {}",
            random.pick(&TEXTS),
            secret(random),
            random.pick(&["\"SHA256:abc\"", "file \"known hosts\""])
        ),
    }
}

fn node(index: usize, kind: &str, name: &str, tenants: &[String], cells: &[String], random: &mut Random) -> String {
    let mut text = format!("node {name} : {kind} {{\n");
    text += &random.maybe(|_| "site plaza".to_owned());
    text += &random.maybe(|random| format!("version {}", random.pick(&TEXTS)));
    text += &random.maybe(|random| format!("tier {}", random.below(9)));
    text += &random.maybe(|_| "plmn 001-01".to_owned());
    text += &random.maybe(manage);
    text += &random.maybe(|random| format!("on unreachable {}", random.pick(&["stop", "defer"])));
    text += &random.maybe(|random| format!("capacity {}", amounts(random)));
    text += &random
        .maybe(|random| format!("cost fixed {}, e2t {}, \"log all\" 1", random.decimal(99, 2), random.decimal(9, 1)));
    text += &random.maybe(|_| "e2 \"10.0.0.5:36421\"".to_owned());
    text += &random.maybe(|random| format!("location {} -{}", random.decimal(80, 5), random.decimal(170, 5)));
    text += &random.maybe(|random| format!("runs-xapps {}", random.pick(&["yes", "no"])));
    text += &random.maybe(|random| format!("tolerates {}", random.pick(&["\"team=ran:NoSchedule\"", "\"team\""])));
    text += &entity(random);
    match kind {
        "gnb" => {
            text += &random.maybe(|random| format!("gnb-id {}/{}", random.below(4_000_000), 22 + random.below(11)));
            text += &random.maybe(|random| format!("gnb-du-id {}", random.next() % (1 << 36)));
            text += &random.maybe(|_| "gnb-du-name \"north 2\"".to_owned());
        }
        "enb" => {
            text += &random.maybe(|random| format!("enb-id {}{}", random.below(1 << 20), random.pick(&["", " home"])));
        }
        _ => {}
    }
    match kind {
        "ap" => text += &radio(tenants, random),
        _ => text += &cell(kind, &format!("c{index}"), tenants, cells, random),
    }
    text += &random.maybe(|random| {
        let rate = random.maybe(|_| "rate 2.5Gbps".to_owned());
        let interface = random.maybe(|_| "interface \"eth1/0.7\"".to_owned());
        let mtu = random.maybe(|random| format!("mtu {}", 68 + random.below(9000)));
        let state = random.maybe(|random| format!("state {}", random.pick(&["locked", "unlocked"])));
        format!("port p1 {{\n{rate}{interface}{mtu}{state}{}}}", entity(random))
    });
    text + "}\n"
}

fn radio(tenants: &[String], random: &mut Random) -> String {
    let mut text = "  radio r1 {\n  channel 149  width 20MHz  standard 802.11ax\n".to_owned();
    text += &random.maybe(|_| "band 5GHz".to_owned());
    text += &random.maybe(|random| format!("power {}dBm", random.decimal(30, 3)));
    text += &random.maybe(|_| "country ES".to_owned());
    text += &random.maybe(|random| format!("interface {}", random.pick(&["\"wlan0\"", "\"phy0-ap0\""])));
    text += &random.maybe(|random| format!("efficiency {}", random.decimal(9, 3)));
    text += &random.maybe(|random| format!("state {}", random.pick(&["locked", "unlocked"])));
    text += &random.maybe(|random| sharing(random, tenants, true));
    text + &entity(random) + "}\n"
}

fn cell(kind: &str, name: &str, tenants: &[String], others: &[String], random: &mut Random) -> String {
    let band = if kind == "enb" { "b7  carrier 2.68GHz" } else { "n77  carrier 4.05GHz  scs 30kHz" };
    let mut text = format!("  cell {name} {{\n  band {band}  bandwidth 20MHz\n");
    text += &random.maybe(|random| format!("tdd \"DDDSU\"{}", random.pick(&["", " offset 2ms", " offset 1.5us"])));
    text += &random.maybe(|_| "uplink carrier 2.56GHz".to_owned());
    text += &random.maybe(|random| format!("duplex {}", random.pick(&["tdd", "fdd"])));
    text += &random.maybe(|random| format!("prbs {}", 1 + random.below(273)));
    text += &random.maybe(|random| format!("local-id {}", random.below(1 << 30)));
    text += &random.maybe(|random| format!("pci {}", random.below(1008)));
    text += &random.maybe(|random| format!("tac {}", random.below(1 << 24)));
    text += &random.maybe(|random| format!("power -{}dBm", random.decimal(30, 3)));
    text += &random.maybe(|_| "ssb 4.0499GHz".to_owned());
    text += &random.maybe(|random| format!("azimuth {}deg", random.decimal(359, 2)));
    text += &random.maybe(|random| format!("tilt {}deg", random.decimal(9, 2)));
    text += &random.maybe(|random| format!("layers {}", 1 + random.below(8)));
    text += &random.maybe(|_| "modulation 256qam".to_owned());
    text += &random.maybe(|random| format!("efficiency {}", random.decimal(9, 6)));
    if let Some(other) = others.first() {
        text += &random.maybe(|_| format!("neighbours {other}"));
        text += &random.maybe(|_| format!("aggregates with {other}"));
        text += &random.maybe(|_| format!("anchor {other}"));
    }
    text += &random.maybe(|random| format!("share-mode {}", random.pick(&["mocn", "moran"])));
    text += &random.maybe(|random| format!("state {}", random.pick(&["locked", "unlocked"])));
    text += &random.maybe(|random| sharing(random, tenants, false));
    text + &entity(random) + "}\n"
}

fn service(chunk: &str, name: &str, random: &mut Random) -> String {
    let mut text = format!("service {name} on {chunk} {{\n");
    text += &random.maybe(|random| format!("plmn {}", random.pick(&["001-001", "214-07"])));
    text += &random.maybe(|random| format!("slice {}", random.pick(&["0", "255:0000ff", "1:abcdef"])));
    text += &random.maybe(|random| format!("ssid {}", random.pick(&TEXTS)));
    text += &random.maybe(|random| format!("vlan {}", 1 + random.below(4094)));
    text += &random.maybe(|random| format!("ratio nr {}, wifi {}", random.percent(), random.percent()));
    text += &random.maybe(|_| "throughput dl 100Mbps, ul 1.5Gbps".to_owned());
    text += &random.maybe(|random| format!("latency {}", random.pick(&TIMES)));
    text += &random.maybe(|random| format!("ues {}", 1 + random.below(1000)));
    text + &entity(random) + "}\n"
}

fn sla(tenants: &[String], gnb: &str, random: &mut Random) -> String {
    let place = |random: &mut Random, gnb: &str| {
        random.pick(&["", " in site plaza", " in area some", " on node.@", " on @/c0"]).replace('@', gnb)
    };
    let mut text =
        format!("sla {} {{\n  over interfaces  share {} 60%, {} 40%\n", own("sla", 0, random), tenants[0], tenants[1]);
    text += &random.maybe(|random| format!("window {} every {}", random.pick(&TIMES), random.pick(&TIMES)));
    text += &random.maybe(|random| format!("floor {}", random.percent()));
    text += &random.maybe(|random| format!("direction {}", random.pick(&["dl", "ul", "both"])));
    text += &random.maybe(|random| format!("weight {}", random.pick(&["equal", "bandwidth", "capacity"])));
    text += &random.maybe(|random| format!("guarantee {} {}{}", tenants[0], random.percent(), place(random, gnb)));
    text += &random.maybe(|random| format!("cap {} {}{}", tenants[1], random.percent(), place(random, gnb)));
    text += &random.maybe(|random| format!("cap {} {}{}", tenants[0], random.percent(), place(random, gnb)));
    text += &random.maybe(|random| format!("others {}", random.pick(&["best-effort", "12.5%"])));
    text += &random.maybe(|random| format!("theta 0.{}", random.below(999)));
    text += &random.maybe(|_| "best effort".to_owned());
    text + &entity(random) + "}\n"
}

fn software(random: &mut Random) -> String {
    let mut text = random.maybe(|random| format!("demand {}", amounts(random)));
    text += &random.maybe(|random| format!("demand per e2-node cpu {}", random.decimal(1, 3)));
    text += &random.maybe(|random| format!("serves at most {} e2-nodes", 1 + random.below(99)));
    text += &random.maybe(|random| format!("cost {}", random.decimal(99, 2)));
    text += &random.maybe(|random| format!("processing {}", random.pick(&TIMES)));
    text += &random.maybe(|random| format!("pod-security {}", random.pick(&["restricted", "baseline", "privileged"])));
    text += &random
        .maybe(|random| format!("pull-secret {}", random.pick(&["\"login\"", "\"login\" pull-secret \"mirror.eu\""])));
    text += &random.maybe(|random| {
        let secret =
            random.pick(&["secret \"tls\" at \"/etc/tls\"", "secret \"db.eu\" key \"pass_word\" as PASS_WORD"]);
        format!("secret \"ca\" key \"ca.crt\" at \"/etc/ca\" {secret}")
    });
    text += &random.maybe(|random| format!("args {}", random.pick(&["\"-v\"", "\"a b\", \"--c=\""])));
    text += &random.maybe(|random| format!("env LOG_LEVEL {}", random.pick(&["\"debug\"", "\"a: b # c\""])));
    text += &random.maybe(|_| "annotation \"k8s.v1.cni.cncf.io/networks\" \"ran-e2\"".to_owned());
    text + &random
        .maybe(|random| format!("image {}", random.pick(&["\"registry.example/x:1.0\"", "\"localhost:5000/a_b/c\""])))
}

fn ric(random: &mut Random) -> String {
    let mut text = format!("ric {} {{\n  serves e2-nodes  candidates compute-nodes\n", own("ric", 0, random));
    text += &random.maybe(|_| "manage directory \"devices/ric\"".to_owned());
    text += &random.maybe(|random| {
        let dialect = random.pick(&["", " dialect osc", " dialect pms-v3 ric \"r 1\""]);
        let user = random.pick(&["", " as \"smo\""]);
        let tls = random.pick(&["", " certificate env C key file \"k\"", " token env T authority file \"ca.pem\""]);
        let types = random.pick(&["", " types \"ORAN_SliceSLATarget_1.0.0\" 20008, \"ORAN_QoSTarget_2.0.0\""]);
        format!("manage a1 \"https://ric.example:8433\"{dialect}{user}{tls}{types}")
    });
    // A block has one way to it.
    if text.matches("manage").count() > 1 {
        text = text.replacen("  manage directory \"devices/ric\"\n", "", 1);
    }
    text += &random.maybe(|_| "profile osc".to_owned());
    text += &random.maybe(|_| "pin e2t on \"edge 1\"".to_owned());
    text += &random.maybe(|_| "exclude edge-2".to_owned());
    text += &random.maybe(|random| format!("spread e2t across {}", random.pick(&["site", "region", "node"])));
    text += &random.maybe(|_| "serves at most 7 e2-nodes".to_owned());
    text += &format!("component e2t {{\n{}}}\n", software(random));
    text += &random.maybe(|random| format!("component nib {{\n{}}}", software(random)));
    let xapp = |name: &str, chain: &str, random: &mut Random| {
        let loop_ = random.maybe(|random| format!("loop {}", random.pick(&TIMES)));
        let sdl = random.maybe(|random| format!("sdl {}", random.pick(&["yes", "no"])));
        let version = random.maybe(|random| format!("version {}", random.pick(&TEXTS)));
        let replicas = random.maybe(|random| format!("replicas {}", 1 + random.below(9)));
        format!("xapp {name} {{\n{}{loop_}{sdl}{version}{replicas}{chain}{}}}\n", software(random), entity(random))
    };
    text += &xapp("steering", "  chain \"log all\", guard\n", random);
    text += &xapp("guard", "", random);
    text += &xapp("\"log all\"", "", random);
    text + &entity(random) + "}\n"
}

fn request(index: usize, gnb: &str, random: &mut Random) -> String {
    let terms = |random: &mut Random| {
        let within = random.maybe(|random| format!("within {}", random.pick(&TIMES)));
        let accuracy = random.maybe(|random| format!("accuracy {} {}", random.pick(&[">=", "<="]), random.percent()));
        let data = random.maybe(|random| {
            format!("data from {}", random.pick(&["target", "nodes @, \"edge 1\"", "compute-nodes"]).replace('@', gnb))
        });
        within + &accuracy + &data
    };
    let want = |random: &mut Random| {
        format!(
            "  want {} on {}\n",
            random.pick(&["forecast", "\"storm guard\"", "forecast, \"storm guard\""]),
            random.pick(&["e2-nodes", "nodes @", "compute-nodes"]).replace('@', gnb)
        )
    };
    let mut text = format!("request {} {{\n", own("request", index, random));
    text += &(want(random) + &terms(random));
    text += &random.maybe(|random| format!("target t {{\n{}{}}}", want(random), terms(random)));
    text += &random.maybe(|random| format!("value {}", random.decimal(99, 3)));
    text += &random.maybe(|random| format!("sharing {}", random.pick(&["yes", "no"])));
    text + &entity(random) + "}\n"
}

/// A network that compiles.
pub fn network(seed: u64) -> String {
    let random = &mut Random(seed);
    let tenants: Vec<String> = (0..2).map(|index| own("tenant", index, random)).collect();
    let mut text = "language 1\nowner team { contact \"t@x.example\" }\nsite plaza { region \"metro\" }\n".to_owned();
    for tenant in &tenants {
        text += &format!(
            "tenant {tenant} {{\n{}{}}}\n",
            random.maybe(|_| "plmn 001-01".to_owned()),
            random.maybe(|_| "vlan 7".to_owned())
        );
    }
    text += "node \"edge 1\" : compute { capacity cpu 8 }\nnode edge-2 : compute { capacity cpu 8 }\n";
    text += "model m { offers forecast performance 92%  offers \"storm guard\" performance 90%  demand cpu 1  runs 1ms on compute }\n";
    text += "area some { cells }\n";
    let names: Vec<String> =
        ["gnb", "enb", "ap"].iter().enumerate().map(|(index, kind)| own(kind, index, random)).collect();
    let first = format!("{}/c0", names[0]);
    for (index, kind) in ["gnb", "enb", "ap"].into_iter().enumerate() {
        let others: &[String] = if index == 1 { std::slice::from_ref(&first) } else { &[] };
        text += &node(index, kind, &names[index], &tenants, others, random);
    }
    for (index, tenant) in tenants.iter().enumerate() {
        let (chunk, name) = (own("chunk", index, random), own("service", index, random));
        let what = random.pick(&["interfaces", "cells", "radios", "cells @"]).replace('@', &first);
        text += &format!(
            "chunk {chunk} for {tenant} {{\n  {what}\n{}{}}}\n",
            random.maybe(|random| format!("ratio {}", random.percent())),
            entity(random)
        );
        text += &service(&chunk, &name, random);
    }
    text += &sla(&tenants, &names[0], random);
    text += &ric(random);
    text += &request(0, &names[0], random);
    text + &request(1, &names[0], random)
}
