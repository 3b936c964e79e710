//! Every code that resolving raises has a page whose example raises it, and a golden case that does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use ranform_compiler::{CompileOptions, compile};
use ranform_network::source::MemoryWorld;

/// The golden cases of resolving, with the code each raises.
const CASES: &[(&str, &str)] = &[
    ("error-duplicate-attribute", "RF105"),
    ("error-missing-attribute", "RF106"),
    ("error-without-effect", "RF111"),
    ("error-file-missing", "RF120"),
    ("error-file-outside", "RF121"),
    ("error-unknown-reference", "RF201"),
    ("error-duplicate-name", "RF202"),
    ("error-wrong-noun", "RF203"),
    ("error-empty-selection", "RF204"),
    ("error-unknown-selection", "RF205"),
    ("error-cycle", "RF206"),
    ("error-unknown-parameter", "RF210"),
    ("error-missing-parameter", "RF211"),
    ("error-empty-module", "RF212"),
    ("error-table-syntax", "RF220"),
    ("error-unknown-column", "RF221"),
    ("error-empty-key", "RF222"),
    ("error-table-mapping", "RF223"),
    ("error-unknown-path", "RF230"),
    ("error-expression-type", "RF231"),
    ("error-out-of-range", "RF303"),
    ("error-bad-plmn", "RF304"),
    ("error-bad-slice", "RF305"),
    ("error-bad-vlan", "RF306"),
    ("error-bad-ssid", "RF307"),
    ("error-bad-node-id", "RF308"),
    ("error-unknown-band", "RF309"),
    ("error-bad-date", "RF310"),
    ("error-secret-in-clear", "RF311"),
    ("error-unknown-function", "RF501"),
];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn codes(world: &MemoryWorld) -> Vec<&'static str> {
    compile(world, &CompileOptions::default()).diagnostics.iter().map(|finding| finding.code.id).collect()
}

#[test]
fn every_golden_case_raises_its_code_and_no_other_error() {
    for (case, id) in CASES {
        let mut world = MemoryWorld::default();
        for entry in std::fs::read_dir(project().join("golden").join(case)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_file() {
                world = world.with(name, std::fs::read(&path).unwrap());
            }
        }
        let found = codes(&world);
        assert!(found.contains(id), "{case}: {found:?}");
        // An empty selection may come along where there is nothing to select yet.
        assert!(found.iter().all(|other| other == id || *other == "RF204"), "{case}: {found:?}");
    }
}

#[test]
fn every_example_of_a_page_raises_its_code() {
    for (_, id) in CASES {
        let page = std::fs::read_to_string(project().join(format!("docs/src/codes/{id}.md"))).unwrap();
        let Some((_, rest)) = page.split_once("```intent,error\n") else { continue };
        let (example, _) = rest.split_once("```").unwrap();
        let found = codes(&MemoryWorld::default().with("main.intent", example));
        assert!(found.contains(id), "{id}: {found:?}\n{example}");
    }
}
