//! The exchange format `ranform.placement/1` and its answer, to and from the typed forms.
//!
//! Only shapes are handled here; what the numbers must obey is in [`Problem::check`].

use std::collections::BTreeMap;
use std::fmt;

use ranform_network::{AnswerKind, AnswerStatus};
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::problem::{
    Component, Exclusion, FIRST_XAPP, LARGEST_LATENCY, NAMES, Pin, Problem, Spread, UNREACHABLE, inconsistent, shown,
};
use super::{Answer, Placement};
use crate::exchange::{DocumentCode, DocumentError, answer_format, distinct, read_document};
use crate::ignored::Shape;

/// Reads and checks a document.
pub fn read(document: &[u8]) -> Result<Problem, DocumentError> {
    let written: Written = read_document(AnswerKind::Placement, document)?;
    let problem = written.into_problem()?;
    problem.check()?;
    Ok(problem)
}

/// The fields of a document. `current` is an answer, of which only the places are read.
pub(crate) fn shape() -> Shape {
    Shape::of::<Written>()
        .with("components", Shape::of::<WrittenComponent>().by_name())
        .with("xapps", Shape::of::<WrittenXapp>())
        .with("pinned", Shape::of::<WrittenPin>())
        .with("excluded", Shape::of::<WrittenExclusion>())
        .with("spread", Shape::of::<WrittenSpread>())
}

/// Writes an answer as the exchange format has it. `seconds` is known only where the caller keeps a clock.
pub fn write(answer: &Answer, seconds: Option<f64>) -> Value {
    let status = match answer.status {
        AnswerStatus::Optimal => "optimal",
        AnswerStatus::Feasible => "feasible",
        AnswerStatus::Infeasible => "infeasible",
        AnswerStatus::Unknown => "unknown",
    };
    let placement = answer.placement.as_ref();
    let components = placement.map(|placement| by_name(&placement.places));
    let mut json = json!({
        "format": answer_format(AnswerKind::Placement),
        "status": status,
        "cost": placement.map(|placement| placement.cost),
        "bound": answer.bound,
        "gap": answer.gap(),
        "components": components,
        "xapps": placement.map(|placement| placement.places.get(FIRST_XAPP..).unwrap_or_default()),
        "seconds": seconds,
    });
    if let (Some(object), Some(moves)) = (json.as_object_mut(), placement.and_then(|placement| placement.moves)) {
        object.insert("moves".into(), json!(moves));
    }
    if let (Some(object), Some(placement)) = (json.as_object_mut(), placement.filter(|one| !one.standby.is_empty())) {
        let xapps = placement.standby.get(FIRST_XAPP..).unwrap_or_default();
        object.insert("standby".into(), json!({"components": by_name(&placement.standby), "xapps": xapps}));
    }
    if let (Some(object), Some(conflict)) = (json.as_object_mut(), &answer.conflict) {
        object.insert("conflict".into(), json!(conflict));
    }
    json
}

fn by_name(places: &[Vec<usize>]) -> BTreeMap<&'static str, &Vec<usize>> {
    NAMES.iter().copied().zip(places).collect()
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "format")]
    _format: String,
    latency_unit_us: u64,
    resources: Vec<String>,
    latency_e2_compute: Vec<Vec<Leg>>,
    latency_compute: Vec<Vec<Leg>>,
    fixed_cost: Vec<i64>,
    capacity: Vec<Option<Vec<i64>>>,
    #[serde(deserialize_with = "distinct")]
    components: BTreeMap<String, WrittenComponent>,
    xapps: Vec<WrittenXapp>,
    #[serde(default)]
    current: Option<WrittenCurrent>,
    #[serde(default)]
    pinned: Vec<WrittenPin>,
    #[serde(default)]
    excluded: Vec<WrittenExclusion>,
    #[serde(default)]
    move_cost: i64,
    #[serde(default)]
    most_moves: Option<i64>,
    #[serde(default)]
    spread: Vec<WrittenSpread>,
}

