//! Tree to text: the one canonical format.
//!
//! Two blanks per level; statements share a line where the author had them on one and they fit, and so do
//! small blocks; at most one empty line in a row, kept where the author put it; every comment kept. Printing what was
//! read and reading it again gives the same tree, so printing twice changes nothing.

mod value;

use crate::ast::{Block, Body, Comment, File, Item, Language, Statement, Trivia, Word};
use crate::vocabulary;
use value::Units;

/// How many columns a line has: what is wider is broken at its commas, `and`s and `or`s.
pub const WIDTH: usize = 100;

/// The canonical text of `file`. What was reported when it was read and is not in the tree is not in the
/// text either, so a formatter prints only files without findings.
pub fn print(file: &File) -> String {
    let mut printer = Printer { out: String::new() };
    let mut first = true;
    if let Some(Language { version, trivia }) = &file.language {
        printer
            .with_trivia(trivia, 0, &mut first, |printer| printer.out.push_str(&format!("language {}", version.value)));
    }
    let mut open = None;
    for block in &file.blocks {
        open = printer.block_item(block, 0, &mut first, open);
    }
    printer.comments(&file.trailing, 0, &mut first);
    printer.out
}

/// The canonical text of one block, without the comments around it.
pub fn print_block(block: &Block) -> String {
    let mut printer = Printer { out: String::new() };
    printer.block(block, 0);
    printer.out
}

struct Printer {
    out: String,
}

impl Printer {
    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    fn comments(&mut self, comments: &[Comment], level: usize, first: &mut bool) {
        for comment in comments {
            if comment.blank_before && !*first {
                self.out.push('\n');
            }
            *first = false;
            self.indent(level);
            self.comment(&comment.text);
            self.out.push('\n');
        }
    }

    fn comment(&mut self, text: &Word) {
        self.out.push('#');
        let text = text.trim_end();
        if !text.is_empty() && !text.starts_with('#') {
            self.out.push(' ');
        }
        self.out.extend(text.chars().map(|character| if matches!(character, '\n' | '\r') { ' ' } else { character }));
    }

    /// Prints an item's comments and empty line, the item by `print`, and the comment that ends its line.
    fn with_trivia(&mut self, trivia: &Trivia, level: usize, first: &mut bool, print: impl FnOnce(&mut Self)) {
        self.comments(trivia.leading(), level, first);
        if trivia.blank_before && !*first {
            self.out.push('\n');
        }
        *first = false;
        self.indent(level);
        print(self);
        self.end_line(trivia);
    }

    fn end_line(&mut self, trivia: &Trivia) {
        if let Some(comment) = trivia.trailing() {
            self.out.push_str("  ");
            self.comment(&comment.text);
        }
        self.out.push('\n');
    }

    fn block(&mut self, block: &Block, level: usize) {
        if let Some(line) = one_line(block).filter(|line| 2 * level + line.chars().count() <= WIDTH) {
            self.out.push_str(&line);
            return;
        }
        self.out.push_str(&header(block).fill(2 * level, 2 * level + 4));
        let Some(body) = &block.body else { return };
        if body.items.is_empty() && body.trailing.is_empty() {
            self.out.push_str(" {}");
            return;
        }
        self.out.push_str(" {\n");
        self.body(body, level + 1);
        self.indent(level);
        self.out.push('}');
    }

    fn body(&mut self, body: &Body, level: usize) {
        let mut first = true;
        // The columns of the line before, where another item of its kind may join it.
        let (mut statements, mut blocks) = (None, None);
        for item in &body.items {
            match item {
                Item::Statement(statement) => {
                    statements = self.statement_item(statement, level, &mut first, statements);
                    blocks = None;
                }
                Item::Block(block) => {
                    blocks = self.block_item(block, level, &mut first, blocks);
                    statements = None;
                }
                Item::Broken(_) => (statements, blocks) = (None, None),
            }
        }
        self.comments(&body.trailing, level, &mut first);
    }

    /// Prints a statement, on the line before where it goes there. Gives the columns of a line that another may join.
    fn statement_item(
        &mut self,
        statement: &Statement,
        level: usize,
        first: &mut bool,
        open: Option<usize>,
    ) -> Option<usize> {
        let units = statement_units(statement);
        let flat = units.flat();
        let ends_open = statement.trivia.trailing().is_none();
        if let Some(columns) = open.and_then(|column| self.joined(column, &flat, &statement.trivia)) {
            return ends_open.then_some(columns);
        }
        let text = units.fill(2 * level, 2 * level + 4);
        self.with_trivia(&statement.trivia, level, first, |printer| printer.out.push_str(&text));
        (ends_open && !text.contains('\n')).then_some(2 * level + flat.chars().count())
    }

    /// As [`Self::statement_item`] for a block, which shares a line with others where it is on one itself.
    fn block_item(&mut self, block: &Block, level: usize, first: &mut bool, open: Option<usize>) -> Option<usize> {
        let line = one_line(block);
        let ends_open = block.trivia.trailing().is_none();
        if let (Some(column), Some(line)) = (open, &line)
            && let Some(columns) = self.joined(column, line, &block.trivia)
        {
            return ends_open.then_some(columns);
        }
        self.with_trivia(&block.trivia, level, first, |printer| printer.block(block, level));
        let columns = 2 * level + line?.chars().count();
        (ends_open && columns <= WIDTH).then_some(columns)
    }

    /// Prints an item on the line before, which has `column` columns, where its author had it there and it fits; gives the
    /// columns that the line has then.
    fn joined(&mut self, column: usize, text: &str, trivia: &Trivia) -> Option<usize> {
        let columns = column + 2 + text.chars().count();
        if !trivia.same_line || !trivia.leading().is_empty() || columns > WIDTH {
            return None;
        }
        self.out.pop();
        self.out.push_str("  ");
        self.out.push_str(text);
        self.end_line(trivia);
        Some(columns)
    }
}

fn header(block: &Block) -> Units {
    let mut units = Units::default();
    units.word(block.noun.as_str());
    if let Some(name) = &block.name {
        units.name(name);
    }
    units.values(&block.header);
    units
}

fn statement_units(statement: &Statement) -> Units {
    let mut units = Units::default();
    if statement.keyword.value != vocabulary::SELECTION {
        units.word(statement.keyword.value);
    }
    units.values(&statement.values);
    units
}

/// The block on one line, where the author had it so and no comment is in the way.
fn one_line(block: &Block) -> Option<String> {
    let mut line = header(block).flat();
    let Some(body) = &block.body else { return Some(line) };
    if body.items.is_empty() && body.trailing.is_empty() {
        line.push_str(" {}");
        return Some(line);
    }
    if !body.one_line || !body.trailing.is_empty() {
        return None;
    }
    let mut items = Vec::with_capacity(body.items.len());
    for item in &body.items {
        let (trivia, text) = match item {
            Item::Statement(statement) => (&statement.trivia, statement_units(statement).flat()),
            Item::Block(block) => (&block.trivia, one_line(block)?),
            Item::Broken(_) => continue,
        };
        if !trivia.leading().is_empty() || trivia.trailing().is_some() {
            return None;
        }
        items.push(text);
    }
    line.push_str(" { ");
    line.push_str(&items.join("  "));
    line.push_str(" }");
    Some(line)
}
