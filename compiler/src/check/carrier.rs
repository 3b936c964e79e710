//! Carriers: inside the band, on the raster, uplink where the band wants it, bandwidth and spacing the band has,
//! TDD patterns a frame can hold, SSB inside the carrier. Tables: [`crate::radio_tables`].

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Cell, Duplex, Technology};
use ranform_network::radio::Band;
use ranform_network::source::Located;
use ranform_network::units::Hertz;

use super::{Check, Context, Findings};
use crate::radio_tables::{self, BandInfo, channel_list, channel_number};

mod tdd;

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    unknown_band,
    one_way_band,
    carrier_inside_band,
    carrier_on_raster,
    uplink_carrier,
    channel_combination,
    resource_blocks,
    duplex_of_band,
    tdd::pattern,
    ssb_inside_carrier,
    ssb_on_raster,
    anchor,
    aggregation,
];

/// Calls `check` for each cell whose band is known.
fn each(context: &Context<'_>, mut check: impl FnMut(&Cell, &'static BandInfo)) {
    for (_, cell) in context.network.cells.iter() {
        if let Some(info) = radio_tables::band(cell.band.value) {
            check(cell, info);
        }
    }
}

/// The band exists.
fn unknown_band(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let band = cell.band.value;
        if radio_tables::band(band).is_some() {
            continue;
        }
        let (other, technology) = match band {
            Band::Nr(number) => (Band::Lte(number), "NR"),
            Band::Lte(number) => (Band::Nr(number), "LTE"),
        };
        let holds = |info: &&BandInfo| info.holds(cell.carrier.value, cell.bandwidth.value);
        let fitting: Vec<String> =
            radio_tables::bands(band).iter().filter(holds).map(|info| info.band.to_string()).collect();
        let help = match (radio_tables::band(other), fitting.is_empty()) {
            (Some(info), _) if holds(&info) => Some(format!("did you mean `{other}`?")),
            (_, false) => Some(format!("bands that hold {}: {}", cell.carrier.value, fitting.join(", "))),
            _ => None,
        };
        findings.push(
            Diagnostic::error(&codes::NO_SUCH_BAND, cell.band.span, format!("there is no {technology} band `{band}`"))
                .maybe_help(help),
        );
    }
}

/// A cell has both directions: supplementary bands add to one and are none (TS 38.104 5.2).
fn one_way_band(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let missing = match info.duplex {
            Duplex::Sdl => "uplink",
            Duplex::Sul => "downlink",
            Duplex::Fdd | Duplex::Tdd => return,
        };
        let message = format!("band `{}` has no {missing}: it adds to another cell, and is no cell's own", info.band);
        findings.push(
            Diagnostic::error(&codes::ONE_WAY_BAND, cell.band.span, message)
                .help("choose a band with uplink and downlink; set on the device that the cell aggregates this one"),
        );
    });
}

/// Carrier plus and minus half the bandwidth stays inside the band (TS 38.104 5.2, TS 36.104 5.5).
fn carrier_inside_band(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let range = info.carrier_range();
        let (carrier, bandwidth) = (cell.carrier.value, cell.bandwidth.value);
        if info.holds(carrier, bandwidth) {
            return;
        }
        let half = Hertz(bandwidth.0 / 2);
        let (low, high) = (Hertz(carrier.0.saturating_sub(half.0)), Hertz(carrier.0.saturating_add(half.0)));
        let message = format!(
            "a {bandwidth} channel at {carrier} reaches from {low} to {high}, outside band `{}` ({} to {})",
            info.band,
            range.lowest(),
            range.highest(),
        );
        let help = match info.nearest(range, carrier, bandwidth, cell.scs.value) {
            Some(legal) if legal < carrier => format!("{legal} is the last legal carrier for {bandwidth}"),
            Some(legal) => format!("{legal} is the first legal carrier for {bandwidth}"),
            None => format!("band `{}` is only {} wide", info.band, Hertz(range.highest().0 - range.lowest().0)),
        };
        let mut finding = Diagnostic::error(&codes::CARRIER_OUTSIDE_BAND, cell.carrier.span, message)
            .label("the channel leaves the band")
            .and(cell.band.span, "the band")
            .and(cell.bandwidth.span, "the bandwidth")
            .help(help);
        finding.labels.retain(|label| label.span != cell.carrier.span);
        findings.push(finding);
    });
}

