//! `chunk red-plaza for red { interfaces in site plaza  ratio 40% }`

use ranform_network::network::Chunk;

use super::area::selections;
use super::body::Body;
use super::names::Kind;
use super::select::Selector;
use super::settle::Declared;

/// What a chunk block says.
pub(crate) fn chunk(body: &Body<'_>, declared: &Declared<'_>, selector: Selector<'_>) -> Option<Chunk> {
    let entity = body.entity(body.scope.address("chunk", &body.name));
    let tenant = declared
        .as_block()
        .and_then(|block| block.after("for"))
        .and_then(|name| super::argument::Argument::new(body, "for", name))
        .and_then(|tenant| selector.lookup.bind(Kind::Tenant, &tenant));
    let ratio = body.one("ratio").and_then(|ratio| ratio.share());
    let selected = selections(body, |selection| selector.select_interfaces(selection));
    let (tenant, selected) = (tenant?, selected?);
    Some(Chunk { entity, tenant, interfaces: selected.interfaces, interfaces_span: selected.span, ratio })
}
