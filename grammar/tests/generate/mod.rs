//! Random trees of the whole language: each attribute and noun of the vocabulary, its values replaced by
//! others of their kind, comments and layout sprinkled over it. Seeded, so every failure repeats.

use ranform_grammar::ast::*;
use ranform_grammar::{parse, vocabulary};
use ranform_network::{Located, SourceId, Span};

const GRAMMAR: &str = include_str!("../../src/intent.pest");

/// A small generator of pseudo-random numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

fn here<T>(value: T) -> Located<T> {
    Located::new(value, Span::default())
}

fn label(random: &mut Random) -> Word {
    const NAMES: &[&str] =
        &["gnb-1", "plaza", "red", "share", "on", "site", "cells", "du", "x--y", "dl", "team-a", "percent"];
    if random.one_in(2) {
        return Word::from(random.pick(NAMES));
    }
    let middle: String = (0..random.below(20)).map(|_| random.pick(&['a', 'z', '0', '9', '-', 'q'])).collect();
    Word::from(format!("ab{middle}z"))
}

fn text(random: &mut Random) -> Word {
    let alphabet = [
        'a', 'Z', '0', ' ', '"', '\\', '\n', '\t', '#', '/', '{', '}', 'é', '中', '\u{202e}', '\u{7}', ',', '$', ';',
        '\r',
    ];
    Word::from((0..random.below(12)).map(|_| random.pick(&alphabet)).collect::<String>())
}

fn name(random: &mut Random) -> Word {
    if random.one_in(5) { text(random) } else { label(random) }
}

fn number(random: &mut Random) -> Number {
    Number::new(random.pick(&["0", "1", "-3", "4.05", "007", "123456789012345678901234567890", "0.000"])).unwrap()
}

fn address(random: &mut Random, wildcard: bool) -> Address {
    let modules = (0..random.below(2)).map(|_| label(random)).collect();
    let segments = (0..2 + random.below(2))
        .map(|_| Segment {
            noun: random.one_in(2).then(|| Word::from(random.pick(&["node", "cell", "vlan"]))),
            name: name(random),
        })
        .collect();
    let wildcard = match random.below(3) {
        0 if wildcard => Wildcard::Below,
        1 if wildcard => Wildcard::Children,
        _ => Wildcard::None,
    };
    Address { modules, segments, wildcard }
}

fn selection(random: &mut Random, depth: usize) -> Selection {
    let plural = [
        "cells",
        "radios",
        "ports",
        "interfaces",
        "nodes",
        "e2-nodes",
        "compute-nodes",
        "changes",
        "du",
        "near-rt-ric",
    ];
    let whole = ["site", "area", "node"];
    let is_whole = random.one_in(3);
    let among = Word::from(if is_whole { random.pick(&whole) } else { random.pick(&plural) });
    let one_name = |random: &mut Random| {
        if random.one_in(2) {
            here(address(random, false))
        } else {
            let segments = vec![Segment { noun: None, name: name(random) }];
            here(Address { modules: vec![], segments, wildcard: Wildcard::None })
        }
    };
    let names = (0..random.below(3) + usize::from(is_whole)).map(|_| one_name(random)).collect();
    let within = (0..random.below(2)).map(|_| (here(Word::from(random.pick(&whole))), here(name(random)))).collect();
    let condition = (depth > 0 && random.one_in(2)).then(|| Box::new(expression(random, depth - 1)));
    Selection { among: here(among), names, within, condition, span: Span::default() }
}

fn path(random: &mut Random) -> Vec<Word> {
    let mut words = vec![Word::from(random.pick(&["share", "label", "site", "count", "power", "Kind_2", "tdd"]))];
    for _ in 0..random.below(3) {
        words.push(name(random));
    }
    words
}

fn literal(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Text(text(random)),
        1 => Value::Number(number(random)),
        2 => Value::Quantity(number(random), random.pick(Unit::ALL)),
        3 => Value::Band(random.pick(&[Technology::Nr, Technology::Lte]), Number::new("77").unwrap()),
        4 => Value::Plmn(Word::from(random.pick(&["001-01", "1-1", "310-410"]))),
        5 => Value::Slice(Word::from(random.pick(&["1:000001", "256:ABCDEF0"]))),
        6 => Value::Date(Word::from("2026-12-31")),
        _ => Value::Address(Box::new(address(random, true))),
    }
}

pub fn expression(random: &mut Random, depth: usize) -> Expression {
    let inner = |random: &mut Random| expression(random, depth - 1);
    let boxed = |random: &mut Random| Box::new(expression(random, depth - 1));
    let several = |random: &mut Random| (0..2 + random.below(2)).map(|_| inner(random)).collect::<Vec<_>>();
    let comparisons = [
        Comparison::Equal,
        Comparison::Unequal,
        Comparison::Less,
        Comparison::AtMost,
        Comparison::More,
        Comparison::AtLeast,
    ];
    let term = match if depth == 0 { random.below(3) } else { random.below(12) } {
        0 => Term::Path(path(random)),
        1 => Term::Parameter(label(random)),
        2 => Term::Literal(literal(random)),
        3 => Term::Any(several(random)),
        4 => Term::All(several(random)),
        5 => Term::Not(boxed(random)),
        6 => Term::Compare(boxed(random), here(random.pick(&comparisons)), boxed(random)),
        7 => Term::OneOf(boxed(random), several(random)),
        8 => Term::Matches(boxed(random), here(text(random))),
        9 => Term::Sum(boxed(random), vec![(random.pick(&[Arithmetic::Plus, Arithmetic::Minus]), inner(random))]),
        10 => Term::Product(boxed(random), vec![(random.pick(&[Arithmetic::Times, Arithmetic::Over]), inner(random))]),
        _ if random.one_in(2) => Term::Count(Box::new(selection(random, depth - 1))),
        _ => {
            let of = random.one_in(2).then(|| Box::new(selection(random, depth - 1)));
            Term::Aggregate(here(random.pick(&Function::ALL)), path(random), of)
        }
    };
    Expression { term, span: Span::default() }
}

