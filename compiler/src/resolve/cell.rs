//! `cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  sharing prb }`

use ranform_network::ids::{CellId, NodeId};
use ranform_network::network::{Cell, Duplex, Interface, Name, NetworkSharing};
use ranform_network::radio::Band;
use ranform_network::units::{Degrees, Hertz, Nanoseconds, Prb};
use ranform_network::{Address, Located, Span};

use super::body::Body;
use super::names::Lookup;
use super::sharing::sharing;
use crate::radio_tables;

const DUPLEX: &[(Duplex, &str)] =
    &[(Duplex::Fdd, "fdd"), (Duplex::Tdd, "tdd"), (Duplex::Sdl, "sdl"), (Duplex::Sul, "sul")];
/// The modulations of NR and LTE (TS 38.211 5.1, TS 36.211 7.1).
const MODULATIONS: &[(&str, &str)] = &[
    ("bpsk", "bpsk"),
    ("qpsk", "qpsk"),
    ("16qam", "16qam"),
    ("64qam", "64qam"),
    ("256qam", "256qam"),
    ("1024qam", "1024qam"),
];
const SHARE_MODES: &[(NetworkSharing, &str)] = &[(NetworkSharing::Mocn, "mocn"), (NetworkSharing::Moran, "moran")];
/// The states, as whether the interface is in service.
pub(crate) const STATES: &[(bool, &str)] = &[(true, "unlocked"), (false, "locked")];

/// What the radio of a cell is: read together, since each has a default that follows from the others.
struct Carrier {
    band: Located<Band>,
    carrier: Located<Hertz>,
    uplink: Option<Located<Hertz>>,
    bandwidth: Located<Hertz>,
    scs: Located<Hertz>,
    duplex: Located<Duplex>,
    prbs: Prb,
    prbs_span: Option<Span>,
}

/// What a cell block or row says, other cells excepted: cells are not numbered yet.
pub(crate) fn cell(body: &Body<'_>, node: Option<NodeId>, lookup: Lookup<'_>) -> Option<Cell> {
    let on = node.and_then(|node| lookup.network.nodes.get(node));
    let parent = on.map(|node| node.entity.address.clone()).unwrap_or_else(|| Address::new("node", ""));
    let whole = |keyword, most| body.one(keyword).and_then(|value| value.whole(0, most));
    let degrees = |keyword| body.one(keyword).and_then(|value| value.degrees()).map(|value| value.value);
    let carrier = carrier(body);
    let rest = Rest {
        tdd_pattern: body.one("tdd").and_then(|pattern| pattern.text()),
        tdd_offset: body.line("tdd").and_then(|line| line.after("offset")).and_then(|offset| offset.nanoseconds()),
        azimuth: degrees("azimuth"),
        tilt: degrees("tilt"),
        network_sharing: body.one("share-mode").and_then(|mode| mode.choice(SHARE_MODES)).map(|mode| mode.value),
        unlocked: body.one("state").and_then(|state| state.choice(STATES)).is_none_or(|state| state.value),
    };
    let entity = body.entity(parent.child("cell", &body.name));
    let (local_id, pci, tac) = (whole("local-id", u32::MAX), whole("pci", u32::MAX), whole("tac", u32::MAX));
    let (layers, efficiency) = (body.one("layers").and_then(|layers| layers.whole(1, 64)), efficiency(body));
    let power = body.one("power").and_then(|power| power.dbm());
    let ssb = body.one("ssb").and_then(|ssb| ssb.hertz());
    let modulation =
        body.one("modulation").and_then(|modulation| modulation.choice(MODULATIONS)).map(|word| word.value.into());
    let sharing = sharing(body, on, false, lookup);
    let (node, carrier) = (node?, carrier?);
    let uplink_arfcn = carrier.uplink.and_then(|uplink| radio_tables::uplink_arfcn(carrier.band.value, uplink.value));
    Some(Cell {
        entity,
        node,
        band: carrier.band,
        carrier: carrier.carrier,
        uplink_carrier: carrier.uplink,
        bandwidth: carrier.bandwidth,
        scs: carrier.scs,
        duplex: carrier.duplex,
        arfcn_dl: radio_tables::arfcn(carrier.band.value, carrier.carrier.value).unwrap_or_default(),
        arfcn_ul: uplink_arfcn.unwrap_or_default(),
        ssb_arfcn: ssb.and_then(|ssb| radio_tables::arfcn(carrier.band.value, ssb.value)),
        tdd_pattern: rest.tdd_pattern,
        tdd_offset: rest.tdd_offset.map_or(Nanoseconds(0), |offset| offset.value),
        prbs: carrier.prbs,
        prbs_span: carrier.prbs_span,
        local_id,
        pci,
        tac,
        power,
        ssb,
        azimuth: rest.azimuth,
        tilt: rest.tilt,
        layers: layers.map(|layers| layers.value),
        modulation,
        efficiency,
        neighbours: Vec::new(),
        aggregates_with: Vec::new(),
        anchor: None,
        network_sharing: rest.network_sharing,
        unlocked: rest.unlocked,
        sharing,
    })
}

