//! One value, converted: quantities to base units, identifiers to their types.
//!
//! Each conversion reports by itself what is wrong with the value and returns none.

use ranform_grammar::ast::{Expression, Number, Selection, Term, Unit, Value, Word};
use ranform_grammar::vocabulary;
use ranform_network::diagnostic::codes;
use ranform_network::network::Name;
use ranform_network::units::{BitsPerSecond, Bytes, Dbm, Degrees, Hertz, Nanoseconds, Share};
use ranform_network::{Code, Diagnostic, Located, Span};

use super::body::Body;
use super::quantity::{Dimension, percent};
use super::suggest;

/// One value of a statement, a parameter already replaced by what it stands for.
#[derive(Clone, Copy)]
pub(crate) struct Argument<'b, 'a> {
    /// Whose it is.
    pub body: &'b Body<'a>,
    /// The attribute it is of.
    pub keyword: &'b str,
    /// The value.
    pub value: &'b Value,
    /// Where it stands (the use of the parameter, where it is one).
    pub span: Span,
    /// Where the parameter got its value.
    given: Option<Span>,
    /// Whether a text may stand for a value of any kind: in tables, and on the command line.
    lenient: bool,
}

impl<'b, 'a> Argument<'b, 'a> {
    /// The value; none, with a finding, where it is a parameter that does not exist.
    pub fn new(body: &'b Body<'a>, keyword: &'b str, located: &'b Located<Value>) -> Option<Self> {
        let mut argument = Self {
            body,
            keyword,
            value: plain(&located.value),
            span: located.span,
            given: None,
            lenient: body.lenient,
        };
        if let Value::Parameter(name) = argument.value {
            let value = body.scope.parameter(name, located.span, |finding| body.report(finding))?;
            argument.value = plain(&value.value);
            argument.given = Some(value.span);
            argument.lenient = true;
        }
        Some(argument)
    }

    /// The same value, as that of another keyword in messages.
    pub fn of(self, keyword: &'b str) -> Self {
        Self { keyword, ..self }
    }

    /// Reports `message` about this value.
    pub fn report(&self, code: &'static Code, message: impl Into<String>, help: impl Into<String>) {
        let mut finding = Diagnostic::error(code, self.span, message).help(help);
        if let Some(given) = self.given.filter(|given| *given != Span::default()) {
            finding = finding.and(given, "the parameter gets its value here");
        }
        self.body.report(finding);
    }

    /// Reports that a value of another kind is wanted.
    pub fn wrong(&self, wanted: &str, example: &str) {
        let message = format!("`{}` wants {wanted}, not {}", self.keyword, describe(self.value));
        self.report(&codes::WRONG_VALUE, message, format!("write {example}"));
    }

    /// A name, bare or quoted. Numbers of a table are names too.
    pub fn name(&self) -> Option<Located<Word>> {
        let name = match self.value {
            Value::Word(word) | Value::Text(word) => Some(word.clone()),
            Value::Number(number) if self.lenient => Some(Word::from(number.as_str())),
            Value::Band(..) | Value::Plmn(_) | Value::Date(_) if self.lenient => {
                Some(Word::from(plain_text(self.value)))
            }
            _ => None,
        };
        match name {
            Some(name) if !name.is_empty() => self.visible(&name).then(|| Located::new(name, self.span)),
            Some(_) => {
                let help = if matches!(self.value, Value::Text(_)) {
                    "write a text that is not empty"
                } else {
                    "write a name"
                };
                self.report(&codes::WRONG_VALUE, format!("`{}` is empty", self.keyword), help);
                None
            }
            None => {
                self.wrong("a name", "a name such as `plaza`");
                None
            }
        }
    }

    /// Whether a text has no control character, which no device takes and every terminal obeys; reported if it has.
    pub(super) fn visible(&self, text: &str) -> bool {
        let allowed = |character: char| self.keyword == "because" && matches!(character, '\n' | '\t');
        let found = text.chars().find(|character| character.is_control() && !allowed(*character));
        if let Some(character) = found {
            let message = format!("`{}` cannot hold the character U+{:04X}", self.keyword, u32::from(character));
            self.report(&codes::WRONG_VALUE, message, "leave it out: it is a control character");
        }
        found.is_none()
    }

    /// A name or text, shared.
    pub fn text(&self) -> Option<Located<Name>> {
        self.name().map(|name| name.map(|word| word.as_str().into()))
    }

