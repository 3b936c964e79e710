//! The files of a project: [`read`], put together from [`modules`] with their [`parameter`]s, changed by an
//! [`overlay`], resolved.

mod modules;
mod overlay;
mod parameter;
mod read;

#[cfg(test)]
mod refused;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_grammar::ast::{Block, Noun};
use ranform_network::diagnostic::has_errors;
use ranform_network::{Diagnostic, Network, SourceId, Sources, World};
use rayon::prelude::*;

use crate::damage::{Damage, TableSource};
use crate::resolve::settle::Declared;
use crate::resolve::{Program, resolve};
use crate::tables::{self, Table};

/// What to compile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileOptions {
    /// The folder whose intent files are the project, relative to the world's root; empty for the root itself.
    pub folder: String,
    /// Values of the project's parameters, as given on the command line: name and text.
    pub variables: Vec<(String, String)>,
    /// The overlay to lay over the project.
    pub overlay: Option<String>,
}

/// What became of a project.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// What was meant; complete only where there is no error among the findings.
    pub network: Network,
    /// Every text that was read, for places in findings.
    pub sources: Sources,
    /// What was found, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file read, by path, with its bytes: what a digest of the intents is made of.
    pub files: Vec<(String, Arc<[u8]>)>,
    /// The overlays that the project declares, sorted.
    pub overlays: Vec<String>,
    /// What the errors among the findings damage: the rules are judged of the rest.
    pub damage: Damage,
}

/// Compiles a project: reads, parses and resolves it. Everything independent that is wrong is reported; the
/// rules that need the whole network are in [`mod@crate::check`].
pub fn compile(world: &dyn World, options: &CompileOptions) -> Compiled {
    let mut reader = read::Reader::new(world);
    let mut loaded = modules::load(&mut reader, &options.folder, &options.variables);
    let mut findings = Vec::new();
    overlay::twice(&loaded, &mut findings);
    let overlays = overlay::names(&loaded);
    let unplaced = options.overlay.as_ref().map(|name| overlay::apply(&mut loaded, name, &mut findings));
    let modules::Loaded { scopes, files, refused } = &loaded;
    let numbered =
        || files.iter().enumerate().flat_map(|(scope, files)| files.iter().map(move |file| (&**file, scope as u32)));
    let texts = table_texts(&mut reader, numbered().flat_map(|(file, _)| &file.blocks));
    let mut program = Program::of_files(scopes, numbered());
    let read: Vec<_> = program.of(Noun::Table).par_iter().map(|declared| table(declared, &texts)).collect();
    let mut tables = Vec::with_capacity(read.len());
    let mut lost = Vec::new();
    for ((table, findings), declared) in read.into_iter().zip(program.of(Noun::Table)) {
        if table.is_none() || has_errors(&findings) {
            lost.extend(declared.as_block().and_then(tables::noun_of));
        }
        reader.report(findings);
        tables.extend(table);
    }
    program.lost = lost;
    program.incomplete = *refused;
    overlay::over_rows(&unplaced.unwrap_or_default(), &mut tables, &mut findings);
    reader.report(findings);
    program.add_tables(&tables);
    let (network, findings) = resolve(&program, &reader.sources);
    let lost = program.incomplete || !program.lost.is_empty();
    let rows = table_sources(program.of(Noun::Table), &texts);
    let (sources, files_read, mut diagnostics) = reader.into_parts();
    diagnostics.extend(findings);
    ranform_network::diagnostic::sort(&mut diagnostics);
    let damage = match lost {
        true => Damage::everywhere(),
        false => Damage::of(&diagnostics, files.iter().flatten().map(|file| &**file), &rows, &sources),
    };
    Compiled { network, sources, diagnostics, files: files_read, overlays, damage }
}

/// The sources that tables read, with what their rows become.
fn table_sources(tables: &[Declared<'_>], texts: &Texts) -> Vec<TableSource> {
    let source = |block: &Block| {
        let named = tables::file_of(block)?;
        let (source, _) = texts.get(&(named.span.source, named.value.to_string()))?;
        Some((*source, tables::noun_of(block)))
    };
    tables.iter().filter_map(Declared::as_block).filter_map(source).collect()
}

/// The overlays that a project declares, by name, sorted.
pub fn overlays(world: &dyn World) -> Vec<String> {
    let mut reader = read::Reader::new(world);
    overlay::names(&modules::load(&mut reader, "", &[]))
}

/// The texts of the files that tables name, by the path as seen from the project.
type Texts = BTreeMap<(SourceId, String), (SourceId, Arc<str>)>;

/// Reads the files that table blocks name, each once.
fn table_texts<'b>(reader: &mut read::Reader<'_>, blocks: impl Iterator<Item = &'b Block>) -> Texts {
    let mut texts = Texts::new();
    for block in blocks.filter(|block| block.noun.value == Noun::Table) {
        let Some(named) = tables::file_of(block) else { continue };
        let key = (named.span.source, named.value.to_string());
        if texts.contains_key(&key) {
            continue;
        }
        if let Some(text) = reader.text(named.value, named.span) {
            texts.insert(key, text);
        }
    }
    texts
}

fn table<'a>(declared: &Declared<'a>, texts: &Texts) -> (Option<Table<'a>>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let table = declared.as_block().and_then(|block| {
        let named = tables::file_of(block)?;
        let (source, text) = texts.get(&(named.span.source, named.value.to_string()))?;
        Table::new(block, declared.scope, *source, text.clone(), &mut findings)
    });
    (table, findings)
}
