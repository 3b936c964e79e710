//! Prints how long the parser takes for 100,000 entities.
#![allow(clippy::expect_used)]
use std::fmt::Write;
use std::time::Instant;

use ranform_network::SourceId;

fn main() {
    let text = text(10_000);
    for _ in 0..3 {
        let start = Instant::now();
        let parsed = ranform_grammar::parse(SourceId(0), &text);
        let seconds = start.elapsed().as_secs_f64();
        let megabytes = text.len() as f64 / 1e6;
        println!("parse: 100000 entities, {megabytes:.1} MB, {seconds:.3} s, {} findings", parsed.diagnostics.len());
        for d in parsed.diagnostics.iter().take(3) {
            println!("{d:?}");
        }
    }
}

/// `nodes` nodes with nine cells each.
fn text(nodes: usize) -> String {
    let mut text = String::new();
    for node in 0..nodes {
        let site = node % 100;
        write!(
            text,
            "node gnb-{node} : gnb {{\n  site plaza-{site}\n  profile 3gpp-r18\n  plmn 001-01\n  gnb-id {node}/22\n  \
             capacity cpu 32, memory 64GB, storage 256GB\n  manage netconf \"192.0.2.11:830\" as \"ranform\" key env RAN_KEY\n"
        )
        .expect("a string takes all");
        for cell in 0..9 {
            let identity = (node * 9 + cell) % 1008;
            writeln!(
                text,
                "  cell nr-{cell} {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id {cell}  \
                 pci {identity}  tac 7  power 30dBm  sharing prb }}"
            )
            .expect("a string takes all");
        }
        text.push_str("}\n");
    }
    text
}
