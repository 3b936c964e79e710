//! Where names and parameters are looked up: the project, or one use of a module.

use std::collections::BTreeMap;

use ranform_grammar::ast::{Value, Word};
use ranform_network::{Address, Located};

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
}

impl Scope {
    /// The address of a top-level entity declared in this scope.
    pub fn address(&self, noun: &str, name: &str) -> Address {
        self.modules.iter().rev().fold(Address::new(noun, name), |address, module| address.inside_module(module))
    }
}