/// Another value of the same kind, where the grammar spells out none.
fn vary(random: &mut Random, value: &mut Value) {
    let is_spelled_out =
        |word: &Word| GRAMMAR.contains(&format!("\"{word}\"")) || word.contains('.') || !word.is_label();
    match value {
        Value::Word(word) if is_spelled_out(word) => {}
        Value::Word(_) if random.one_in(4) => *value = Value::Text(text(random)),
        Value::Word(word) => *word = label(random),
        Value::Text(word) => *word = text(random),
        Value::Number(old) => *old = number(random),
        Value::Quantity(old, _) => *old = number(random),
        Value::Address(old) => {
            let wildcard = old.wildcard != Wildcard::None;
            **old = address(random, wildcard);
        }
        Value::Selection(old) => **old = selection(random, 3),
        Value::Expression(old) => {
            let depth = 1 + random.below(4);
            // What is a single word or value would be read as that value.
            **old = Expression { term: Term::Not(Box::new(expression(random, depth))), span: Span::default() };
        }
        _ => {}
    }
}

fn comment(random: &mut Random) -> Comment {
    let words = ["", "why", "# section", "  indented", "{ \"", "// more", "é 中", "x\ty"];
    Comment { text: Word::from(random.pick(&words)), span: Span::default(), blank_before: random.one_in(2) }
}

fn trivia(random: &mut Random) -> Trivia {
    let mut trivia = Trivia { blank_before: random.one_in(3), same_line: random.one_in(3), comments: None };
    if random.one_in(4) {
        let leading: Vec<_> = (0..random.below(3)).map(|_| comment(random)).collect();
        let trailing = random.one_in(2).then(|| comment(random));
        if !leading.is_empty() || trailing.is_some() {
            trivia.comments = Some(Box::new(Comments { leading, trailing }));
        }
    }
    trivia
}

fn vary_block(random: &mut Random, block: &mut Block) {
    if let Some(name_of) = &mut block.name
        && block.noun.value != Noun::Component
    {
        name_of.value = name(random);
    }
    // The addresses of an overlay's `set` decide what may stand in it, and stay.
    if block.noun.value != Noun::Set {
        block.header.iter_mut().for_each(|value| vary(random, &mut value.value));
    }
    let Some(body) = &mut block.body else { return };
    body.one_line = random.one_in(2);
    if random.one_in(6) {
        body.trailing.push(comment(random));
    }
    for item in &mut body.items {
        match item {
            Item::Statement(statement) => {
                statement.values.iter_mut().for_each(|value| vary(random, &mut value.value));
                statement.trivia = trivia(random);
            }
            Item::Block(inner) => {
                vary_block(random, inner);
                inner.trivia = trivia(random);
            }
            Item::Broken(_) => unreachable!("examples have no mistakes"),
        }
    }
}

/// A block of `noun` with some of its attributes and nested nouns, from their examples.
fn block(random: &mut Random, noun: Noun) -> Block {
    let entry = vocabulary::entry(noun).unwrap();
    let mut block = read(noun, entry.example);
    if let Some(body) = &mut block.body
        && noun != Noun::Set
        && noun != Noun::Overlay
    {
        body.items.clear();
        let attributes: Vec<_> = vocabulary::attributes_of(noun).collect();
        let nested: Vec<_> = vocabulary::nouns_in(Some(noun)).map(|entry| entry.noun).collect();
        for _ in 0..random.below(8) {
            if !nested.is_empty() && random.one_in(3) {
                let inner = random.pick(&nested);
                body.items.push(Item::Block(Box::new(self::block(random, inner))));
            } else {
                let attribute = random.pick(&attributes);
                body.items.push(statement(noun, entry.example, attribute.example));
            }
        }
    }
    block
}

fn inside(noun: Noun, text: &str) -> String {
    match noun.parent() {
        Some(Noun::Node) => format!("node x : gnb {{ {text} }}"),
        Some(parent) => format!("{parent} x {{ {text} }}"),
        None => text.to_owned(),
    }
}

fn read(noun: Noun, text: &str) -> Block {
    let text = inside(noun, text);
    let parsed = parse(SourceId(0), &text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let block = parsed.file.blocks.into_iter().next().unwrap();
    if noun.parent().is_some() { block.items()[0].block().unwrap().clone() } else { block }
}

fn statement(noun: Noun, block: &str, statement: &str) -> Item {
    let head = &block[..block.find('{').unwrap()];
    read(noun, &format!("{head}{{ {statement} }}")).items()[0].clone()
}

/// A file of up to eight blocks.
pub fn file(seed: u64) -> File {
    let mut random = Random::new(seed);
    let mut file = File::default();
    if random.one_in(2) {
        file.language = Some(Language { version: here(Number::from(1)), trivia: trivia(&mut random) });
    }
    let nouns: Vec<_> = vocabulary::nouns_in(None).map(|entry| entry.noun).collect();
    for _ in 0..random.below(8) {
        let noun = random.pick(&nouns);
        let mut block = block(&mut random, noun);
        vary_block(&mut random, &mut block);
        block.trivia = trivia(&mut random);
        file.blocks.push(block);
    }
    if random.one_in(4) {
        file.trailing.push(comment(&mut random));
    }
    file
}
