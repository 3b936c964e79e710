//! Limits, keep, owners, protect, forget, moved, outside change.

use ranform_grammar::ast::{self, Block, Value, Wildcard};
use ranform_grammar::vocabulary;
use ranform_network::deployment::deciding_attributes;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{NodeId, TenantId};
use ranform_network::network::{Keep, Limit, Moved, Name, OutsideAction, OutsideChange, Owner};
use ranform_network::{Address, Located};

use super::argument::Argument;
use super::body::{Body, Line};
use super::names::{Kind, Lookup};
use super::node::twice;
use super::scope::Scope;
use super::suggest;

/// The address of a value: nouns must be written, since the thing may be gone from the intents.
pub(crate) fn address(argument: Argument<'_, '_>) -> Option<Located<Address>> {
    let Value::Address(written) = argument.value else {
        argument.wrong("an address", "an address such as `node.gnb-1/cell.nr-1`");
        return None;
    };
    let text = canonical(argument.body.scope, written);
    if text.is_none() || written.wildcard != Wildcard::None {
        let help = "write each step with its noun: `node.gnb-1/cell.nr-1`";
        argument.report(&codes::WRONG_VALUE, format!("`{written}` is no address"), help);
        return None;
    }
    text.map(|text| Located::new(Address::from_text(text), argument.span))
}

/// The canonical text of an address written in a scope; none where a step has no noun.
fn canonical(scope: &Scope, written: &ast::Address) -> Option<String> {
    let mut steps = written.segments.iter();
    let first = steps.next()?;
    let mut address = Address::new(first.noun.as_ref()?, &first.name);
    for step in steps {
        address = address.child(step.noun.as_ref()?, &step.name);
    }
    for module in scope.modules.iter().chain(&written.modules).rev() {
        address = address.inside_module(module);
    }
    Some(address.as_str().to_owned())
}

/// `limit { deletions 10 or 5%  cells 100  share-moved red 10%  acknowledge chunk.red-plaza 40 }`
pub(crate) fn limit(body: &Body<'_>, lookup: Lookup<'_>) -> Limit {
    let deletions = body.line("deletions");
    let count = |argument: Argument<'_, '_>| argument.whole(0, u32::MAX).map(|count| u64::from(count.value));
    let mut number = None;
    let mut share = None;
    for value in deletions.map(|line| line.values()).unwrap_or_default().iter().filter(|value| !value.is_word("or")) {
        let Some(argument) = deletions.and_then(|line| line.argument(value)) else { continue };
        match argument.value {
            Value::Quantity(..) => share = argument.share().map(|share| share.value),
            _ => number = count(argument),
        }
    }
    let moved = |line: Line<'_, '_>| {
        let (tenant, share) = (line.first()?, line.at(1)?);
        let (tenant, share) = (lookup.bind::<TenantId>(Kind::Tenant, &tenant), share.share());
        Some((Some(tenant?.value), share?.value))
    };
    let mut share_moved: Vec<_> = body.all("share-moved").filter_map(moved).collect();
    share_moved.sort_by_key(|(tenant, _)| *tenant);
    Limit {
        span: body.span,
        deletions: number,
        deletions_share: share,
        cells: body.one("cells").and_then(count),
        identities: body.one("identities").and_then(count),
        share_moved,
        acknowledged: body.all("acknowledge").flat_map(acknowledged).collect(),
    }
}

/// `acknowledge chunk.red-plaza 40, sla.plaza 80`
fn acknowledged(line: Line<'_, '_>) -> Vec<(Located<Address>, u64)> {
    let pair = |(set, count): (Argument<'_, '_>, Argument<'_, '_>)| {
        let (set, count) = (address(set), count.whole(0, u32::MAX));
        Some((set?, u64::from(count?.value)))
    };
    line.pairs().into_iter().filter_map(pair).collect()
}

/// `keep placement { pin e2t on edge-3  churn price 5 }`
pub(crate) fn keep(body: &Body<'_>, block: &Block, lookup: Lookup<'_>) -> Keep {
    let what = block.header.first().and_then(|value| value.value.name()).map_or("placement", |word| word.as_str());
    let pin = |line: Line<'_, '_>| {
        let (part, node) = (line.first()?, line.after("on")?);
        let node = lookup.bind::<NodeId>(Kind::Node, &node);
        let part = match part.value {
            Value::Address(_) => address(part),
            _ => part.name().map(|name| name.map(|name| Address::from_text(name.as_str()))),
        };
        Some((part?, node?))
    };
    let mut keep = Keep {
        address: body.scope.address("keep", what),
        span: body.span,
        pins: body.all("pin").filter_map(pin).collect(),
        churn_price: None,
        churn_budget: None,
    };
    let mut first = [None, None];
    for line in body.all("churn") {
        let (price, number) = (line.says("price"), line.at(1));
        match &mut first[usize::from(price)] {
            Some(first) => {
                let what = if price { "churn price" } else { "churn budget" };
                body.report(twice(what, line.span(), *first));
                continue;
            }
            place => *place = Some(line.span()),
        }
        if price {
            keep.churn_price = number.and_then(|number| number.amount()).map(|number| number.value);
        } else {
            keep.churn_budget =
                number.and_then(|number| number.whole(0, u32::MAX)).map(|number| u64::from(number.value));
        }
    }
    keep
}

