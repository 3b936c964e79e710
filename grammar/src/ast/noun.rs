//! The nouns of the language: the words a block begins with.

/// What kind of thing a block speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Noun {
    /// A place.
    Site,
    /// A named selection of nodes and interfaces.
    Area,
    /// Someone who shares the network.
    Tenant,
    /// A network element or a computer.
    Node,
    /// An NR or LTE cell of a node.
    Cell,
    /// A Wi-Fi radio of a node.
    Radio,
    /// An Ethernet port of a node.
    Port,
    /// A connection of two nodes.
    Link,
    /// An inventory file.
    Table,
    /// A tenant's group of interfaces.
    Chunk,
    /// What is radiated on a chunk.
    Service,
    /// Shares that tenants were promised over an area.
    Sla,
    /// A near-RT RIC to place.
    Ric,
    /// A platform component of a RIC.
    Component,
    /// An xApp of a RIC.
    Xapp,
    /// An entry of the model catalog.
    Model,
    /// Functions wanted on nodes.
    Request,
    /// A part of a request with limits of its own.
    Target,
    /// What near-RT RICs should do.
    Policy,
    /// A rule that a plan must or should keep.
    Guard,
    /// How much one plan may touch.
    Limit,
    /// What should stay where it is.
    Keep,
    /// A team and what it owns.
    Owner,
    /// A thing that no plan may delete.
    Protect,
    /// A thing to stop managing.
    Forget,
    /// A new name for a thing.
    Moved,
    /// What happens to leaves that others changed.
    Outside,
    /// A folder of intents used under a name.
    Module,
    /// A value that a module or a project takes.
    Parameter,
    /// Changes for one environment.
    Overlay,
    /// What an overlay changes of one thing.
    Set,
}

impl Noun {
    /// Every noun, in reading order.
    pub const ALL: [Noun; 31] = [
        Noun::Site,
        Noun::Area,
        Noun::Tenant,
        Noun::Node,
        Noun::Cell,
        Noun::Radio,
        Noun::Port,
        Noun::Link,
        Noun::Table,
        Noun::Chunk,
        Noun::Service,
        Noun::Sla,
        Noun::Ric,
        Noun::Component,
        Noun::Xapp,
        Noun::Model,
        Noun::Request,
        Noun::Target,
        Noun::Policy,
        Noun::Guard,
        Noun::Limit,
        Noun::Keep,
        Noun::Owner,
        Noun::Protect,
        Noun::Forget,
        Noun::Moved,
        Noun::Outside,
        Noun::Module,
        Noun::Parameter,
        Noun::Overlay,
        Noun::Set,
    ];

    /// The word it is written with.
    pub fn as_str(self) -> &'static str {
        match self {
            Noun::Site => "site",
            Noun::Area => "area",
            Noun::Tenant => "tenant",
            Noun::Node => "node",
            Noun::Cell => "cell",
            Noun::Radio => "radio",
            Noun::Port => "port",
            Noun::Link => "link",
            Noun::Table => "table",
            Noun::Chunk => "chunk",
            Noun::Service => "service",
            Noun::Sla => "sla",
            Noun::Ric => "ric",
            Noun::Component => "component",
            Noun::Xapp => "xapp",
            Noun::Model => "model",
            Noun::Request => "request",
            Noun::Target => "target",
            Noun::Policy => "policy",
            Noun::Guard => "guard",
            Noun::Limit => "limit",
            Noun::Keep => "keep",
            Noun::Owner => "owner",
            Noun::Protect => "protect",
            Noun::Forget => "forget",
            Noun::Moved => "moved",
            Noun::Outside => "outside change",
            Noun::Module => "module",
            Noun::Parameter => "parameter",
            Noun::Overlay => "overlay",
            Noun::Set => "set",
        }
    }

    /// The noun written with this word.
    pub fn find(word: &str) -> Option<Noun> {
        Noun::ALL.into_iter().find(|noun| noun.as_str() == word)
    }

    /// Whether a name follows the noun.
    pub fn has_name(self) -> bool {
        use Noun::{Forget, Keep, Limit, Link, Moved, Outside, Protect, Set};
        !matches!(self, Link | Limit | Keep | Protect | Forget | Moved | Outside | Set)
    }

    /// The noun it stands in, or none where it stands at top level.
    pub fn parent(self) -> Option<Noun> {
        match self {
            Noun::Cell | Noun::Radio | Noun::Port => Some(Noun::Node),
            Noun::Component | Noun::Xapp => Some(Noun::Ric),
            Noun::Target => Some(Noun::Request),
            Noun::Set => Some(Noun::Overlay),
            _ => None,
        }
    }
}

impl std::fmt::Display for Noun {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