struct Rest {
    tdd_pattern: Option<Located<Name>>,
    tdd_offset: Option<Located<Nanoseconds>>,
    azimuth: Option<Degrees>,
    tilt: Option<Degrees>,
    network_sharing: Option<NetworkSharing>,
    unlocked: bool,
}

/// Bits per second and hertz.
pub(crate) fn efficiency(body: &Body<'_>) -> Option<f64> {
    let value = body.one("efficiency")?;
    let efficiency = value.amount()?.value;
    if efficiency > 1000.0 {
        value.out_of_range("bit/s per Hz, 0 to 1000");
        return None;
    }
    Some(efficiency)
}

fn carrier(body: &Body<'_>) -> Option<Carrier> {
    let band = body.required("band", "n77").and_then(|band| band.band());
    let carrier = body.required("carrier", "4.05GHz").and_then(|carrier| carrier.hertz());
    let bandwidth = body.required("bandwidth", "50MHz").and_then(|bandwidth| bandwidth.hertz());
    let scs = match (body.one("scs"), band) {
        (Some(scs), _) => scs.hertz(),
        // LTE has one subcarrier spacing (TS 36.211 6.2.3).
        (None, Some(Located { value: Band::Lte(_), span })) => Some(Located::new(Hertz(15_000), span)),
        (None, _) => {
            body.missing("scs", "30kHz");
            None
        }
    };
    let duplex = body.one("duplex").map(|duplex| duplex.choice(DUPLEX));
    let uplink = body.one("uplink carrier").and_then(|uplink| uplink.hertz());
    let prbs = body.one("prbs").and_then(|prbs| prbs.whole(1, 10_000));
    let (band, carrier, bandwidth, scs) = (band?, carrier?, bandwidth?, scs?);
    let of_band = || radio_tables::band(band.value).map(|info| Located::new(info.duplex, band.span));
    let duplex = match duplex {
        Some(duplex) => duplex?,
        None => of_band().unwrap_or(Located::new(Duplex::Tdd, band.span)),
    };
    let derived = || match duplex.value {
        Duplex::Tdd => Some(carrier),
        Duplex::Fdd => {
            radio_tables::uplink_carrier(band.value, carrier.value).map(|uplink| Located::new(uplink, carrier.span))
        }
        Duplex::Sdl | Duplex::Sul => None,
    };
    // Where the table has no such bandwidth, that is a finding of the checks; none of the resource is known then.
    let table = || radio_tables::prbs(band.value, scs.value, bandwidth.value).unwrap_or(Prb(0));
    Some(Carrier {
        band,
        carrier,
        uplink: uplink.or_else(derived),
        bandwidth,
        scs,
        duplex,
        prbs: prbs.map_or_else(table, |prbs| Prb(prbs.value)),
        prbs_span: prbs.map(|prbs| prbs.span),
    })
}

/// The other cells that a cell speaks of, once cells are numbered.
pub(crate) struct CellReferences {
    /// Neighbours.
    pub neighbours: Vec<Located<CellId>>,
    /// Aggregation partners.
    pub aggregates_with: Vec<Located<CellId>>,
    /// The LTE anchor.
    pub anchor: Option<Located<CellId>>,
}

/// The attributes that speak of other cells.
pub(crate) const REFERENCES: &[&str] = &["neighbours", "aggregates with", "anchor"];

/// The other cells that a cell speaks of; none where it speaks of none.
pub(crate) fn references(body: &Body<'_>, lookup: Lookup<'_>) -> Option<CellReferences> {
    let cell = |argument: super::argument::Argument<'_, '_>| {
        let interface = lookup.interface(&argument)?;
        match interface.value {
            Interface::Cell(cell) => Some(Located::new(cell, interface.span)),
            Interface::Radio(_) | Interface::Port(_) => {
                argument.wrong("a cell", "the name of a cell: `gnb-1/nr-1`");
                None
            }
        }
    };
    let cells = |keyword: &'static str| -> Vec<_> {
        let mut cells: Vec<_> = body.all(keyword).flat_map(|line| line.list()).filter_map(cell).collect();
        cells.sort_by_key(|cell| (cell.value, cell.span));
        cells.dedup_by_key(|cell| cell.value);
        cells
    };
    let references = CellReferences {
        neighbours: cells("neighbours"),
        aggregates_with: cells("aggregates with"),
        anchor: body.one("anchor").and_then(cell),
    };
    let none = references.neighbours.is_empty() && references.aggregates_with.is_empty() && references.anchor.is_none();
    (!none).then_some(references)
}
