//! Where names and parameters are looked up: the project, or one use of a module.

use std::collections::{BTreeMap, BTreeSet};

use ranform_grammar::ast::{Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::{Address, Diagnostic, Located, Span};

use super::suggest;

/// The number of a [`Scope`]; 0 is the project.
pub(crate) type ScopeId = u32;

/// The project or one use of a module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Its number.
    pub id: ScopeId,
    /// The scopes that names are looked up in: this one first, the project last.
    pub chain: Vec<ScopeId>,
    /// The modules it lies in, outermost first, as used.
    pub modules: Vec<Word>,
    /// What its parameters stand for.
    pub parameters: BTreeMap<Word, Located<Value>>,
    /// Parameters that have no value, which was reported: using one is no second error.
    pub unset: BTreeSet<Word>,
}

impl Scope {
    /// What the parameter used at `span` stands for; none, reported unless it was before, where there is no such value.
    pub fn parameter(&self, name: &Word, span: Span, report: impl FnOnce(Diagnostic)) -> Option<&Located<Value>> {
        let found = self.parameters.get(name);
        if found.is_none() && !self.unset.contains(name) {
            let known = self.parameters.keys().chain(&self.unset).map(Word::as_str);
            let help =
                suggest::or_say(suggest::nearest(name, known), || format!("declare it: `parameter {name} = ..`"));
            let message = format!("there is no parameter `{name}`");
            report(Diagnostic::error(&codes::UNKNOWN_PARAMETER, span, message).help(help));
        }
        found
    }

    /// The address of a top-level entity declared in this scope.
    pub fn address(&self, noun: &str, name: &str) -> Address {
        self.modules.iter().rev().fold(Address::new(noun, name), |address, module| address.inside_module(module))
    }
}
