//! Trees without places and layout, to compare what was written.

use ranform_network::{Located, SourceId, Span};

use super::{Block, Body, Comment, Expression, File, Item, Language, Selection, Statement, Term, Trivia, Value};

impl File {
    /// The same tree with every place, hash, empty line and `one_line` forgotten: two texts say the same,
    /// comments included, exactly when their plain trees are equal.
    pub fn plain(mut self) -> File {
        self.source = SourceId::default();
        if let Some(Language { version, trivia }) = &mut self.language {
            version.span = Span::default();
            forget_trivia(trivia);
        }
        self.blocks.iter_mut().for_each(forget_block);
        self.broken.iter_mut().for_each(|broken| broken.span = Span::default());
        self.trailing.iter_mut().for_each(forget_comment);
        self
    }
}

fn forget_block(block: &mut Block) {
    block.noun.span = Span::default();
    block.span = Span::default();
    block.hash = 0;
    if let Some(name) = &mut block.name {
        name.span = Span::default();
    }
    block.header.iter_mut().for_each(forget_value);
    forget_trivia(&mut block.trivia);
    if let Some(Body { items, trailing, one_line }) = &mut block.body {
        *one_line = false;
        trailing.iter_mut().for_each(forget_comment);
        items.iter_mut().for_each(forget_item);
    }
}

fn forget_item(item: &mut Item) {
    match item {
        Item::Statement(Statement { keyword, values, span, trivia }) => {
            keyword.span = Span::default();
            *span = Span::default();
            values.iter_mut().for_each(forget_value);
            forget_trivia(trivia);
        }
        Item::Block(block) => forget_block(block),
        Item::Broken(broken) => broken.span = Span::default(),
    }
}

fn forget_trivia(trivia: &mut Trivia) {
    trivia.blank_before = false;
    trivia.same_line = false;
    if let Some(comments) = &mut trivia.comments {
        comments.leading.iter_mut().for_each(forget_comment);
        comments.trailing.iter_mut().for_each(forget_comment);
    }
}

fn forget_comment(comment: &mut Comment) {
    comment.span = Span::default();
    comment.blank_before = false;
}

fn forget_value(value: &mut Located<Value>) {
    value.span = Span::default();
    match &mut value.value {
        Value::Selection(selection) => forget_selection(selection),
        Value::Expression(expression) => forget_expression(expression),
        Value::List(elements) => elements.iter_mut().for_each(forget_value),
        _ => {}
    }
}

fn forget_selection(selection: &mut Selection) {
    selection.span = Span::default();
    selection.among.span = Span::default();
    selection.names.iter_mut().for_each(|name| name.span = Span::default());
    for (noun, name) in &mut selection.within {
        noun.span = Span::default();
        name.span = Span::default();
    }
    if let Some(condition) = &mut selection.condition {
        forget_expression(condition);
    }
}

fn forget_expression(expression: &mut Expression) {
    expression.span = Span::default();
    match &mut expression.term {
        Term::Any(terms) | Term::All(terms) => terms.iter_mut().for_each(forget_expression),
        Term::Not(inner) => forget_expression(inner),
        Term::Compare(left, operator, right) => {
            operator.span = Span::default();
            forget_expression(left);
            forget_expression(right);
        }
        Term::OneOf(left, elements) => {
            forget_expression(left);
            elements.iter_mut().for_each(forget_expression);
        }
        Term::Matches(left, pattern) => {
            forget_expression(left);
            pattern.span = Span::default();
        }
        Term::Sum(first, rest) | Term::Product(first, rest) => {
            forget_expression(first);
            rest.iter_mut().for_each(|(_, operand)| forget_expression(operand));
        }
        Term::Count(selection) => forget_selection(selection),
        Term::Aggregate(function, _, selection) => {
            function.span = Span::default();
            selection.iter_mut().for_each(|selection| forget_selection(selection));
        }
        Term::Path(_) | Term::Parameter(_) | Term::Literal(_) => {}
    }
}
