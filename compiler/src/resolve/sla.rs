//! `sla plaza { over site plaza  share red 60%, blue 40%  window 100s every 10s  floor 4% }`

use ranform_network::network::{Bound, Direction, Interface, Sla, SlaShare, Weighting};
use ranform_network::units::{Nanoseconds, Share};
use ranform_network::{Located, Span};

use super::body::{Body, Line, pairs};
use super::names::Kind;
use super::node::twice;
use super::select::{Selector, interfaces};
use super::sharing::DIRECTIONS;

const WEIGHTS: &[(Weighting, &str)] =
    &[(Weighting::Equal, "equal"), (Weighting::Bandwidth, "bandwidth"), (Weighting::Capacity, "capacity")];

/// D8: the weight of equal ratios against the goal where nothing is said.
const THETA: f64 = 0.1;
/// The window where nothing is said, and the period where the window stands alone: those of COSMO's evaluation.
const WINDOW: Nanoseconds = Nanoseconds(100_000_000_000);
const PERIOD: Nanoseconds = Nanoseconds(10_000_000_000);

/// What an SLA block says.
pub(crate) fn sla(body: &Body<'_>, selector: Selector<'_>) -> Option<Sla> {
    let entity = body.entity(body.scope.address("sla", &body.name));
    let over = body.required("over", "site plaza").and_then(|over| selector.select_interfaces(&over));
    let shares = shares(body, selector);
    let window = body.line("window");
    let others = body.one("others").and_then(|others| {
        match matches!(others.value.name(), Some(word) if word.as_str() == "best-effort") {
            true => Some(Located::new(Share(0.0), others.span)),
            false => others.share(),
        }
    });
    let rest = Sla {
        entity,
        interfaces: Vec::new(),
        over_span: Span::default(),
        shares: Vec::new(),
        shares_span: Span::default(),
        window: duration(body, window.and_then(|line| line.first()), WINDOW),
        period: duration(body, window.and_then(|line| line.after("every")), PERIOD),
        floor: body.one("floor").and_then(|floor| floor.share()),
        direction: body
            .one("direction")
            .and_then(|direction| direction.choice(DIRECTIONS))
            .map_or(Direction::Both, |direction| direction.value),
        weight: body
            .one("weight")
            .and_then(|weight| weight.choice(WEIGHTS))
            .map(|weight| weight.value)
            .unwrap_or_default(),
        guarantees: body.all("guarantee").filter_map(|line| bound(line, selector)).collect(),
        caps: body.all("cap").filter_map(|line| bound(line, selector)).collect(),
        others,
        theta: theta(body).unwrap_or(THETA),
        best_effort: body.line("best effort").is_some(),
    };
    let (over, (shares, shares_span)) = (over?, shares?);
    let shared = |interface: &Interface| !matches!(interface, Interface::Port(_));
    let covered = over.interfaces.into_iter().filter(shared).collect();
    Some(Sla { interfaces: covered, over_span: over.span, shares, shares_span, ..rest })
}

/// A duration of an SLA, more than nothing.
fn duration(
    body: &Body<'_>,
    value: Option<super::argument::Argument<'_, '_>>,
    default: Nanoseconds,
) -> Located<Nanoseconds> {
    let Some(value) = value else { return Located::new(default, body.span) };
    match value.nanoseconds() {
        Some(Located { value: Nanoseconds(0), .. }) => {
            value.out_of_range("a duration of more than zero");
            Located::new(default, value.span)
        }
        Some(duration) => duration,
        None => Located::new(default, value.span),
    }
}

fn theta(body: &Body<'_>) -> Option<f64> {
    let value = body.one("theta")?;
    let theta = value.number()?.value;
    if !(0.0..=1.0).contains(&theta) {
        value.out_of_range("a number of 0 to 1");
        return None;
    }
    Some(theta)
}

/// `share red 60%, blue 40%`, sorted by tenant.
fn shares(body: &Body<'_>, selector: Selector<'_>) -> Option<(Vec<SlaShare>, Span)> {
    let Some(line) = body.line("share") else {
        body.missing("share", "red 60%, blue 40%");
        return None;
    };
    let mut shares: Vec<SlaShare> = Vec::new();
    let mut places: Vec<Span> = Vec::new();
    let mut complete = true;
    for (name, share) in pairs(line, line.values()) {
        let (tenant, share) = (selector.lookup.bind(Kind::Tenant, &name), share.share());
        let (Some(tenant), Some(share)) = (tenant, share) else {
            complete = false;
            continue;
        };
        if let Some(first) = shares.iter().position(|other| other.tenant == tenant.value) {
            let name = super::argument::plain_text(name.value);
            body.report(twice(&name, tenant.span, places[first]));
            complete = false;
            continue;
        }
        shares.push(SlaShare { tenant: tenant.value, share });
        places.push(tenant.span);
    }
    shares.sort_by_key(|share| share.tenant);
    complete.then_some((shares, line.span()))
}

/// `guarantee red 20% on gnb-1/nr-1`, `cap blue 70% in area downtown`
fn bound(line: Line<'_, '_>, selector: Selector<'_>) -> Option<Bound> {
    let (tenant, share) = (line.at(0)?, line.at(1)?);
    let tenant = selector.lookup.bind(Kind::Tenant, &tenant);
    let share = share.share();
    let network = selector.lookup.network;
    let on = if let Some(place) = line.after("on") {
        Some(on_place(place, selector)?)
    } else if let Some(site) = line.after("site") {
        let site = selector.lookup.bind::<ranform_network::ids::SiteId>(Kind::Site, &site)?;
        let nodes = selector.nodes_of_site.get(site.value.0 as usize).into_iter().flatten();
        Some(nodes.flat_map(|node| interfaces(network, *node)).collect())
    } else if let Some(area) = line.after("area") {
        let area = selector.lookup.bind::<ranform_network::ids::AreaId>(Kind::Area, &area)?;
        Some(network.areas[area.value].interfaces.clone())
    } else {
        None
    };
    let on = on.map(|on: Vec<Interface>| {
        let mut on: Vec<_> = on.into_iter().filter(|one| !matches!(one, Interface::Port(_))).collect();
        on.sort_unstable();
        on
    });
    Some(Bound { tenant: tenant?, share: share?, on })
}

/// The cell or radio named, or all of the node named.
fn on_place(place: super::argument::Argument<'_, '_>, selector: Selector<'_>) -> Option<Vec<Interface>> {
    use ranform_grammar::ast::Value;
    let whole_node = match place.value {
        Value::Address(address) => address.segments.len() == 1,
        Value::Word(name) | Value::Text(name) => !name.contains('/'),
        _ => false,
    };
    if whole_node {
        let node = selector.lookup.bind::<ranform_network::ids::NodeId>(Kind::Node, &place)?;
        return Some(interfaces(selector.lookup.network, node.value).collect());
    }
    selector.lookup.interface(&place).map(|interface| vec![interface.value])
}
