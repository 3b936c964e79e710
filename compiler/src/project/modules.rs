//! Modules: a folder of intent files used under a name, with parameters. Each use is a scope of its own, so that one
//! folder serves several times; circles and deep nesting are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ranform_grammar::ast::{Block, File, Noun, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Located, Span};

use super::parameter::{declared, given, unset};
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
    /// Whether a use of a module was refused: what it declares is missing.
    pub refused: bool,
}

/// Reads a project and the modules it uses.
pub(crate) fn load(reader: &mut Reader<'_>, folder: &str, variables: &[(String, String)]) -> Loaded {
    let all: Vec<Arc<File>> = reader.intents(folder).into_iter().map(Arc::new).collect();
    let known = all.iter().map(|file| folder_of(&reader.path(file.source)).to_owned()).collect();
    let mut loader = Loader { reader, loaded: Loaded::default(), folders: BTreeMap::new(), known, unused: Vec::new() };
    let files = loader.outside_modules(all, folder);
    let mut findings = Vec::new();
    let parameters = declared(&files);
    let values = super::parameter::of_command_line(variables);
    let scope = Scope { id: 0, chain: vec![0], ..Scope::default() };
    let values = given(&parameters, &values, &scope, None, &mut findings);
    loader.reader.report(findings);
    let unset = unset(&parameters, broken_parameters(&files), &values);
    loader.loaded.scopes.push(Scope { parameters: values, unset, ..scope });
    loader.loaded.files.push(files);
    loader.uses_of(0, &mut vec![folder.to_owned()]);
    // A use that was refused may have meant one of them.
    if !loader.loaded.refused {
        let unused = std::mem::take(&mut loader.unused);
        loader.reader.report(unused);
    }
    loader.loaded
}

/// The names of parameters whose declaration could not be read.
fn broken_parameters(files: &[Arc<File>]) -> impl Iterator<Item = Word> + '_ {
    let broken = files.iter().flat_map(|file| &file.broken).filter(|broken| broken.keyword == "parameter");
    broken.filter_map(|broken| broken.name.clone())
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether the file or folder at `path` lies below `folder`.
fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

struct Loader<'r, 'w> {
    reader: &'r mut Reader<'w>,
    loaded: Loaded,
    /// The files of each module folder read so far.
    folders: BTreeMap<String, Vec<Arc<File>>>,
    /// The folders of the project that hold intent files.
    known: BTreeSet<String>,
    /// What is said of modules that nobody uses.
    unused: Vec<Diagnostic>,
}

impl Loader<'_, '_> {
    /// The files below `base` that are not of a module: not inside a folder that one of them uses as one, and not inside
    /// a subfolder that declares parameters, which only a module does.
    fn outside_modules(&mut self, files: Vec<Arc<File>>, base: &str) -> Vec<Arc<File>> {
        let mut folders: BTreeSet<String> = files
            .iter()
            .flat_map(|file| {
                let path = self.reader.path(file.source);
                modules(file).filter_map(move |block| beside(&path, from(block)?.value.as_str()))
            })
            .filter_map(|folder| self.meant(&folder))
            .filter(|folder| folder != base && is_below(folder, base))
            .collect();
        for file in &files {
            let path = self.reader.path(file.source);
            let parameter = file.blocks.iter().find(|block| block.noun.value == Noun::Parameter);
            let Some(parameter) = parameter.filter(|_| folder_of(&path) != base) else { continue };
            if folders.iter().any(|folder| is_below(&path, folder)) {
                continue;
            }
            self.unused.push(unused(folder_of(&path), parameter));
            folders.insert(folder_of(&path).to_owned());
        }
        let inside = |path: &str| folders.iter().any(|folder| is_below(path, folder));
        files.into_iter().filter(|file| !inside(&self.reader.path(file.source))).collect()
    }

    /// The folder that a use means: the one it names, that of the file it names, or the nearest there is.
    fn meant(&self, folder: &str) -> Option<String> {
        if self.known.iter().any(|known| known == folder || is_below(known, folder)) {
            return Some(folder.to_owned());
        }
        let parent = folder_of(folder);
        if folder.ends_with(".intent") && self.known.contains(parent) {
            return Some(parent.to_owned());
        }
        let known = self.known.iter().map(String::as_str).filter(|known| !known.is_empty());
        suggest::nearest(folder, known).map(str::to_owned)
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
            let finding = self.empty(&folder, source.span);
            return self.refuse(finding);
        }
        let scope = self.scope(outer, block, name, &files);
        let id = scope.id;
        self.loaded.scopes.push(scope);
        self.loaded.files.push(files);
        stack.push(folder);
        Some(id)
    }

    /// The finding about a use of a folder without intent files.
    fn empty(&self, folder: &str, span: Span) -> Diagnostic {
        if self.reader.is_file(folder) {
            let message = format!("`{folder}` is a file, and a module is a folder");
            return Diagnostic::error(&codes::EMPTY_MODULE, span, message).help("write the folder that the file is in");
        }
        let help = match self.meant(folder) {
            Some(near) => format!("did you mean the folder `{near}`?"),
            None => "a module is a folder with `.intent` files, named relative to this file".to_owned(),
        };
        Diagnostic::error(&codes::EMPTY_MODULE, span, format!("there are no intent files in `{folder}`")).help(help)
    }

    fn refuse(&mut self, finding: Diagnostic) -> Option<u32> {
        self.loaded.refused = true;
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
        let declared = declared(files);
        let parameters = given(&declared, &arguments, &outer, Some(name), &mut findings);
        self.reader.report(findings);
        let unset = unset(&declared, broken_parameters(files), &parameters);
        Scope { id, chain, modules, parameters, unset }
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

/// The finding about a folder that only a module can be, and that none is made of.
fn unused(folder: &str, parameter: &Block) -> Diagnostic {
    let span = parameter.name.as_ref().map_or(parameter.span, |name| name.span);
    let message = format!("nobody uses the module in `{folder}`: nothing in it is read");
    Diagnostic::warning(&codes::UNUSED_MODULE, span, message)
        .help(format!("write `module NAME from \"{folder}\"`; the parameters of the project stand in its own folder"))
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