#[derive(Deserialize)]
struct WrittenComponent {
    cost: Vec<i64>,
    demand: Vec<i64>,
    #[serde(default)]
    processing: i64,
    #[serde(default)]
    demand_per_e2: Vec<i64>,
    #[serde(default)]
    serves_at_most: Option<usize>,
}

#[derive(Deserialize)]
struct WrittenXapp {
    cost: Vec<i64>,
    demand: Vec<i64>,
    loop_budget: Option<i64>,
    uses_sdl: bool,
    chain: Vec<usize>,
    #[serde(default)]
    processing: i64,
    #[serde(default)]
    demand_per_e2: Vec<i64>,
    #[serde(default)]
    serves_at_most: Option<usize>,
}

/// An answer, or the part of it that says where things are.
#[derive(Deserialize)]
struct WrittenCurrent {
    #[serde(deserialize_with = "distinct")]
    components: BTreeMap<String, Vec<Option<usize>>>,
    xapps: Vec<Vec<Option<usize>>>,
    #[serde(default)]
    standby: Option<WrittenPlaces>,
}

#[derive(Deserialize)]
struct WrittenPlaces {
    #[serde(deserialize_with = "distinct")]
    components: BTreeMap<String, Vec<Option<usize>>>,
    xapps: Vec<Vec<Option<usize>>>,
}

#[derive(Deserialize)]
struct WrittenPin {
    component: WrittenSlot,
    compute: usize,
    #[serde(default)]
    e2: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct WrittenExclusion {
    #[serde(default)]
    component: Option<WrittenSlot>,
    compute: usize,
}

#[derive(Deserialize)]
struct WrittenSpread {
    component: WrittenSlot,
    places: Vec<Option<usize>>,
    #[serde(default)]
    standby: bool,
}

/// `"e2t"`, or the index of an xApp.
#[derive(Deserialize, Serialize)]
#[serde(untagged, expecting = "expected the name of a component, or the number of an xApp")]
enum WrittenSlot {
    Xapp(usize),
    Named(String),
}

/// A latency as written. What is out of range is kept as -1, so that the check can say where it stands.
struct Leg(i32);

impl<'de> Deserialize<'de> for Leg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LegVisitor;
        impl Visitor<'_> for LegVisitor {
            type Value = Leg;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number or null")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Leg, E> {
                Ok(Leg(i32::try_from(value).ok().filter(|value| *value <= LARGEST_LATENCY).unwrap_or(-1)))
            }

            fn visit_i64<E>(self, _negative: i64) -> Result<Leg, E> {
                Ok(Leg(-1))
            }

            fn visit_unit<E>(self) -> Result<Leg, E> {
                Ok(Leg(UNREACHABLE))
            }
        }
        deserializer.deserialize_any(LegVisitor)
    }
}

impl Written {
    fn into_problem(mut self) -> Result<Problem, DocumentError> {
        let compute_nodes = self.fixed_cost.len();
        let components = self.take_components()?;
        let slot = |slot: &WrittenSlot| slot_of(slot, components.len());
        let pins = self
            .pinned
            .iter()
            .map(|pin| Ok(Pin { component: slot(&pin.component)?, compute: pin.compute, e2: pin.e2.clone() }))
            .collect::<Result<_, DocumentError>>()?;
        let exclusions = self
            .excluded
            .iter()
            .map(|rule| {
                Ok(Exclusion { component: rule.component.as_ref().map(&slot).transpose()?, compute: rule.compute })
            })
            .collect::<Result<_, DocumentError>>()?;
        let standby = self.current.as_mut().and_then(|current| current.standby.take());
        let current_standby = standby.map(|standby| places_of(standby.components, standby.xapps)).transpose()?;
        let current_standby = current_standby.unwrap_or_default();
        let current = self.current.map(|current| places_of(current.components, current.xapps)).transpose()?;
        let spread = |written: WrittenSpread| {
            let component = slot(&written.component)?;
            Ok(Spread { component, places: written.places, standby: written.standby })
        };
        let spreads = self.spread.into_iter().map(spread).collect::<Result<_, DocumentError>>()?;
        Ok(Problem {
            latency_unit_us: self.latency_unit_us,
            resources: self.resources,
            e2_nodes: self.latency_e2_compute.len(),
            compute_nodes,
            latency_e2: matrix("latency_e2_compute", self.latency_e2_compute, compute_nodes)?,
            latency_compute: matrix("latency_compute", self.latency_compute, compute_nodes)?,
            fixed_cost: self.fixed_cost,
            capacity: self.capacity,
            components,
            current,
            current_standby,
            also_running: Vec::new(),
            pins,
            exclusions,
            move_cost: self.move_cost,
            most_moves: self.most_moves,
            spreads,
        })
    }

