//! `ranform version`

use crate::cli::{VersionArgs, say, say_json};
use crate::exit::Exit;

/// Prints the version.
pub fn run(args: &VersionArgs) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        say_json(&serde_json::json!({ "format_version": "1.0", "ranform_version": version, "language": 1 }));
    } else {
        say(&format!("ranform {version}, language 1\n"));
    }
    Exit::Ok
}
