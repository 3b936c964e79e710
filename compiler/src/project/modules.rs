//! Modules: a folder of intent files used under a name, with parameters. Each use is a scope of its own, so that one
//! folder serves several times; circles and deep nesting are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ranform_grammar::ast::{Block, File, Noun, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Located, Span};

use super::parameter::{declared, given};
use super::read::{Reader, beside};
use crate::resolve::scope::Scope;
use crate::resolve::suggest;

/// How deep modules may use modules.
const DEPTH: usize = 16;
/// How many uses of modules there may be.
const USES: usize = 10_000;

/// The scopes of a project and the files of each.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// The project first, then each use of a module.
    pub scopes: Vec<Scope>,
    /// The files of each scope; those of a module are shared by its uses until an overlay changes them.
    pub files: Vec<Vec<Arc<File>>>,
}

/// Reads a project and the modules it uses.
pub(crate) fn load(reader: &mut Reader<'_>, folder: &str, variables: &[(String, String)]) -> Loaded {
    let all: Vec<Arc<File>> = reader.intents(folder).into_iter().map(Arc::new).collect();
    let mut loader = Loader { reader, loaded: Loaded::default(), folders: BTreeMap::new() };
    let files = loader.outside_modules(all, folder);
    let mut findings = Vec::new();
    let parameters = declared(&files);
    let values = super::parameter::of_command_line(variables);
    let scope = Scope { id: 0, chain: vec![0], ..Scope::default() };
    let parameters = given(&parameters, &values, &scope, None, &mut findings);
    loader.reader.report(findings);
    loader.loaded.scopes.push(Scope { parameters, ..scope });
    loader.loaded.files.push(files);
    loader.uses_of(0, &mut vec![folder.to_owned()]);
    loader.loaded
}

struct Loader<'r, 'w> {
    reader: &'r mut Reader<'w>,
    loaded: Loaded,
    /// The files of each module folder read so far.
    folders: BTreeMap<String, Vec<Arc<File>>>,
}

impl Loader<'_, '_> {
    /// The files below `base` that are not inside a folder that one of them uses as a module.
    fn outside_modules(&self, files: Vec<Arc<File>>, base: &str) -> Vec<Arc<File>> {
        let folders: BTreeSet<String> = files
            .iter()
            .flat_map(|file| {
                let path = self.reader.path(file.source);
                modules(file).filter_map(move |block| beside(&path, from(block)?.value.as_str()))
            })
            .collect();
        let below = |path: &str, folder: &str| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        let inside =
            |path: &str| folders.iter().any(|folder| folder != base && below(folder, base) && below(path, folder));
        files.into_iter().filter(|file| !inside(&self.reader.path(file.source))).collect()
    }

    /// Makes a scope of each module that the files of `scope` use; `stack` are the folders that lead here.
    fn uses_of(&mut self, scope: u32, stack: &mut Vec<String>) {
        let files = self.loaded.files.get(scope as usize).cloned().unwrap_or_default();
        let mut names: BTreeMap<Word, Span> = BTreeMap::new();
        for file in &files {
            for block in modules(file) {
                let Some(name) = &block.name else { continue };
                if let Some(first) = names.insert(name.value.clone(), name.span) {
                    let finding = Diagnostic::error(
                        &codes::DUPLICATE_NAME,
                        name.span,
                        format!("module `{}` is used twice", name.value),
                    )
                    .and(first, "first used here")
                    .help("give one of the uses another name");
                    self.reader.report(vec![finding]);
                    continue;
                }
                if let Some(used) = self.enter(scope, block, name, stack) {
                    self.uses_of(used, stack);
                    stack.pop();
                }
            }
        }
    }

    /// The scope of one use; its folder is then on the stack.
    fn enter(&mut self, outer: u32, block: &Block, name: &Located<Word>, stack: &mut Vec<String>) -> Option<u32> {
        let source = from(block)?;
        let path = self.reader.path(source.span.source);
        let Some(folder) = beside(&path, source.value.as_str()) else {
            let message = format!("`{}` is outside the project", source.value);
            return self.refuse(
                Diagnostic::error(&codes::FILE_OUTSIDE, source.span, message)
                    .help("copy the module into the project: nothing outside is read"),
            );
        };
        if stack.contains(&folder) || stack.len() > DEPTH || self.loaded.scopes.len() > USES {
            let circle = stack.contains(&folder);
            let what = if circle { "uses itself" } else { "is one module too many" };
            let message = format!("module `{}` {what}", name.value);
            return self.refuse(
                Diagnostic::error(&codes::CYCLE, name.span, message)
                    .help("modules may use modules, but not in a circle and not without end"),
            );
        }
        if !self.folders.contains_key(&folder) {
            let files = self.reader.intents_of_module(&folder).into_iter().map(Arc::new).collect();
            let files = self.outside_modules(files, &folder);
            self.folders.insert(folder.clone(), files);
        }
        let files = self.folders.get(&folder).cloned().unwrap_or_default();
        if files.is_empty() {
            let message = format!("there are no intent files in `{folder}`");
            return self.refuse(
                Diagnostic::error(&codes::EMPTY_MODULE, source.span, message)
                    .help("a module is a folder with `.intent` files, named relative to this file"),
            );
        }
        let scope = self.scope(outer, block, name, &files);
        let id = scope.id;
        self.loaded.scopes.push(scope);
        self.loaded.files.push(files);
        stack.push(folder);
        Some(id)
    }

    fn refuse(&mut self, finding: Diagnostic) -> Option<u32> {
        self.reader.report(vec![finding]);
        None
    }

    fn scope(&mut self, outer: u32, block: &Block, name: &Located<Word>, files: &[Arc<File>]) -> Scope {
        let id = self.loaded.scopes.len() as u32;
        let outer = self.loaded.scopes.get(outer as usize).cloned().unwrap_or_default();
        let mut findings = Vec::new();
        let arguments: Vec<(Located<Word>, Located<Value>)> = block
            .statements("parameter")
            .filter_map(|statement| {
                let (name, value) = (statement.value(0)?, statement.value(1)?);
                Some((Located::new(name.value.name()?.clone(), name.span), value.clone()))
            })
            .collect();
        let chain = std::iter::once(id).chain(outer.chain.iter().copied()).collect();
        let modules = outer.modules.iter().cloned().chain([name.value.clone()]).collect();
        let scope = Scope { id, chain, modules, parameters: BTreeMap::new() };
        let parameters = given(&declared(files), &arguments, &outer, Some(name), &mut findings);
        self.reader.report(findings);
        Scope { parameters, ..scope }
    }
}

fn modules(file: &File) -> impl Iterator<Item = &Block> {
    file.blocks.iter().filter(|block| block.noun.value == Noun::Module)
}

/// The folder that a use names.
fn from(block: &Block) -> Option<Located<&Word>> {
    let value = block.after("from")?;
    Some(Located::new(value.value.name()?, value.span))
}

/// The finding about a parameter that a module does not have.
pub(super) fn no_such_parameter(name: &Located<Word>, module: &str, known: &[&str]) -> Diagnostic {
    let help = suggest::or_say(suggest::nearest(&name.value, known.iter().copied()), || match known.is_empty() {
        true => "it has no parameters".to_owned(),
        false => format!("it has {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    });
    let message = format!("{module} has no parameter `{}`", name.value);
    if name.span == Span::default() {
        return Diagnostic::error_nowhere(&codes::UNKNOWN_PARAMETER, message).help(help);
    }
    Diagnostic::error(&codes::UNKNOWN_PARAMETER, name.span, message).help(help)
}