    /// The value of a label: any text, number or quantity as it is written.
    pub fn label(&self) -> Option<Name> {
        match self.value {
            Value::Number(_) | Value::Quantity(..) => Some(plain_text(self.value).into()),
            _ => self.text().map(|text| text.value),
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, choices: &[(T, &'static str)]) -> Option<Located<T>> {
        let text = plain_text(self.value);
        let found = choices.iter().find(|(_, word)| word.eq_ignore_ascii_case(&text));
        if let Some((choice, _)) = found {
            return Some(Located::new(*choice, self.span));
        }
        let words: Vec<_> = choices.iter().map(|(_, word)| format!("`{word}`")).collect();
        let help = match suggest::nearest(&text, choices.iter().map(|(_, word)| *word)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        self.report(&codes::WRONG_VALUE, format!("`{}` cannot be {}", self.keyword, describe(self.value)), help);
        None
    }

    /// Yes or no.
    pub fn yes(&self) -> Option<bool> {
        self.choice(&[(true, "yes"), (false, "no"), (true, "true"), (false, "false")]).map(|choice| choice.value)
    }

    /// A plain number.
    pub fn number(&self) -> Option<Located<f64>> {
        let number = match self.value {
            Value::Number(number) | Value::Quantity(number, Unit::Cores | Unit::Prbs) => number.to_f64(),
            Value::Slice(word) => word.parse().ok()?,
            Value::Text(text) if self.lenient => match Number::new(text.trim()) {
                Some(number) => number.to_f64(),
                None => return self.wrong_number(),
            },
            _ => return self.wrong_number(),
        };
        Some(Located::new(number, self.span))
    }

    /// A plain number that is not negative.
    pub fn amount(&self) -> Option<Located<f64>> {
        let number = self.number()?;
        if number.value < 0.0 {
            self.out_of_range("0 or more");
            return None;
        }
        Some(number)
    }

    /// A whole number of `least..=most`.
    pub fn whole(&self, least: u32, most: u32) -> Option<Located<u32>> {
        let whole = match self.value {
            Value::Number(number) | Value::Quantity(number, Unit::Cores | Unit::Prbs) => number.to_i64(),
            Value::Slice(word) => word.parse().ok(),
            Value::Text(text) if self.lenient => match Number::new(text.trim()) {
                Some(number) => number.to_i64(),
                None => return self.wrong_number(),
            },
            _ => return self.wrong_number(),
        };
        let fits = whole.and_then(|whole| u32::try_from(whole).ok()).filter(|whole| (least..=most).contains(whole));
        if fits.is_none() {
            self.out_of_range(&if most == u32::MAX {
                format!("a whole number, {least} or more")
            } else {
                format!("a whole number of {least} to {most}")
            });
        }
        fits.map(|whole| Located::new(whole, self.span))
    }

    /// A whole number of 0 to `most`, of any size.
    pub fn large(&self, most: u64) -> Option<Located<u64>> {
        let whole = match self.value {
            Value::Number(number) => number.to_i64(),
            Value::Text(text) if self.lenient => text.trim().parse().ok(),
            _ => return self.wrong_number(),
        };
        let fits = whole.and_then(|whole| u64::try_from(whole).ok()).filter(|whole| *whole <= most);
        if fits.is_none() {
            self.out_of_range(&format!("a whole number of 0 to {most}"));
        }
        fits.map(|whole| Located::new(whole, self.span))
    }

    fn wrong_number<T>(&self) -> Option<T> {
        if let Value::Quantity(number, unit) = self.value {
            self.wrong_dimension("a plain number", &format!("`{number}`"), *unit);
        } else {
            self.wrong("a number", "a number such as `4`");
        }
        None
    }

    /// Reports that the value is not in its range.
    pub fn out_of_range(&self, range: &str) {
        let message = format!("`{} {}` is out of range", self.keyword, plain_text(self.value));
        self.report(&codes::OUT_OF_RANGE, message, format!("`{}` is {range}", self.keyword));
    }

    fn wrong_dimension(&self, wanted: &str, example: &str, unit: Unit) {
        let (dimension, _) = Dimension::of(unit);
        let message =
            format!("`{}` wants {wanted}, but `{}` is {}", self.keyword, plain_text(self.value), dimension.words().0);
        let help = match dimension {
            Dimension::Rate => format!(
                "write {example}; what a share is worth in Mbps is printed by `plan`, a wanted rate is the `throughput` of a service"
            ),
            _ => format!("write {example}"),
        };
        self.report(&codes::WRONG_DIMENSION, message, help);
    }

    /// The number and unit of a quantity of this dimension.
    fn quantity(&self, wanted: Dimension) -> Option<(Number, Unit)> {
        let (words, examples) = wanted.words();
        let found = match self.value {
            Value::Quantity(number, unit) => Some((number.clone(), *unit)),
            Value::Text(text) if self.lenient => self.lex_quantity(text.trim(), wanted)?,
            _ => None,
        };
        match found {
            Some((number, unit)) if Dimension::of(unit).0 == wanted => Some((number, unit)),
            Some((_, unit)) => {
                self.wrong_dimension(words, examples, unit);
                None
            }
            None => {
                if let Value::Number(number) = self.value {
                    let message = format!("`{} {number}` has no unit", self.keyword);
                    self.report(&codes::UNKNOWN_UNIT, message, format!("{words} is written {examples}"));
                } else {
                    self.wrong(words, examples);
                }
                None
            }
        }
    }

    /// The quantity in a text of a table; none, reported, where its unit is missing or unknown.
    #[allow(
        clippy::option_option,
        reason = "the outer option is none where the unit was told, the inner where the text is no number"
    )]
    fn lex_quantity(&self, text: &str, wanted: Dimension) -> Option<Option<(Number, Unit)>> {
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
        let (digits, unit_text) = text.split_at(at);
        let Some(number) = Number::new(digits) else { return Some(None) };
        let unit_text = unit_text.trim();
        if let Some(unit) = Unit::find(unit_text) {
            return Some(Some((number, unit)));
        }
        let (words, examples) = wanted.words();
        if unit_text.is_empty() {
            let message = format!("`{}` is the number `{number}` without a unit", self.keyword);
            let help = format!(
                "give the column its unit, e.g. `column {} \"..\" MHz`; {words} is written {examples}",
                self.keyword
            );
            self.report(&codes::UNKNOWN_UNIT, message, help);
        } else if let Some(decimals) =
            unit_text.strip_prefix(',').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            let message = format!("`{}` wants {words}, not the text `{text}`", self.keyword);
            let help = format!(
                "the decimal mark is a point, and thousands have none: `{number}.{decimals}` or `{number}{decimals}`"
            );
            self.report(&codes::WRONG_VALUE, message, help);
        } else {
            let of_wanted = |unit: &str| Unit::find(unit).is_some_and(|unit| Dimension::of(unit).0 == wanted);
            let units = || Unit::ALL.iter().map(|unit| unit.as_str()).filter(|unit| of_wanted(unit));
            let spelled = vocabulary::near_unit(unit_text).filter(|near| of_wanted(near));
            let near = spelled.or_else(|| suggest::nearest(unit_text, units()));
            let help = near.map_or(format!("{words} is written {examples}"), |near| format!("did you mean `{near}`?"));
            self.report(&codes::UNKNOWN_UNIT, format!("unknown unit `{unit_text}`"), help);
        }
        None
    }

    /// A quantity in whole base units, 0 or more.
    fn base_units(&self, wanted: Dimension) -> Option<Located<u64>> {
        let (number, unit) = self.quantity(wanted)?;
        let (_, factor) = Dimension::of(unit);
        let base = number.times(factor);
        match base.and_then(|base| u64::try_from(base).ok()) {
            Some(base) => Some(Located::new(base, self.span)),
            None => {
                let (smallest, _) = wanted.words();
                let message = format!("`{}` cannot be {number}{unit}", self.keyword);
                let negative = number.as_str().starts_with('-');
                let help = if negative {
                    "it must not be negative".to_owned()
                } else {
                    format!("{smallest} is a whole number of its smallest unit and not larger than 9.2e18 of it")
                };
                self.report(&codes::OUT_OF_RANGE, message, help);
                None
            }
        }
    }

    /// A frequency.
    pub fn hertz(&self) -> Option<Located<Hertz>> {
        self.base_units(Dimension::Frequency).map(|base| base.map(Hertz))
    }

    /// A duration.
    pub fn nanoseconds(&self) -> Option<Located<Nanoseconds>> {
        self.base_units(Dimension::Duration).map(|base| base.map(Nanoseconds))
    }

    /// An amount of data.
    pub fn bytes(&self) -> Option<Located<Bytes>> {
        self.base_units(Dimension::Size).map(|base| base.map(Bytes))
    }

    /// An amount of energy in whole kWh.
    pub fn kilowatt_hours(&self) -> Option<Located<u64>> {
        self.base_units(Dimension::Energy)
    }

    /// A data rate.
    pub fn bits_per_second(&self) -> Option<Located<BitsPerSecond>> {
        self.base_units(Dimension::Rate).map(|base| base.map(BitsPerSecond))
    }

    /// A share of 0 to 100 %.
    pub fn share(&self) -> Option<Located<Share>> {
        let (number, _) = self.quantity(Dimension::Share)?;
        let share = percent(&number);
        if !(0.0..=1.0).contains(&share) {
            self.out_of_range("a share of 0% to 100%");
            return None;
        }
        Some(Located::new(Share(share), self.span))
    }

    /// A share in percent, or a plain fraction of 0 to 1.
    pub fn fraction(&self) -> Option<Located<Share>> {
        match self.value {
            Value::Number(number) if (0.0..=1.0).contains(&number.to_f64()) => {
                Some(Located::new(Share(number.to_f64()), self.span))
            }
            _ => self.share(),
        }
    }

    /// A power level.
    pub fn dbm(&self) -> Option<Located<Dbm>> {
        let (number, _) = self.quantity(Dimension::Power)?;
        let level = number.to_f64();
        if !(-200.0..=200.0).contains(&level) {
            self.out_of_range("a level of -200dBm to 200dBm");
            return None;
        }
        Some(Located::new(Dbm(level), self.span))
    }

    /// An angle of -360 to 360 degrees.
    pub fn degrees(&self) -> Option<Located<Degrees>> {
        let (number, _) = self.quantity(Dimension::Angle)?;
        let angle = number.to_f64();
        if !(-360.0..=360.0).contains(&angle) {
            self.out_of_range("an angle of -360deg to 360deg");
            return None;
        }
        Some(Located::new(Degrees(angle), self.span))
    }

    /// A resource amount in its base unit: a plain number, cores, or bytes.
    pub fn resource(&self) -> Option<Located<f64>> {
        match self.value {
            Value::Quantity(number, unit)
                if matches!(Dimension::of(*unit).0, Dimension::Size | Dimension::Rate | Dimension::Cores) =>
            {
                let amount = Dimension::scaled(number, *unit);
                if amount < 0.0 {
                    self.out_of_range("0 or more");
                    return None;
                }
                Some(Located::new(amount, self.span))
            }
            Value::Text(text) if self.lenient && !text.trim().ends_with(|c: char| c.is_ascii_digit()) => {
                self.bytes().map(|bytes| bytes.map(|bytes| bytes.0 as f64))
            }
            _ => self.amount(),
        }
    }

    /// A number of processor cores: a plain number, or one with that unit.
    pub fn cores(&self) -> Option<Located<f64>> {
        match self.value {
            Value::Quantity(_, unit) if *unit != Unit::Cores => {
                let (words, examples) = Dimension::Cores.words();
                self.wrong_dimension(words, examples, *unit);
                None
            }
            _ => self.amount(),
        }
    }

    /// A plain number that is not negative, without any unit.
    pub fn plain_amount(&self) -> Option<Located<f64>> {
        match self.value {
            Value::Quantity(..) => self.wrong_number(),
            _ => self.amount(),
        }
    }

    /// A selection.
    pub fn selection(&self) -> Option<&'b Selection> {
        match self.value {
            Value::Selection(selection) => Some(selection),
            _ => {
                self.wrong("a selection", "a selection such as `cells in site plaza`");
                None
            }
        }
    }