/// The carrier is on the channel raster (TS 38.104 5.4.2, TS 36.104 5.7.2).
fn carrier_on_raster(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let (carrier, bandwidth, scs) = (cell.carrier.value, cell.bandwidth.value, cell.scs.value);
        // Outside its band a carrier is on no raster, and a bandwidth that the band does not have stands nowhere: those
        // are other findings.
        let channels = channel_list::carriers(info.band, bandwidth);
        let told = !info.holds(carrier, bandwidth) || channels.as_ref().is_some_and(Vec::is_empty);
        if told || info.on_raster(carrier, bandwidth, scs) {
            return;
        }
        let message = match channels {
            Some(channels) => format!(
                "the carrier {carrier} is that of none of the {} channels of {bandwidth} in band `{}`",
                channels.len(),
                info.band
            ),
            None => {
                let raster = Hertz(info.raster(scs));
                format!("the carrier {carrier} is not on the {raster} raster of band `{}` at {scs}", info.band)
            }
        };
        let legal = info.nearest(info.carrier_range(), carrier, bandwidth, scs);
        let number = |legal: Hertz| match radio_tables::arfcn(info.band, legal) {
            Some(arfcn) => format!("the nearest legal carrier is {} (channel number {arfcn})", exact(legal)),
            None => format!("the nearest legal carrier is {}", exact(legal)),
        };
        findings.push(
            Diagnostic::error(&codes::CARRIER_OFF_RASTER, cell.carrier.span, message).maybe_help(legal.map(number)),
        );
    });
}

/// The uplink lies inside the band's uplink, at the duplex distance (TS 38.101-1 5.4.4, TS 36.101 5.7.4).
fn uplink_carrier(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        // The duplex mode is another finding, and decides where an unstated uplink is taken to be.
        // So are a band of one direction and a carrier outside its band.
        let told = is_one_way(info) || !info.holds(cell.carrier.value, cell.bandwidth.value);
        if told || cell.duplex.value != info.duplex {
            return;
        }
        let wanted = radio_tables::uplink_carrier(info.band, cell.carrier.value);
        // Where the downlink is wider than the uplink, not every carrier has one at the duplex distance.
        let holds = |wanted: &Hertz| match info.duplex {
            Duplex::Tdd => info.holds(*wanted, cell.bandwidth.value),
            _ => info.uplink.is_some_and(|range| range.holds(*wanted, cell.bandwidth.value)),
        };
        let inside = wanted.filter(holds);
        let Some(uplink) = cell.uplink_carrier else { return };
        if inside.is_none() && wanted == Some(uplink.value) {
            findings.push(no_uplink_there(cell, info, uplink.value));
            return;
        }
        let wanted = inside;
        let problem = match (info.duplex, wanted) {
            (_, Some(wanted)) if wanted != uplink.value => Some(match info.duplex {
                Duplex::Fdd => format!(
                    "the uplink carrier {} is {} the downlink carrier {}; band `{}` wants {}",
                    uplink.value,
                    distance(cell.carrier.value, uplink.value),
                    cell.carrier.value,
                    info.band,
                    distance(cell.carrier.value, wanted),
                ),
                _ => format!(
                    "the uplink carrier {} differs from the carrier {} in time division band `{}`",
                    uplink.value, cell.carrier.value, info.band
                ),
            }),
            (_, None) => outside_uplink(cell, info, uplink),
            _ => None,
        };
        let Some(message) = problem else { return };
        let help = match wanted {
            Some(wanted) => format!("write `uplink carrier {wanted}`, or leave it out"),
            None => "choose an uplink carrier inside the uplink of the band".to_owned(),
        };
        findings.push(Diagnostic::error(&codes::WRONG_UPLINK, uplink.span, message).help(help));
    });
}

fn is_one_way(info: &BandInfo) -> bool {
    matches!(info.duplex, Duplex::Sdl | Duplex::Sul)
}

