//! Why something at an address is as it is, in a few lines.

use std::fmt::Write;

use ranform_network::Control;
use ranform_network::address::Address;
use ranform_network::units::decimal;

use crate::display::diagnostics::place;
use crate::display::plain::one_line;
use crate::pipeline::Planned;

/// The explanation of an address that is decided.
///
/// # Errors
/// There is no such address; the message names the nearest.
pub fn address(planned: &Planned, subject: &str, control: &dyn Control) -> Result<String, String> {
    let address = Address::from_text(subject);
    if let Some(lines) = crate::software::why::lines(planned, &address, control) {
        let lines: Vec<_> = lines.iter().map(|line| one_line(line)).collect();
        return Ok(lines.join("\n  ") + "\n");
    }
    let Some(placed) = planned.deployment.placed.get(&address) else {
        return Err(unknown(planned, subject));
    };
    let mut out = format!("{}\n", one_line(&format!("{address} on {} ({})", placed.device, placed.device_id)));
    let _ = writeln!(out, "  comes from {}", one_line(&place(placed.span, &planned.sources)));
    for (path, value) in placed.resource.leaves() {
        let _ = writeln!(out, "  {}", one_line(&format!("{path} = {value}")));
    }
    let interface = address.parent();
    for line in &planned.summary.shares {
        if Some(&line.interface) != interface.as_ref() || Some(&line.tenant) != placed.tenant.as_ref() {
            continue;
        }
        let _ = writeln!(out, "  share: {} % ({})", decimal(line.after.percent, 2), line.sharing);
        let exact = planned.decisions.shares.shares.iter().find(|share| {
            planned.network.entity_of(share.interface).address == line.interface
                && planned.network.tenants[share.tenant].entity.address.last().1.trim_matches('"') == line.tenant
        });
        if let Some(exact) = exact {
            let _ = writeln!(
                out,
                "  the optimum before rounding to the device's grid: {} %",
                decimal(exact.exact * 100.0, 6)
            );
        }
    }
    for sla in &planned.summary.slas {
        if Some(&sla.tenant) == placed.tenant.as_ref() {
            let _ = writeln!(
                out,
                "  {} asks {} % for {} over its area and gets {} %",
                one_line(sla.sla.as_str()),
                decimal(sla.target, 2),
                one_line(&sla.tenant),
                decimal(sla.reached, 2)
            );
        }
    }
    Ok(out)
}

fn unknown(planned: &Planned, subject: &str) -> String {
    let deployment = &planned.deployment;
    let requests = planned.network.requests.iter().map(|(_, request)| &request.entity.address);
    let near = deployment
        .placed
        .keys()
        .chain(deployment.undeployed.keys())
        .chain(planned.network.rics.iter().map(|(_, ric)| &ric.entity.address))
        .chain(requests)
        .map(|address| (strsim::levenshtein(address.as_str(), subject), address))
        .min()
        .filter(|(distance, _)| *distance <= subject.len() / 3 + 1);
    match near {
        Some((_, address)) => format!("nothing is decided at `{subject}`; did you mean `{address}`?"),
        None => format!("`{subject}` is neither a diagnostic code nor an address that is decided"),
    }
}