/// `owner team-a { contact "team-a@acme.example"  owns tenant red, site plaza, folder "north/", field tenant.ssid }`
pub(crate) fn owner(body: &Body<'_>, lookup: Lookup<'_>) -> Owner {
    let mut owns = Vec::new();
    for line in body.all("owns") {
        for group in line.groups() {
            let [noun, name, ..] = group else { continue };
            let Some(name) = line.argument(name) else { continue };
            let noun = noun.value.name().map_or("", |noun| noun.as_str());
            owns.extend(owned(body, noun, name, lookup));
        }
    }
    owns.sort();
    Owner {
        name: body.name.as_str().into(),
        span: body.span,
        contacts: body.all("contact").filter_map(|line| Some(line.first()?.text()?.value)).collect(),
        owns,
    }
}

/// What a team owns: the address of a thing that must be there, or `folder PATH`, `field NOUN.ATTRIBUTE`.
fn owned(body: &Body<'_>, noun: &str, name: Argument<'_, '_>, lookup: Lookup<'_>) -> Option<Located<Name>> {
    match Kind::find(noun) {
        Some(kind) => {
            let found = lookup.bind::<NodeId>(kind, &name)?;
            let text = super::argument::plain_text(name.value);
            Some(Located::new(body.scope.address(noun, &text).as_str().into(), found.span))
        }
        None if noun == "field" => field(name).map(|field| field.map(|field| format!("field {field}").into())),
        None => name.text().map(|text| text.map(|text| format!("{noun} {text}").into())),
    }
}

/// `tenant.ssid`: an attribute of the vocabulary.
fn field(name: Argument<'_, '_>) -> Option<Located<Name>> {
    let text = name.text()?;
    let (noun, attribute) = text.value.split_once('.').unwrap_or((&text.value, ""));
    let nouns = vocabulary::nouns().iter().filter(|entry| vocabulary::attributes_of(entry.noun).next().is_some());
    let Some(entry) = nouns.clone().find(|entry| entry.noun.as_str() == noun) else {
        let near = suggest::nearest(noun, nouns.map(|entry| entry.noun.as_str()));
        let help = suggest::or_say(near, || "write a noun and its attribute: `tenant.ssid`".to_owned());
        name.report(&codes::UNKNOWN_NOUN, format!("unknown noun `{noun}` in the field `{}`", text.value), help);
        return None;
    };
    // A phrase is written with hyphens in a path: `cell.uplink-carrier`.
    let keywords = vocabulary::attributes_of(entry.noun).map(|attribute| attribute.keyword.replace(' ', "-"));
    let keywords: Vec<String> = keywords.filter(|keyword| keyword != vocabulary::SELECTION).collect();
    if keywords.iter().any(|keyword| keyword == attribute) {
        if !deciding_attributes().any(|decides| decides == &*text.value) {
            let message = format!("`{}` changes nothing here: no device is told of it", text.value);
            let finding = Diagnostic::warning(&codes::WITHOUT_EFFECT, name.span, message);
            name.body.report(
                finding.help("name an attribute that a device is told of, such as `cell.pci` or `tenant.ssid`"),
            );
        }
        return Some(text);
    }
    let near = suggest::nearest(attribute, keywords.iter().map(String::as_str));
    let help = near.map_or_else(
        || {
            format!(
                "a {noun} has {}",
                keywords.iter().map(|keyword| format!("`{keyword}`")).collect::<Vec<_>>().join(", ")
            )
        },
        |near| format!("did you mean `{noun}.{near}`?"),
    );
    name.report(&codes::UNKNOWN_ATTRIBUTE, format!("a {noun} has no attribute `{attribute}`"), help);
    None
}

/// The addresses of `protect` and `forget` blocks.
pub(crate) fn addresses(body: &Body<'_>, block: &Block) -> Vec<Located<Address>> {
    let values = block.header.iter().filter(|value| !matches!(value.value, Value::Mark(_)));
    values.filter_map(|value| address(Argument::new(body, body.noun, value)?)).collect()
}

/// `moved tenant.red -> tenant.crimson`
pub(crate) fn moved(body: &Body<'_>, block: &Block) -> Option<Moved> {
    let mut both = addresses(body, block).into_iter();
    Some(Moved { from: both.next()?, to: both.next()? })
}

/// `outside change on node.gnb-1/** ignore until 2026-12-31`
pub(crate) fn outside_change(body: &Body<'_>, block: &Block) -> Option<OutsideChange> {
    let written = block.header.iter().find(|value| matches!(value.value, Value::Address(_)))?;
    let Value::Address(address) = &written.value else { return None };
    let argument = Argument::new(body, "outside change", written)?;
    let Some(text) = canonical(body.scope, address) else {
        let help = "write each step with its noun: `node.gnb-1/**`";
        argument.report(&codes::WRONG_VALUE, format!("`{address}` is no address"), help);
        return None;
    };
    let ending = match address.wildcard {
        Wildcard::None => "",
        Wildcard::Children => "/*",
        Wildcard::Below => "/**",
    };
    let says = |word: &str| block.header.iter().any(|value| value.is_word(word));
    let action = if says("restore") {
        OutsideAction::Restore
    } else if says("accept") {
        OutsideAction::Accept
    } else if says("ignore") {
        OutsideAction::Ignore(Argument::new(body, "until", block.after("until")?)?.date()?.value)
    } else {
        OutsideAction::Stop
    };
    let on = block.header.iter().position(|value| value.is_word("on")).unwrap_or(0);
    let fields =
        block.header[..on].iter().filter(|value| !matches!(value.value, Value::Mark(_)) && !value.is_word("of"));
    let fields = fields.filter_map(|value| Some(field(Argument::new(body, "of", value)?)?.value)).collect();
    Some(OutsideChange { path: Located::new(format!("{text}{ending}").into(), written.span), fields, action })
}
