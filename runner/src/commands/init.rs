//! `ranform init`: a small network to start from, in a folder that has no intents yet.

use serde_json::json;

use crate::cli::{InitArgs, Session, fail, say, say_json};
use crate::exit::Exit;
use crate::failure;

/// What is written: the quickstart, which the tests plan and apply.
const FILES: [(&str, &str); 2] = [
    ("main.intent", include_str!("../../../intents/quickstart/main.intent")),
    (".gitignore", "/.ranform/\n*.ranplan\n"),
];

/// Writes the files; overwrites none.
pub fn run(session: &Session, args: &InitArgs) -> Exit {
    match std::fs::read_dir(&session.folder) {
        Err(error) => return fail(failure::file(&session.folder, &error)),
        Ok(entries) => {
            if let Some(entry) = entries.flatten().find(|entry| entry.path().extension().is_some_and(|e| e == "intent"))
            {
                let message = format!("this is a project already: there is `{}`", entry.file_name().to_string_lossy());
                return fail(failure::usage(message, "nothing was written; `ranform check` says what is in it"));
            }
        }
    }
    let mut wrote = Vec::new();
    for (name, text) in FILES {
        let path = session.folder.join(name);
        if path.exists() {
            continue;
        }
        if let Err(error) = std::fs::write(&path, text) {
            return fail(failure::file(&path, &error));
        }
        wrote.push(name);
    }
    if args.json {
        say_json(&json!({ "format_version": "1.0", "wrote": wrote, "exit_code": 0 }));
    } else {
        say(&wrote.iter().map(|name| format!("wrote {name}\n")).collect::<String>());
        say("Next: ranform plan, then ranform apply\n");
    }
    Exit::Ok
}
