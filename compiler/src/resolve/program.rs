//! What is declared, as it was written: the input of resolving.

use std::collections::BTreeMap;

use ranform_grammar::ast::{File, Noun};
use ranform_network::Address;

use super::scope::Scope;
use super::settle::{Declared, Origin};
use crate::tables::{RowNoun, Table};

/// Everything declared: the blocks of each noun with their scopes, and what could not be read.
pub(crate) struct Program<'a> {
    /// The project and each use of a module.
    pub scopes: &'a [Scope],
    /// Blocks at top level, by noun.
    pub blocks: BTreeMap<Noun, Vec<Declared<'a>>>,
    /// What was reported by the parser: noun, scope, name.
    pub broken: Vec<(String, u32, String)>,
    /// Rows of latency tables.
    pub latencies: Vec<Declared<'a>>,
    /// How many rows each table has.
    pub populations: Vec<(Address, u64)>,
    /// What the tables that could not be read would have declared.
    pub lost: Vec<Noun>,
    /// Whether a module is missing.
    pub incomplete: bool,
}

impl<'a> Program<'a> {
    /// The program of one scope.
    pub fn of_files(scopes: &'a [Scope], files: impl IntoIterator<Item = (&'a File, u32)>) -> Self {
        let mut program = Self {
            scopes,
            blocks: BTreeMap::new(),
            broken: Vec::new(),
            latencies: Vec::new(),
            populations: Vec::new(),
            lost: Vec::new(),
            incomplete: false,
        };
        for (file, scope) in files {
            let Some(scope) = scopes.get(scope as usize) else { continue };
            for block in &file.blocks {
                program.blocks.entry(block.noun.value).or_default().push(Declared::block(block, scope));
            }
            for broken in &file.broken {
                let name = broken.name.as_ref().map(|name| name.to_string()).unwrap_or_default();
                program.broken.push((broken.keyword.to_string(), scope.id, name));
            }
        }
        program
    }

    /// Adds what the rows of tables declare.
    pub fn add_tables(&mut self, tables: &'a [Table<'a>]) {
        for table in tables {
            let rows = (0..table.rows.len() as u32).map(|row| Declared {
                scope: table.scope,
                origin: Origin::Row(table, row),
                node: None,
            });
            match table.noun {
                RowNoun::Noun(noun) => self.blocks.entry(noun).or_default().extend(rows),
                RowNoun::Latency => self.latencies.extend(rows),
            }
            let name = table.block.name.as_ref().map_or("", |name| name.value.as_str());
            self.populations.push((table.scope.address("table", name), table.rows.len() as u64));
        }
    }

    /// What is declared of a noun at top level, or in rows.
    pub fn of(&self, noun: Noun) -> &[Declared<'a>] {
        self.blocks.get(&noun).map_or(&[], Vec::as_slice)
    }
}
