//! The page of the book: what the last full run wrote, put together.

use std::path::{Path, PathBuf};

/// The figures, in the order of the page.
const FIGURES: [&str; 11] = [
    "rico-7",
    "rico-8",
    "orchestran-5",
    "orchestran-6",
    "orchestran-6-partly",
    "orchestran-7",
    "orchestran-8",
    "orchestran-9",
    "orchestran-11",
    "targets-placement",
    "targets-orchestration",
];

const OPENING: &str = "# The papers' figures, and the targets

RIC-O (placement) and OrchestRAN (orchestration) reproduced by our optimizers, and what is asked of these. One command makes
all of it anew, tables on stdout, pictures in `target/figures/`:

    make bench                      # everything, slicing and the compiler too; about an hour on two cores
    RANFORM_BENCH=quick make bench  # small sizes and few seeds, a few minutes
    cargo run --manifest-path bench/Cargo.toml --bin optimizers -- rico        # one paper; a name, or how names begin
    cargo run --manifest-path bench/Cargo.toml --bin optimizers -- book        # this page from the last run

Instances come from seeds (`optimizers/tests/support`), so the answers are the same everywhere; the times are those of two
cores that also did other work, which is why processor time stands first. A dashed line or a number called \"paper\" is what the
text of the paper says; its plots are not readable from the text, so no other value of theirs is shown.
";

/// Writes the page and its pictures into the book.
pub fn write(figures: &Path) -> Result<(), String> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/optimizers");
    let mut page = OPENING.to_owned();
    for figure in FIGURES {
        // What the last run did not make is left out, and said.
        match std::fs::read_to_string(figures.join(format!("{figure}.md"))) {
            Ok(text) => page = format!("{page}\n{text}"),
            Err(error) => eprintln!("left out {figure}: {error}"),
        }
    }
    std::fs::create_dir_all(book.join("figures")).map_err(|error| error.to_string())?;
    for picture in pictures(figures)? {
        let name = picture.file_name().unwrap_or_default();
        std::fs::copy(&picture, book.join("figures").join(name)).map_err(|error| error.to_string())?;
    }
    std::fs::write(book.join("figures.md"), page).map_err(|error| error.to_string())
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut pictures: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    pictures.retain(|path| path.extension().is_some_and(|extension| extension == "svg"));
    pictures.sort();
    Ok(pictures)
}
