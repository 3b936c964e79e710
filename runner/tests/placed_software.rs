//! Properties of placed software over drawn networks: nothing is given twice, a second plan is empty, threads change nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use ranform::memory::Memory;
use ranform::pipeline::{self, Inputs, Planned};
use ranform::state::StateRecord;
use ranform_network::Address;
use ranform_network::deployment::{Recorded, Resource};
use ranform_network::source::MemoryWorld;

/// What is drawn: two RICs that share compute nodes, and requests on what they leave.
#[derive(Clone, Debug)]
struct Drawn {
    cores: Vec<u32>,
    latencies: Vec<u32>,
    demand: [u32; 3],
    budget: u32,
    models: [u32; 2],
    shared: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        prop::collection::vec(4u32..20, 2..5),
        prop::collection::vec(1u32..5, 6),
        prop::array::uniform3(1u32..4),
        8u32..30,
        prop::array::uniform2(1u32..6),
        any::<bool>(),
    )
        .prop_map(|(cores, latencies, demand, budget, models, shared)| Drawn {
            cores,
            latencies,
            demand,
            budget,
            models,
            shared,
        })
}

impl Drawn {
    fn intents(&self) -> String {
        let mut text = "language 1\nsite s { region \"metro\" }\n".to_owned();
        for (at, latency) in self.latencies.iter().enumerate() {
            let _ = writeln!(
                text,
                "node gnb-{at} : gnb {{ site s  gnb-id {}/22  plmn 001-01  label half \"{}\"  manage directory \"devices/gnb-{at}\" }}",
                400 + at,
                at % 2
            );
            let _ =
                writeln!(text, "link gnb-{at} -- edge-{} {{ latency {latency}ms  rate 1Gbps }}", at % self.cores.len());
        }
        for (at, cores) in self.cores.iter().enumerate() {
            let _ = writeln!(
                text,
                "node edge-{at} : compute {{ site s  capacity cpu {cores}  cost fixed {}, e2t {}  manage directory \"devices/edge-{at}\" }}",
                5 + at,
                2 + at % 2
            );
            if at > 0 {
                let _ = writeln!(text, "link edge-{at} -- edge-0 {{ latency 2ms  rate 1Gbps }}");
            }
        }
        let [management, e2t, xapp] = self.demand;
        for half in 0..2 {
            let _ = writeln!(
                text,
                "ric r{half} {{ serves e2-nodes where label.half = \"{half}\"  candidates compute-nodes\n component management {{ demand cpu {management} }}\n component e2t {{ demand cpu {e2t} }}\n xapp steering {{ demand cpu {xapp}  loop {}ms }} }}",
                self.budget
            );
        }
        for (at, cpu) in self.models.iter().enumerate() {
            let _ = writeln!(
                text,
                "model m{at} {{ offers f{at} performance 90%  input metrics 100B  demand cpu {cpu}  runs 1ms on compute }}"
            );
            let sharing = if self.shared { "yes" } else { "no" };
            let _ = writeln!(
                text,
                "request q{at} {{ want f{at} on gnb where label.half = \"{at}\"  within 20ms  value {}  sharing {sharing} }}",
                3 + at
            );
            let _ = writeln!(text, "request p{at} {{ want f{at} on gnb  within 30ms  value 2 }}");
        }
        text
    }
}

fn plan(text: &str, recorded: &BTreeMap<Address, Recorded>) -> Planned {
    let world = MemoryWorld::default().with("main.intent", text);
    let rows = recorded.iter().map(|(address, recorded)| (address.clone(), StateRecord::new(recorded.clone(), "")));
    pipeline::plan(&Inputs::new(&world, &Default::default(), &Memory { records: rows.collect(), ..Memory::default() }))
}

/// What state holds after the plan is applied.
fn applied(planned: &Planned) -> BTreeMap<Address, Recorded> {
    planned.deployment.placed.iter().map(|(address, placed)| (address.clone(), placed.recorded())).collect()
}

/// Cores in use by compute node, from the deployed things alone.
fn used(planned: &Planned) -> BTreeMap<Address, f64> {
    let mut used = BTreeMap::new();
    for placed in planned.deployment.placed.values() {
        let demand = match &placed.resource {
            Resource::RicInstance(instance) => &instance.demand,
            Resource::ModelInstance(instance) => &instance.demand,
            _ => continue,
        };
        *used.entry(placed.device.clone()).or_insert(0.0) += demand.get("cpu").copied().unwrap_or(0.0);
    }
    used
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_given_twice_and_a_second_plan_is_empty(drawn in drawn()) {
        let text = drawn.intents();
        let first = plan(&text, &BTreeMap::new());
        let codes: Vec<&str> = first.diagnostics.iter().map(|found| found.code.id).collect();
        if !first.complete {
            // Too little room is the only reason there can be.
            prop_assert!(codes.iter().all(|code| ["RF508", "RF810", "RF820"].contains(code)), "{codes:?}\n{text}");
            return Ok(());
        }
        for certificate in &first.certificates {
            prop_assert!(certificate.holds(), "{certificate:?}");
        }
        for (node, cores) in used(&first) {
            let at: usize = node.last().1.trim_start_matches("edge-").parse().unwrap();
            prop_assert!(cores <= f64::from(drawn.cores[at]) + 1e-9, "{node} gives {cores} of {}\n{text}", drawn.cores[at]);
        }
        let second = plan(&text, &applied(&first));
        prop_assert!(second.complete);
        prop_assert!(second.changes.is_empty(), "{:?}\n{text}", second.changes.iter().map(|change| &change.address).collect::<Vec<_>>());
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| plan(&text, &BTreeMap::new()));
        prop_assert_eq!(one.summary, first.summary);
    }
}
