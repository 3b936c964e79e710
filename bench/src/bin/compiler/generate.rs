//! Networks of any size as text: sites of ten gNBs of three cells each, as intents or as a table.

use std::fmt::Write;

/// A file's path in the project, and its text.
pub type File = (&'static str, String);

const TENANTS: &str = "tenant red { plmn 001-01  slice 1:000001 }\ntenant blue { plmn 001-02  slice 1:000002 }\n";

/// One intent file of about this many entities: per site 10 nodes, 30 cells with a neighbour each, two chunks and an SLA.
pub fn intents(entities: usize) -> Result<Vec<File>, std::fmt::Error> {
    let mut text = format!("language 1\n{TENANTS}");
    for site in 0..entities / 44 {
        writeln!(text, "site s{site} {{ region \"r{}\"  tier 1 }}", site % 50)?;
        for node in 0..10 {
            let identifier = site * 10 + node;
            writeln!(text, "node g{site}-{node} : gnb {{\n  site s{site}  profile 3gpp-r18  gnb-id {identifier}/22")?;
            for cell in 0..3 {
                writeln!(
                    text,
                    "  cell c{cell} {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  local-id {cell}  pci {}  tac 7  power 30dBm  neighbours g{site}-{}/c0 }}",
                    (site * 30 + node * 3 + cell) % 1008,
                    (node + 1) % 10
                )?;
            }
            writeln!(text, "}}")?;
        }
        writeln!(text, "chunk red-{site} for red {{ cells in site s{site} }}")?;
        writeln!(text, "chunk blue-{site} for blue {{ cells in site s{site} where band = n77 }}")?;
        writeln!(text, "sla s{site} {{ over site s{site}  share red 60%, blue 40%  window 100s every 10s }}")?;
    }
    Ok(vec![("main.intent", text)])
}

/// Sites and nodes as intents, and this many cells as rows of a CSV file with the operator's own column names.
pub fn table(cells: usize) -> Result<Vec<File>, std::fmt::Error> {
    let mut text = format!("language 1\n{TENANTS}");
    for site in 0..cells.div_ceil(30) {
        writeln!(text, "site s{site} {{ region \"r{}\" }}", site % 50)?;
        for node in 0..10 {
            writeln!(text, "node g{site}-{node} : gnb {{ site s{site} }}")?;
        }
    }
    text.push_str(
        "table cells from \"cells.csv\" {
  as cell on node  key \"Cell\"
  column node \"gNB\"  column band \"Band\"  column carrier \"Freq_MHz\" MHz  column bandwidth \"BW_MHz\" MHz
  column pci \"PCI\"  column tac \"TAC\"  column power \"Power\" dBm  column label.vendor \"Vendor\"
  set scs 30kHz
}
area metro { cells where site.region = \"r7\" and label.vendor = \"acme\" }
chunk red-metro for red { cells in area metro }
",
    );
    let mut rows = String::from("Cell,gNB,Band,Freq_MHz,BW_MHz,PCI,TAC,Power,Vendor,Remark\n");
    for cell in 0..cells {
        let (site, node, vendor) = (cell / 30, cell / 3 % 10, ["acme", "zeta"][cell % 2]);
        writeln!(rows, "c{cell},g{site}-{node},n77,4050,50,{},7,30.5,{vendor},\"roof, north\"", cell % 1008)?;
    }
    Ok(vec![("main.intent", text), ("cells.csv", rows)])
}