    /// Whether a text may stand for a value of any kind.
    pub fn is_lenient(&self) -> bool {
        self.lenient
    }
}

/// The value behind an expression that only wraps it.
pub(crate) fn plain(value: &Value) -> &Value {
    match value {
        Value::Expression(expression) => match &**expression {
            Expression { term: Term::Literal(value), .. } => plain(value),
            _ => value,
        },
        _ => value,
    }
}

/// The value as it is written, short.
pub(crate) fn plain_text(value: &Value) -> String {
    match value {
        Value::Word(word) | Value::Text(word) | Value::Plmn(word) | Value::Slice(word) | Value::Date(word) => {
            word.to_string()
        }
        Value::Number(number) => number.to_string(),
        Value::Quantity(number, unit) => format!("{number}{unit}"),
        Value::Band(technology, number) => match technology {
            ranform_grammar::ast::Technology::Nr => format!("n{number}"),
            ranform_grammar::ast::Technology::Lte => format!("b{number}"),
        },
        Value::GnbId(value, length) => format!("{value}/{length}"),
        Value::Address(address) => address.to_string(),
        Value::Parameter(name) => format!("${name}"),
        Value::Expression(expression) => match &expression.term {
            Term::Path(words) => words.iter().map(Word::as_str).collect::<Vec<_>>().join("."),
            Term::Parameter(name) => format!("${name}"),
            Term::Literal(value) => plain_text(value),
            _ => "an expression".to_owned(),
        },
        Value::Selection(selection) => selection.among.value.to_string(),
        Value::List(_) => "a list".to_owned(),
        Value::Mark(mark) => mark.as_str().to_owned(),
    }
}

/// The value in a message.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Selection(_) => "a selection".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Text(text) => format!("the text `{text}`"),
        _ => format!("`{}`", plain_text(value)),
    }
}
