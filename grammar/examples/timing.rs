//! Times the raw parser.
use pest::Parser;
use ranform_grammar::parse::rules::{Intent, Rule};
fn main() {
    let mut text = String::new();
    for i in 0..2000 {
        text.push_str(&format!("node gnb-{i} : gnb {{\n  site plaza-{}\n  profile 3gpp-r18\n  plmn 001-01\n  gnb-id {i}/22\n  capacity cpu 32, memory 64GB, storage 256GB\n  manage netconf \"192.0.2.11:830\" as \"ranform\" key env RAN_KEY\n", i % 100));
        for j in 0..9 {
            text.push_str(&format!("  cell nr-{j} {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id {j}  pci {}  tac 7  power 30dBm  sharing prb }}\n", (i * 9 + j) % 1008));
        }
        text.push_str("}\n");
    }
    let start = std::time::Instant::now();
    let pairs = match Intent::parse(Rule::chunk_of_file, &text) {
        Ok(p) => p,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let t = start.elapsed();
    println!("{} bytes, 20000 entities, {:?}, {:.1} MB/s", text.len(), t, text.len() as f64 / t.as_secs_f64() / 1e6);
    println!("{}", pairs.flatten().count());
    let small = &text[..text.find("}\n}\n").unwrap() + 4];
    let start = std::time::Instant::now();
    let mut n = 0;
    while n < text.len() {
        Intent::parse(Rule::chunk_of_file, small).unwrap();
        n += small.len();
    }
    let t = start.elapsed();
    println!("by block: {:?} {:.1} MB/s", t, n as f64 / t.as_secs_f64() / 1e6);
}