/// An uplink at the duplex distance that leaves the band.
fn no_uplink_there(cell: &Cell, info: &BandInfo, uplink: Hertz) -> Diagnostic {
    let bandwidth = cell.bandwidth.value;
    let range = info.uplink.unwrap_or(info.carrier_range());
    let message = format!(
        "the uplink of {} at the duplex distance is {uplink}, outside the uplink of band `{}` ({} to {})",
        cell.carrier.value,
        info.band,
        range.lowest(),
        range.highest(),
    );
    let distance = cell.carrier.value.0.abs_diff(uplink.0);
    let last = info.nearest(range, uplink, bandwidth, cell.scs.value).map(|legal| Hertz(legal.0 + distance));
    let help = last.map(|legal| format!("with {bandwidth}, the nearest carrier that has one is {legal}"));
    Diagnostic::error(&codes::WRONG_UPLINK, cell.carrier.span, message).maybe_help(help)
}

fn outside_uplink(cell: &Cell, info: &BandInfo, uplink: Located<Hertz>) -> Option<String> {
    let range = info.uplink?;
    (!range.holds(uplink.value, cell.bandwidth.value)).then(|| {
        format!(
            "a {} uplink at {} leaves the uplink of band `{}` ({} to {})",
            cell.bandwidth.value,
            uplink.value,
            info.band,
            range.lowest(),
            range.highest(),
        )
    })
}

/// The band has this bandwidth at this subcarrier spacing (TS 38.104 5.3.5, TS 36.101 5.6.1).
fn channel_combination(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let (scs, bandwidth) = (cell.scs.value, cell.bandwidth.value);
        if info.has(scs, bandwidth) {
            return;
        }
        let hertz = |khz: &u32| Hertz(u64::from(*khz) * 1000).to_string();
        let (span, message, help) = if !info.spacings.iter().any(|known| u64::from(*known) * 1000 == scs.0) {
            let spacings: Vec<String> = info.spacings.iter().map(hertz).collect();
            let message = format!("band `{}` has no subcarrier spacing of {scs}", info.band);
            (cell.scs.span, message, format!("band `{}` has {}", info.band, spacings.join(", ")))
        } else {
            let widths: Vec<String> = info.bandwidths(scs).iter().map(hertz).collect();
            let message = match cell.technology() {
                Technology::Nr => format!("band `{}` has no {bandwidth} channel at {scs}", info.band),
                _ => format!("band `{}` has no {bandwidth} channel", info.band),
            };
            (cell.bandwidth.span, message, format!("it has {}", widths.join(", ")))
        };
        findings.push(Diagnostic::error(&codes::NO_SUCH_CHANNEL, span, message).help(help));
    });
}

/// Stated resource blocks are those of the channel (TS 38.104 5.3.2, TS 36.104 5.6).
fn resource_blocks(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let Some(blocks) = radio_tables::prbs(info.band, cell.scs.value, cell.bandwidth.value) else { return };
        if blocks == cell.prbs {
            return;
        }
        let (scs, bandwidth) = (cell.scs.value, cell.bandwidth.value);
        let message = format!("{bandwidth} at {scs} is {blocks}, not {}", cell.prbs);
        let help = format!("write `prbs {}`, or leave it out", blocks.0);
        let span = cell.prbs_span.unwrap_or(cell.bandwidth.span);
        findings.push(
            Diagnostic::error(&codes::WRONG_PRBS, span, message).and(cell.bandwidth.span, "the bandwidth").help(help),
        );
    });
}

/// The duplex mode is the band's.
fn duplex_of_band(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        if cell.duplex.value == info.duplex || is_one_way(info) {
            return;
        }
        let message = format!("band `{}` is {}, not {}", info.band, word(info.duplex), word(cell.duplex.value));
        let help = format!("write `duplex {}`, or leave it out", word(info.duplex));
        findings.push(Diagnostic::error(&codes::WRONG_DUPLEX, cell.duplex.span, message).help(help));
    });
}

