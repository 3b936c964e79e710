//! What can be asked of the entities of a network: `band`, `site.region`, `node.kind`, `label.vendor`.

use ranform_network::Network;
use ranform_network::ids::NodeId;
use ranform_network::network::{Duplex, Interface, Literal, Name, Technology};

use ranform_network::radio::WifiBand;

use super::types::Type;

/// What an expression speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cells, radios and ports.
    Interface,
    /// Nodes.
    Node,
    /// Changes of a plan.
    Change,
    /// Shares of tenants on interfaces, as decided.
    Share,
    /// Tenants.
    Tenant,
    /// Instances of RIC components, xApps and models, as placed.
    Instance,
}

/// An entity of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A cell, radio or port.
    Interface(Interface),
    /// A node.
    Node(NodeId),
}

/// An attribute, its path looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Whose it is: the entity's own, its node's or its site's.
    place: Place,
    field: Field,
    /// The key of a label or the name of a resource.
    key: Option<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Interface,
    Node,
    Site,
}

macro_rules! fields {
    ($($field:ident $place:ident $word:literal $type:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Field { $($field),* }
        /// Every attribute: whose, its word, its type.
        const FIELDS: &[(Field, Place, &str, Type)] = &[$((Field::$field, Place::$place, $word, $type)),*];
    };
}

fields! {
    Name Interface "name" Type::Text;
    Address Interface "address" Type::Text;
    Owner Interface "owner" Type::Text;
    InterfaceKind Interface "kind" Type::Text;
    Technology Interface "technology" Type::Text;
    Sharing Interface "sharing" Type::Text;
    Band Interface "band" Type::Text;
    Carrier Interface "carrier" Type::Number("frequency");
    Bandwidth Interface "bandwidth" Type::Number("frequency");
    Spacing Interface "scs" Type::Number("frequency");
    Duplex Interface "duplex" Type::Text;
    State Interface "state" Type::Text;
    Prbs Interface "prbs" Type::Number("");
    LocalId Interface "local-id" Type::Number("");
    Pci Interface "pci" Type::Number("");
    Tac Interface "tac" Type::Number("");
    Power Interface "power" Type::Number("power");
    Azimuth Interface "azimuth" Type::Number("angle");
    Tilt Interface "tilt" Type::Number("angle");
    Layers Interface "layers" Type::Number("");
    Modulation Interface "modulation" Type::Text;
    Efficiency Interface "efficiency" Type::Number("");
    Channel Interface "channel" Type::Number("");
    Width Interface "width" Type::Number("frequency");
    Standard Interface "standard" Type::Text;
    Country Interface "country" Type::Text;
    Rate Interface "rate" Type::Number("rate");
    Mtu Interface "mtu" Type::Number("");
    InterfaceLabel Interface "label" Type::Text;
    NodeName Node "name" Type::Text;
    NodeAddress Node "address" Type::Text;
    NodeOwner Node "owner" Type::Text;
    NodeKind Node "kind" Type::Text;
    Profile Node "profile" Type::Text;
    Version Node "version" Type::Text;
    NodeTier Node "tier" Type::Number("");
    RunsXapps Node "runs-xapps" Type::Bool;
    Parent Node "parent" Type::Text;
    Plmn Node "plmn" Type::Text;
    Capacity Node "capacity" Type::Any;
    Cost Node "cost" Type::Number("");
    NodeLabel Node "label" Type::Text;
    SiteName Site "name" Type::Text;
    Region Site "region" Type::Text;
    Tier Site "tier" Type::Number("");
    SiteOwner Site "owner" Type::Text;
    SiteLabel Site "label" Type::Text;
}

/// What the paths of guards over plans are: the plan's side implements them as [`super::Subject`].
pub const PLAN_PATHS: &[(Kind, &str, Type)] = &[
    (Kind::Change, "address", Type::Text),
    (Kind::Change, "kind", Type::Text),
    (Kind::Change, "action", Type::Text),
    (Kind::Change, "effect", Type::Text),
    (Kind::Change, "owner", Type::Text),
    (Kind::Change, "cause", Type::Text),
    (Kind::Change, "node", Type::Text),
    (Kind::Change, "site", Type::Text),
    (Kind::Change, "region", Type::Text),
    (Kind::Change, "tenant", Type::Text),
    (Kind::Change, "leaves", Type::Number("")),
    (Kind::Change, "share.before", Type::Number("share")),
    (Kind::Change, "share.after", Type::Number("share")),
    (Kind::Change, "share.delta", Type::Number("share")),
    (Kind::Share, "address", Type::Text),
    (Kind::Share, "tenant", Type::Text),
    (Kind::Share, "node", Type::Text),
    (Kind::Share, "site", Type::Text),
    (Kind::Share, "region", Type::Text),
    (Kind::Share, "share", Type::Number("share")),
    (Kind::Share, "minimum", Type::Number("share")),
    (Kind::Share, "maximum", Type::Number("share")),
    (Kind::Tenant, "name", Type::Text),
    (Kind::Tenant, "address", Type::Text),
    (Kind::Tenant, "owner", Type::Text),
    (Kind::Tenant, "plmn", Type::Text),
    (Kind::Tenant, "share", Type::Number("share")),
    (Kind::Tenant, "vlan", Type::Number("")),
    (Kind::Instance, "address", Type::Text),
    (Kind::Instance, "kind", Type::Text),
    (Kind::Instance, "component", Type::Text),
    (Kind::Instance, "ric", Type::Text),
    (Kind::Instance, "model", Type::Text),
    (Kind::Instance, "node", Type::Text),
    (Kind::Instance, "site", Type::Text),
    (Kind::Instance, "region", Type::Text),
    (Kind::Instance, "owner", Type::Text),
    (Kind::Instance, "image", Type::Text),
    (Kind::Instance, "version", Type::Text),
    (Kind::Instance, "deployed", Type::Bool),
    (Kind::Instance, "serves", Type::Number("")),
    (Kind::Instance, "loop", Type::Number("duration")),
    (Kind::Instance, "slack", Type::Number("duration")),
];

impl Attribute {
    /// The attribute of things of this kind at this path; none where there is none (or it is the plan's).
    pub fn parse(path: &str, kind: Kind) -> Option<Self> {
        let own = match kind {
            Kind::Interface => Place::Interface,
            Kind::Node => Place::Node,
            Kind::Change | Kind::Share | Kind::Tenant | Kind::Instance => return None,
        };
        // The name of the node or site a thing is on, and what is the site's alone.
        match path {
            "node" if own == Place::Interface => return Self::named(Place::Node, "name"),
            "site" => return Self::named(Place::Site, "name"),
            "region" => return Self::named(Place::Site, path),
            "tier" => return Self::named(Place::Node, path),
            _ => {}
        }
        match path.split_once('.') {
            Some(("node", rest)) if own == Place::Interface => Self::named(Place::Node, rest),
            Some(("site", rest)) => Self::named(Place::Site, rest),
            _ => Self::named(own, path),
        }
    }

    fn named(place: Place, path: &str) -> Option<Self> {
        let (word, key) = path.split_once('.').map_or((path, None), |(word, key)| (word, Some(key)));
        let (field, ..) = FIELDS.iter().find(|(_, of, known, _)| *of == place && *known == word)?;
        let keyed = matches!(word, "label" | "capacity");
        (keyed == key.is_some()).then(|| Self { place, field: *field, key: key.map(Name::from) })
    }
}

/// The type of the attribute at a path of things of this kind; none where there is none.
pub fn type_of(path: &str, kind: Kind) -> Option<Type> {
    if let Some((.., known)) = PLAN_PATHS.iter().find(|(of, known, _)| *of == kind && *known == path) {
        return Some(*known);
    }
    let attribute = Attribute::parse(path, kind)?;
    if attribute.field == Field::Capacity {
        let bytes = matches!(attribute.key.as_deref(), Some("memory" | "storage"));
        return Some(Type::Number(if bytes { "size" } else { "" }));
    }
    FIELDS.iter().find(|(field, ..)| *field == attribute.field).map(|(.., known)| *known)
}

/// The words a path of things of this kind can begin with, for suggestions.
pub fn words(kind: Kind) -> Vec<&'static str> {
    let own = match kind {
        Kind::Interface => Some(Place::Interface),
        Kind::Node => Some(Place::Node),
        Kind::Change | Kind::Share | Kind::Tenant | Kind::Instance => None,
    };
    let mut words: Vec<_> =
        FIELDS.iter().filter(|(_, place, ..)| Some(*place) == own).map(|(_, _, word, _)| *word).collect();
    words.extend(PLAN_PATHS.iter().filter(|(of, ..)| *of == kind).map(|(_, word, _)| *word));
    if own.is_some() {
        words.extend([
            "site",
            "region",
            "tier",
            "site.region",
            "site.tier",
            "site.name",
            "node",
            "node.kind",
            "node.profile",
            "node.version",
            "node.tier",
        ]);
    }
    words
}

