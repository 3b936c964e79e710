//! The attributes of policies for near-RT RICs.

use super::{Attribute, many, once};
use crate::ast::Noun;
use crate::parse::rules::Rule;

#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[Attribute] = &[
    many(Noun::Policy, "for", Rule::policy_for, "a tenant, `5qi`, `qci`, `ue` or `group`", "for tenant red", "whom it is for; several lines narrow it"),
    once(Noun::Policy, "on", Rule::policy_on, "a selection, or the `tracking-areas of` one", "on cells in site plaza", "the cells it speaks of; all of its RICs, if it says nothing"),
    once(Noun::Policy, "through", Rule::through, "near-RT RICs", "through ric-1, ric-2", "the RICs it goes to; those above its cells, if it says nothing"),
    many(Noun::Policy, "prefer", Rule::prefer, "a selection of cells", "prefer primary cells gnb-1/nr-1", "cells to be served by rather than by others; the first line most"),
    many(Noun::Policy, "avoid", Rule::avoid, "a selection of cells", "avoid cells in site plaza", "cells not to be served by where others do; the first line most; `avoid switching-off` and `avoid shrinking`: cells to spare where energy is saved"),
    many(Noun::Policy, "forbid", Rule::forbid, "a selection of cells", "forbid cells where band = n78", "cells never to be served by; `forbid switching-off` and `forbid shrinking`: cells that saving energy leaves as they are"),
    many(Noun::Policy, "require", Rule::policy_require, "a selection of cells, or `enforced`", "require cells in site plaza", "the only cells to be served by; `require enforced`: an apply fails unless the RIC says so"),
    once(Noun::Policy, "guarantee", Rule::policy_guarantee, "directions and bit rates", "guarantee dl 20Mbps, ul 5Mbps", "the least throughput"),
    many(Noun::Policy, "at most", Rule::at_most, "directions and bit rates, sizes `per packet`, or a number of `ues` or `sessions`", "at most dl 100Mbps per ue", "the most throughput, of all or `per ue`; the largest packet; the most user equipments or sessions"),
    many(Noun::Policy, "delay", Rule::delay, "a duration", "delay dl 10ms", "the packet delay budget, of both directions or of one"),
    once(Noun::Policy, "loss", Rule::loss, "directions and percentages", "loss dl 0.1%, ul 1%", "the largest part of packets that may be lost"),
    once(Noun::Policy, "jitter", Rule::jitter, "directions and durations", "jitter dl 2ms", "how far packets may come from their time"),
    once(Noun::Policy, "reliability", Rule::reliability, "directions, each with a part, a size and a duration", "reliability dl 99.999% of 32B within 1ms", "which part of packets of a size arrives within a time"),
    once(Noun::Policy, "priority", Rule::priority, "a number", "priority 10", "its priority, 1 the highest"),
    once(Noun::Policy, "quality", Rule::quality, "bounds on what a user sees", "quality score 4.2, buffering 2s, stalls 1%", "what a user should experience"),
    once(Noun::Policy, "balance", Rule::balance, "directions and percentages", "balance dl 60%, ul 50% peak", "how full each of its cells should be"),
    once(Noun::Policy, "onto", Rule::onto, "a selection of cells", "onto cells in area downtown", "where the load above goes"),
    once(Noun::Policy, "save energy", Rule::save_energy, "a percentage or `to` an amount; `while` use is at most so much", "save energy 20% while dl 30%", "the energy its cells should save, and up to which use of their resource blocks"),
    once(Noun::Policy, "transient", Rule::transient, "nothing more", "transient", "it may vanish with a restart of the RIC"),
    many(Noun::Policy, "label", Rule::label, "a key and a value", r#"label vendor "acme""#, "a key and a value to select by"),
    once(Noun::Policy, "owner", Rule::owner, "the name of an owner", "owner team-a", "the team that answers for it"),
];