/// The synchronization block lies inside the carrier (TS 38.211 7.4.3.1: 20 resource blocks).
fn ssb_inside_carrier(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, info| {
        let Some(ssb) = cell.ssb else { return };
        if cell.technology() != Technology::Nr {
            let message = format!("LTE band `{}` has no synchronization block to place", info.band);
            findings.push(Diagnostic::error(&codes::SSB_OUTSIDE_CARRIER, ssb.span, message).help("leave `ssb` out"));
            return;
        }
        // Below 24.25 GHz blocks have 15 or 30 kHz, whatever the carrier has (TS 38.104 table 5.4.3.3-1).
        let spacing = if radio_tables::is_fr2(cell.carrier.value) { 120_000 } else { cell.scs.value.0.min(30_000) };
        let width = 20 * 12 * spacing;
        let room = (cell.bandwidth.value.0 / 2).saturating_sub(width / 2);
        if ssb.value.0.abs_diff(cell.carrier.value.0) <= room {
            return;
        }
        let message = format!(
            "a synchronization block of {} at {} leaves the {} channel at {}",
            Hertz(width),
            ssb.value,
            cell.bandwidth.value,
            cell.carrier.value,
        );
        let (low, high) = (cell.carrier.value.0.saturating_sub(room), cell.carrier.value.0.saturating_add(room));
        let help = format!("its centre may lie between {} and {}", Hertz(low), Hertz(high));
        findings.push(
            Diagnostic::error(&codes::SSB_OUTSIDE_CARRIER, ssb.span, message)
                .and(cell.carrier.span, "the carrier")
                .help(help),
        );
    });
}

/// The synchronization block is on the synchronization raster, where a phone looks for a stand-alone cell
/// (TS 38.104 5.4.3); a cell that is only added by an anchor may leave it.
fn ssb_on_raster(context: &Context<'_>, findings: &mut Findings) {
    each(context, |cell, _| {
        let Some(ssb) = cell.ssb else { return };
        if cell.technology() != Technology::Nr || cell.anchor.is_some() || radio_tables::gscn(ssb.value).is_some() {
            return;
        }
        let near = channel_number::nearest_ssb(ssb.value);
        let number = radio_tables::gscn(near).map(|gscn| format!(" (GSCN {gscn})")).unwrap_or_default();
        let message = format!("no phone searches for a cell at {}: it is off the synchronization raster", ssb.value);
        let help = format!("the nearest raster point is {}{number}", exact(near));
        findings.push(Diagnostic::warning(&codes::SSB_OFF_RASTER, ssb.span, message).help(help));
    });
}

/// The anchor of a non-standalone cell is an LTE cell, and the cell itself is NR.
fn anchor(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let Some(anchor) = cell.anchor else { continue };
        let other = &context.network.cells[anchor.value];
        let message = if cell.technology() != Technology::Nr {
            format!("an LTE cell needs no anchor, yet `{}` names one", cell.entity.address)
        } else if other.technology() != Technology::Lte {
            format!("the anchor `{}` is an NR cell", other.entity.address)
        } else {
            continue;
        };
        findings.push(
            Diagnostic::error(&codes::WRONG_ANCHOR, anchor.span, message)
                .help("`anchor` names the LTE cell that a non-standalone NR cell is added to"),
        );
    }
}

/// Carriers that are aggregated are two, of one technology and of one base station.
fn aggregation(context: &Context<'_>, findings: &mut Findings) {
    for (id, cell) in context.network.cells.iter() {
        for partner in &cell.aggregates_with {
            let other = &context.network.cells[partner.value];
            let message = if partner.value == id {
                format!("`{}` aggregates with itself", cell.entity.address)
            } else if other.technology() != cell.technology() {
                format!("carriers of two technologies are not aggregated: `{}`", other.entity.address)
            } else if other.carrier.value == cell.carrier.value {
                format!("`{}` has the same carrier {}", other.entity.address, cell.carrier.value)
            } else {
                continue;
            };
            findings.push(
                Diagnostic::error(&codes::WRONG_AGGREGATION, partner.span, message)
                    .help("name another carrier of the same technology; for LTE with NR use `anchor`"),
            );
        }
    }
}

fn distance(downlink: Hertz, uplink: Hertz) -> String {
    let side = if uplink <= downlink { "below" } else { "above" };
    format!("{} {side}", Hertz(downlink.0.abs_diff(uplink.0)))
}

/// A frequency in full, in MHz.
fn exact(frequency: Hertz) -> String {
    let text = format!("{}.{:06}", frequency.0 / 1_000_000, frequency.0 % 1_000_000);
    format!("{}MHz", text.trim_end_matches('0').trim_end_matches('.'))
}

fn word(duplex: Duplex) -> &'static str {
    match duplex {
        Duplex::Fdd => "fdd",
        Duplex::Tdd => "tdd",
        Duplex::Sdl => "sdl",
        Duplex::Sul => "sul",
    }
}

#[cfg(test)]
mod tests;