/// The attribute of an entity.
pub fn value(network: &Network, entity: Entity, attribute: &Attribute) -> Literal {
    let node = match entity {
        Entity::Interface(interface) => network.node_of(interface),
        Entity::Node(node) => node,
    };
    let found = match (attribute.place, entity) {
        (Place::Interface, Entity::Interface(interface)) => of_interface(network, interface, attribute),
        (Place::Interface, Entity::Node(_)) => None,
        (Place::Node, _) => of_node(network, node, attribute),
        (Place::Site, _) => of_site(network, node, attribute),
    };
    found.unwrap_or(Literal::Absent)
}

fn text(text: &str) -> Option<Literal> {
    Some(Literal::Text(text.trim_matches('"').into()))
}

fn shared(name: &Name) -> Option<Literal> {
    Some(Literal::Text(name.clone()))
}

fn number(number: impl Into<f64>) -> Option<Literal> {
    Some(Literal::Number(number.into(), ""))
}

fn label(labels: &[(Name, Name)], key: Option<&Name>) -> Option<Literal> {
    let key = key?;
    labels.binary_search_by(|(other, _)| other.cmp(key)).ok().and_then(|index| shared(&labels.get(index)?.1))
}

fn of_site(network: &Network, node: NodeId, attribute: &Attribute) -> Option<Literal> {
    let site = network.sites.get(network.nodes.get(node)?.site?)?;
    match attribute.field {
        Field::SiteName => text(site.entity.address.last().1),
        Field::Region => shared(site.region.as_ref()?),
        Field::Tier => number(site.tier?),
        Field::SiteOwner => shared(site.entity.owner.as_ref()?),
        Field::SiteLabel => label(&site.entity.labels, attribute.key.as_ref()),
        _ => None,
    }
}

