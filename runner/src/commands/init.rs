//! `ranform init`: a small network to start from, in a folder that has no intents yet.

use crate::cli::{Session, fail, say};
use crate::exit::Exit;
use crate::failure;

/// What is written: the quickstart, which the tests plan and apply.
const FILES: [(&str, &str); 2] = [
    ("main.intent", include_str!("../../../intents/quickstart/main.intent")),
    (".gitignore", "/.ranform/\n*.ranplan\n"),
];

/// Writes the files; overwrites none.
pub fn run(session: &Session) -> Exit {
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
    for (name, text) in FILES {
        let path = session.folder.join(name);
        if path.exists() {
            continue;
        }
        if let Err(error) = std::fs::write(&path, text) {
            return fail(failure::file(&path, &error));
        }
        say(&format!("wrote {name}\n"));
    }
    say("Next: ranform plan, then ranform apply\n");
    Exit::Ok
}
