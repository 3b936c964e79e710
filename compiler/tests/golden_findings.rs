//! Each folder `golden/error-<name>` whose name is that of a check's diagnostic code triggers that code, and no error besides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use ranform_compiler::{CompileOptions, check, compile};
use ranform_network::diagnostic::{Severity, codes};
use ranform_network::source::MemoryWorld;

/// The findings of a folder: code and message of each, errors first.
fn findings(folder: &Path) -> Vec<(Severity, &'static str, String)> {
    let mut world = MemoryWorld::default();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        world = world.with(name, std::fs::read(&file).unwrap());
    }
    let compiled = compile(&world, &CompileOptions::default());
    let mut all = compiled.diagnostics;
    all.extend(check::run(&compiled.network));
    let mut all: Vec<_> = all.into_iter().map(|one| (one.severity, one.code.name, one.message)).collect();
    all.sort();
    all
}

#[test]
fn every_error_folder_triggers_its_code() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    let mut wrong = Vec::new();
    let mut judged = 0;
    let mut folders: Vec<_> = std::fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let Some(code) = name.strip_prefix("error-").and_then(codes::find) else { continue };
        // The codes of the checks; what the parser and the resolver refuse is judged in their own tests, and what only a
        // solved network shows (RF721, RF722) in those of the plan.
        let is_checked = ("RF320".."RF613").contains(&code.id) || ("RF701".."RF760").contains(&code.id);
        if !is_checked || ["RF721", "RF722"].contains(&code.id) {
            continue;
        }
        let found = findings(&folder);
        let there = found.iter().any(|(_, name, _)| *name == code.name);
        let others = found.iter().any(|(severity, name, _)| *severity == Severity::Error && *name != code.name);
        if !there || others {
            wrong.push(format!("{name}: {found:#?}"));
        }
        judged += 1;
    }
    assert!(wrong.is_empty(), "{} of {judged} folders are wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged > 80, "only {judged} folders were judged");
}