    fn take_components(&mut self) -> Result<Vec<Component>, DocumentError> {
        let mut components = Vec::with_capacity(FIRST_XAPP + self.xapps.len());
        for name in NAMES {
            let Some(written) = self.components.remove(name) else {
                return Err(DocumentError::new(
                    DocumentCode::NotReadable,
                    format!("the component `{name}` is missing"),
                ));
            };
            components.push(Component {
                cost: written.cost,
                demand: written.demand,
                processing: written.processing,
                demand_per_e2: written.demand_per_e2,
                serves_at_most: written.serves_at_most,
                ..Component::default()
            });
        }
        if let Some(name) = self.components.keys().next() {
            return Err(unknown_component(name));
        }
        for written in std::mem::take(&mut self.xapps) {
            components.push(Component {
                cost: written.cost,
                demand: written.demand,
                processing: written.processing,
                loop_budget: written.loop_budget,
                uses_sdl: written.uses_sdl,
                chain: written.chain.into_iter().map(|xapp| xapp.saturating_add(FIRST_XAPP)).collect(),
                demand_per_e2: written.demand_per_e2,
                serves_at_most: written.serves_at_most,
            });
        }
        Ok(components)
    }
}

fn places_of(
    mut components: BTreeMap<String, Vec<Option<usize>>>,
    xapps: Vec<Vec<Option<usize>>>,
) -> Result<Vec<Vec<Option<usize>>>, DocumentError> {
    let mut places = Vec::new();
    for name in NAMES {
        let row = components.remove(name);
        places.push(row.ok_or_else(|| inconsistent(format!("`current` does not say where `{name}` is")))?);
    }
    match components.keys().next() {
        Some(name) => Err(unknown_component(name)),
        None => {
            places.extend(xapps);
            Ok(places)
        }
    }
}

fn slot_of(written: &WrittenSlot, slots: usize) -> Result<usize, DocumentError> {
    match written {
        WrittenSlot::Xapp(xapp) if xapp.saturating_add(FIRST_XAPP) < slots => Ok(xapp + FIRST_XAPP),
        WrittenSlot::Xapp(xapp) => Err(inconsistent(format!("there is no xapp {xapp}"))),
        WrittenSlot::Named(name) => NAMES.iter().position(|known| known == name).ok_or_else(|| unknown_component(name)),
    }
}

fn unknown_component(name: &str) -> DocumentError {
    let known = NAMES.map(|name| format!("`{name}`")).join(", ");
    inconsistent(format!("unknown component `{}`, known are {known}; xapps are named by index", shown(name)))
}

fn matrix(name: &str, rows: Vec<Vec<Leg>>, columns: usize) -> Result<Vec<i32>, DocumentError> {
    let mut cells = Vec::with_capacity(rows.len().saturating_mul(columns));
    for (at, row) in rows.into_iter().enumerate() {
        if row.len() != columns {
            let message =
                format!("`{name}[{at}]` has {} entries, expected {columns} (one per compute node)", row.len());
            return Err(DocumentError::new(DocumentCode::WrongSize, message));
        }
        cells.extend(row.into_iter().map(|leg| leg.0));
    }
    Ok(cells)
}

/// The placement part of an answer, as `current` wants it.
pub fn current_of(placement: &Placement) -> Vec<Vec<Option<usize>>> {
    placement.places.iter().map(|places| places.iter().copied().map(Some).collect()).collect()
}
