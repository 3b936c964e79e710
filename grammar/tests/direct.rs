//! What is read without the rules is what the rules give: trees, spans, hashes, findings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod generate;

use std::path::{Path, PathBuf};

use generate::Random;
use proptest::prelude::*;
use ranform_grammar::{parse, parse_by_rules, print};
use ranform_network::SourceId;

fn assert_same(text: &str) {
    assert_eq!(parse(SourceId(3), text), parse_by_rules(SourceId(3), text), "{text}");
}

/// Every intent file below a folder of the repository.
fn intents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            intents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "intent") {
            found.push(path);
        }
    }
}

#[test]
fn shipped_intents_and_golden_cases_read_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    ["intents", "golden"].iter().for_each(|folder| intents(&root.join(folder), &mut files));
    assert!(files.len() > 100);
    for file in files {
        assert_same(&String::from_utf8_lossy(&std::fs::read(file).unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_files_read_the_same(seed in any::<u64>()) {
        assert_same(&print(&generate::file(seed)));
    }
}

/// The shapes that are read directly, so that a mutation leaves them by one step only.
const PLAIN: &str = "site s1 { region \"r 1\"  tier 1  location 41.38 -2.17  label vendor acme  owner team-a }
node g1 : gnb {
  site s1  profile \"3gpp-r18\"  plmn 001-01  gnb-id 411/22  manage directory \"devices/g1\"  parent cu-1

  cell c0 {
    band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 1  pci 7  tac 7  power -3.5dBm
    sharing prb  neighbours g1/c0, c2,g2/c1 prbs 133  ssb 4.0499GHz azimuth 120deg tilt 4deg  layers 4
    modulation 256qam efficiency 5.2 state locked  label \"a b\" \"c d\"
  }
  cell c1{band b7 sharing passive}
  port p1 { rate 1Gbps  interface \"eth1\"  mtu 9000  state unlocked }
}
node sw : switch
site s2
";
const PIECES: [&str; 34] = [
    " ",
    "\n",
    "\n\n",
    "\t",
    "\r\n",
    "{",
    "}",
    "\"",
    "\\",
    "#",
    "// x\n",
    "/",
    ",",
    ".",
    ":",
    "-",
    "_",
    "$x",
    "0",
    "x",
    "A",
    "dl",
    "grid 1%",
    "home",
    " offset 2ms",
    "MHz",
    "%",
    "n77",
    "cell",
    "site ",
    "node ",
    "\u{e9}",
    "\u{feff}",
    "expect red 50%",
];

#[test]
fn plain_shapes_with_mistakes_read_the_same() {
    let mut random = Random::new(20_261_126);
    assert_same(PLAIN);
    for _ in 0..20_000 {
        let mut text: Vec<char> = PLAIN.chars().collect();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len());
            let end = (at + 1 + random.below(6)).min(text.len());
            match random.below(4) {
                0 => drop(text.drain(at..end)),
                1 => drop(text.splice(at..end, PIECES[random.below(PIECES.len())].chars())),
                2 => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
                _ => {
                    let piece = text[at..end].to_vec();
                    let to = random.below(text.len());
                    text.splice(to..to, piece);
                }
            }
        }
        assert_same(&text.into_iter().collect::<String>());
    }
}