fn of_node(network: &Network, node: NodeId, attribute: &Attribute) -> Option<Literal> {
    let node = network.nodes.get(node)?;
    match attribute.field {
        Field::NodeName => text(node.entity.address.last().1),
        Field::NodeAddress => text(node.entity.address.as_str()),
        Field::NodeOwner => shared(node.entity.owner.as_ref()?),
        Field::NodeKind => text(node.kind.word()),
        Field::Profile => text(&node.profile.name),
        Field::Version => shared(node.version.as_ref()?),
        // A node that states no tier has its site's.
        Field::NodeTier => number(node.tier.or_else(|| network.sites.get(node.site?)?.tier)?),
        Field::RunsXapps => Some(Literal::Bool(node.runs_xapps)),
        Field::Parent => text(network.nodes.get(node.parent?.value)?.entity.address.last().1),
        Field::Plmn => text(&node.host_plmn?.value.to_string()),
        Field::Cost => number(node.fixed_cost?),
        Field::NodeLabel => label(&node.entity.labels, attribute.key.as_ref()),
        Field::Capacity => {
            let key = attribute.key.as_ref()?;
            let (_, amount) = node.capacity.iter().find(|(name, _)| name == key)?;
            let dimension = if matches!(&**key, "memory" | "storage") { "size" } else { "" };
            Some(Literal::Number(amount.value, dimension))
        }
        _ => None,
    }
}

