//! Embeds the pages of the diagnostic codes, so that `ranform explain RF101` needs no book at hand.

use std::fmt::Write;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new("../docs/src/codes");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut pages = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if id.starts_with("RF") && path.extension().is_some_and(|extension| extension == "md") {
                pages.push(id);
            }
        }
    }
    pages.sort();
    let mut text = String::from("/// Every code's page: id and Markdown.\nconst PAGES: &[(&str, &str)] = &[\n");
    for id in pages {
        // Found from the package at compile time: what this writes stays good when the checkout moves.
        let path = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../docs/src/codes/{id}.md\")");
        let _ = writeln!(text, "    ({id:?}, include_str!({path})),");
    }
    text.push_str("];\n");
    let out = std::env::var("OUT_DIR").map_err(std::io::Error::other)?;
    std::fs::write(Path::new(&out).join("code_pages.rs"), text)
}