fn of_interface(network: &Network, interface: Interface, attribute: &Attribute) -> Option<Literal> {
    let entity = network.entity_of(interface);
    match attribute.field {
        Field::Name => return text(entity.address.last().1),
        Field::Address => return text(entity.address.as_str()),
        Field::Owner => return shared(entity.owner.as_ref()?),
        Field::InterfaceKind => return text(entity.address.last().0),
        Field::InterfaceLabel => return label(&entity.labels, attribute.key.as_ref()),
        Field::Sharing => return text(network.sharing_of(interface)?.mode.word()),
        _ => {}
    }
    match interface {
        Interface::Cell(cell) => of_cell(&network.cells[cell], attribute.field),
        Interface::Radio(radio) => of_radio(&network.radios[radio], attribute.field),
        Interface::Port(port) => {
            let port = &network.ports[port];
            match attribute.field {
                Field::Rate => Some(Literal::Number(port.rate?.0 as f64, "rate")),
                Field::Mtu => number(port.mtu?.value),
                Field::State => text(if port.unlocked == Some(false) { "locked" } else { "unlocked" }),
                _ => None,
            }
        }
    }
}

fn of_cell(cell: &ranform_network::network::Cell, field: Field) -> Option<Literal> {
    let frequency = |hertz: ranform_network::units::Hertz| Some(Literal::Number(hertz.0 as f64, "frequency"));
    match field {
        Field::Technology => text(if cell.technology() == Technology::Nr { "nr" } else { "lte" }),
        Field::Band => text(&cell.band.value.to_string()),
        Field::Carrier => frequency(cell.carrier.value),
        Field::Bandwidth => frequency(cell.bandwidth.value),
        Field::Spacing => frequency(cell.scs.value),
        Field::Duplex => text(match cell.duplex.value {
            Duplex::Fdd => "fdd",
            Duplex::Tdd => "tdd",
            Duplex::Sdl => "sdl",
            Duplex::Sul => "sul",
        }),
        Field::State => text(if cell.unlocked { "unlocked" } else { "locked" }),
        Field::Prbs => number(cell.prbs.0),
        Field::LocalId => number(cell.local_id?.value),
        Field::Pci => number(cell.pci?.value),
        Field::Tac => number(cell.tac?.value),
        Field::Power => Some(Literal::Number(cell.power?.value.0, "power")),
        Field::Azimuth => Some(Literal::Number(cell.azimuth?.0, "angle")),
        Field::Tilt => Some(Literal::Number(cell.tilt?.0, "angle")),
        Field::Layers => number(cell.layers?),
        Field::Modulation => shared(cell.modulation.as_ref()?),
        Field::Efficiency => number(cell.efficiency?),
        _ => None,
    }
}

fn of_radio(radio: &ranform_network::network::Radio, field: Field) -> Option<Literal> {
    match field {
        Field::Technology => text("wifi"),
        Field::Channel => number(radio.channel.value),
        Field::Width => Some(Literal::Number(radio.width.value.0 as f64, "frequency")),
        Field::Band => {
            let band = radio.band.map_or_else(|| WifiBand::of_channel(radio.channel.value), |band| band.value);
            text(&band.word().replace(' ', ""))
        }
        Field::State => text(if radio.unlocked == Some(false) { "locked" } else { "unlocked" }),
        Field::Standard => shared(&radio.standard.value),
        Field::Power => Some(Literal::Number(radio.power?.value.0, "power")),
        Field::Country => shared(&radio.country.as_ref()?.value),
        Field::Efficiency => number(radio.efficiency?),
        _ => None,
    }
}
