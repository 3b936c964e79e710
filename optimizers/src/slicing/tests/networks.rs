//! From a network to shares on its devices' grids: COSMO's testbed, built by hand.

use std::sync::Arc;

use ranform_network::diagnostic::{Severity, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::profile::PROFILES;
use ranform_network::radio::Band;
use ranform_network::source::{Located, SourceId, Span};
use ranform_network::telemetry::{Observation, Telemetry};
use ranform_network::units::*;
use ranform_network::{Control, NoControl};

use crate::slicing::network::{Held, Slicing, solve};

/// A value written at its own place, so that labels can be told apart.
fn at<T>(value: T, place: usize) -> Located<T> {
    Located::new(value, span(place))
}

pub(super) fn span(place: usize) -> Span {
    Span::new(SourceId(0), place, place + 1)
}

fn entity(noun: &str, name: &str, place: usize) -> Entity {
    Entity { address: ranform_network::Address::new(noun, name), span: span(place), ..Entity::default() }
}

fn node(kind: NodeKind, profile: &str, name: &str) -> Node {
    Node::new(kind, entity("node", name, 1), Arc::clone(&PROFILES[profile]))
}

fn sharing(mode: SharingMode, place: usize) -> Sharing {
    Sharing { mode, span: span(place), direction: Direction::Both, grid: None, smallest: None, expect: Vec::new() }
}

fn cell(node: u32, name: &str, band: Band, prbs: u32, sharing: Sharing) -> Cell {
    Cell {
        entity: entity("cell", name, 2),
        node: NodeId(node),
        band: at(band, 3),
        carrier: at(Hertz(4_050_000_000), 3),
        uplink_carrier: None,
        bandwidth: at(Hertz(50_000_000), 3),
        scs: at(Hertz(30_000), 3),
        duplex: at(Duplex::Tdd, 3),
        tdd_pattern: None,
        tdd_offset: Nanoseconds(0),
        prbs: Prb(prbs),
        prbs_span: None,
        local_id: None,
        pci: None,
        tac: None,
        power: None,
        ssb: None,
        arfcn_dl: 0,
        arfcn_ul: 0,
        ssb_arfcn: None,
        azimuth: None,
        tilt: None,
        layers: None,
        modulation: None,
        efficiency: None,
        neighbours: Vec::new(),
        aggregates_with: Vec::new(),
        anchor: None,
        network_sharing: None,
        unlocked: true,
        sharing,
    }
}

const PIN: usize = 100;
const FLOOR: usize = 200;
const SHARES: usize = 300;

/// A 5G cell that takes no orders (50/50), an LTE cell with quotas, a Wi-Fi radio; red and blue on all three.
pub(super) fn testbed(red: f64) -> Network {
    let mut network = Network::default();
    for name in ["red", "blue"] {
        network.tenants.push(Tenant { entity: entity("tenant", name, 4), ..Tenant::default() });
    }
    network.nodes.push(node(NodeKind::Gnb, "3gpp-r18", "gnb-1"));
    network.nodes.push(node(NodeKind::Enb, "ranform-lte", "enb-1"));
    network.nodes.push(node(NodeKind::Ap, "openconfig-ap", "ap-1"));
    let mut passive = sharing(SharingMode::Passive, PIN);
    passive.expect = (0..2).map(|tenant| (TenantId(tenant), at(Share(0.5), PIN))).collect();
    network.cells.push(cell(0, "nr-1", Band::Nr(77), 133, passive));
    network.cells.push(cell(1, "lte-1", Band::Lte(7), 100, sharing(SharingMode::Prb, 5)));
    network.radios.push(Radio {
        entity: entity("radio", "r1", 6),
        node: NodeId(2),
        channel: at(149, 6),
        width: at(Hertz(20_000_000), 6),
        standard: at("802.11ac".into(), 6),
        power: None,
        country: None,
        band: None,
        interface: None,
        unlocked: None,
        efficiency: None,
        sharing: sharing(SharingMode::Airtime, 6),
    });
    let interfaces = vec![Interface::Cell(CellId(0)), Interface::Cell(CellId(1)), Interface::Radio(RadioId(0))];
    for tenant in 0..2 {
        network.chunks.push(Chunk {
            entity: entity("chunk", &format!("chunk-{tenant}"), 7),
            tenant: at(TenantId(tenant), 7),
            interfaces: interfaces.clone(),
            interfaces_span: Span::default(),
            ratio: None,
        });
    }
    let shares = [red, 1.0 - red].into_iter().enumerate();
    network.slas.push(Sla {
        entity: entity("sla", "plaza", 8),
        interfaces,
        over_span: Span::default(),
        shares: shares
            .map(|(tenant, share)| SlaShare { tenant: TenantId(tenant as u32), share: at(Share(share), SHARES) })
            .collect(),
        shares_span: span(SHARES),
        window: at(Nanoseconds(100_000_000_000), 9),
        period: at(Nanoseconds(10_000_000_000), 9),
        floor: Some(at(Share(0.04), FLOOR)),
        direction: Direction::Both,
        weight: Weighting::Equal,
        guarantees: Vec::new(),
        caps: Vec::new(),
        others: None,
        theta: 0.1,
        best_effort: false,
    });
    network
}

fn percents(slicing: &Slicing, tenant: u32, direction: Direction) -> Vec<f64> {
    let mine =
        slicing.shares.shares.iter().filter(|share| share.tenant == TenantId(tenant) && share.direction == direction);
    mine.map(|share| share.percent).collect()
}

#[test]
fn the_testbed_gets_whole_percents_that_meet_its_agreement() {
    let slicing = solve(&testbed(0.6), None, Held::NONE, &NoControl);
    assert!(slicing.findings.is_empty(), "{:?}", slicing.findings);
    for direction in [Direction::Dl, Direction::Ul] {
        assert_eq!(percents(&slicing, 0, direction), [50.0, 65.0, 65.0]);
        assert_eq!(percents(&slicing, 1, direction), [50.0, 35.0, 35.0]);
    }
    let blocks: Vec<u32> =
        slicing.shares.shares.iter().filter(|share| share.direction == Direction::Dl).map(|share| share.prbs).collect();
    assert_eq!(blocks, [66, 66, 65, 35, 0, 0]);
    assert!(slicing.certificates.len() == 2 && slicing.certificates.iter().all(|certificate| certificate.holds()));
}

#[test]
fn eighty_two_to_eighteen_names_three_lines() {
    let slicing = solve(&testbed(0.82), None, Held::NONE, &NoControl);
    let [finding] = &slicing.findings[..] else { panic!("{:?}", slicing.findings) };
    assert_eq!((finding.code.id, finding.severity), (codes::SLA_UNREACHABLE.id, Severity::Error));
    assert_eq!(finding.span, Some(span(SHARES)));
    let mut places: Vec<u32> = finding.labels.iter().map(|label| label.span.start).collect();
    places.sort_unstable();
    assert_eq!(places, [PIN as u32, FLOOR as u32]);
    assert!(finding.message.contains("82 %") && finding.message.contains("80.67 %"), "{}", finding.message);
    assert!(finding.help[0].starts_with("proven minimal"), "{:?}", finding.help);
}

#[test]
fn eighty_five_to_fifteen_names_two_lines_and_tells_of_the_floor() {
    let slicing = solve(&testbed(0.85), None, Held::NONE, &NoControl);
    let [finding] = &slicing.findings[..] else { panic!("{:?}", slicing.findings) };
    assert_eq!(finding.labels.iter().map(|label| label.span.start).collect::<Vec<_>>(), [PIN as u32]);
    // Without the floor the devices still enforce 1 % for everybody.
    assert!(finding.help.iter().any(|help| help.contains("82.67 %") && help.contains("80.67 %")), "{:?}", finding.help);
}

#[test]
fn best_effort_is_a_warning_with_the_best_plan() {
    let mut network = testbed(0.85);
    network.slas[SlaId(0)].best_effort = true;
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    assert_eq!(slicing.findings.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [Severity::Warning]);
    assert_eq!(percents(&slicing, 0, Direction::Dl), [50.0, 96.0, 96.0]);
}

#[test]
fn a_passive_cell_of_which_nothing_is_known_makes_no_claim() {
    let mut network = testbed(0.85);
    network.cells[CellId(0)].sharing.expect.clear();
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    assert_eq!(
        slicing.findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>(),
        [codes::PASSIVE_USE_UNKNOWN.id]
    );
}

#[test]
fn a_problem_that_is_not_solved_is_told_with_its_code() {
    struct Stopped;
    impl Control for Stopped {
        fn should_stop(&self) -> bool {
            true
        }
    }
    let slicing = solve(&testbed(0.6), None, Held::NONE, &Stopped);
    let told: Vec<&str> = slicing.findings.iter().map(|finding| finding.code.id).collect();
    assert!(!told.is_empty() && told.iter().all(|code| *code == codes::SLICING_UNSOLVED.id), "{told:?}");
}

#[test]
fn a_silent_tenant_is_a_warning_that_names_it_and_the_node() {
    let network = testbed(0.6);
    let silent = Observation {
        interface: ranform_network::Address::new("radio", "r1"),
        tenant: "red".into(),
        direction: Direction::Both,
        load: Some(0.0),
        used: None,
        share: None,
    };
    let telemetry = Telemetry { records: vec![silent], ..Telemetry::default() };
    let slicing = solve(&network, Some(&telemetry), Held::NONE, &NoControl);
    let finding = &slicing.findings[0];
    assert_eq!((finding.code.id, finding.severity), (codes::OBSERVED_SHORTFALL.id, Severity::Warning));
    assert!(finding.message.contains("`red`") && finding.message.contains("radio.r1"), "{}", finding.message);
}

#[test]
fn cells_of_a_release_16_node_are_one_row() {
    let mut network = testbed(0.6);
    network.nodes[NodeId(1)].profile = Arc::clone(&PROFILES["3gpp-r16"]);
    network.cells.push(cell(1, "nr-2", Band::Nr(78), 51, sharing(SharingMode::Prb, 5)));
    let added = Interface::Cell(CellId(2));
    network.slas[SlaId(0)].interfaces.insert(2, added);
    for chunk in 0..2 {
        network.chunks[ChunkId(chunk)].interfaces.insert(2, added);
    }
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    let red = percents(&slicing, 0, Direction::Dl);
    assert_eq!(red[1], red[2]);
    // It counts for two of four: 0.5 + 2 x + y = 4 * 0.6.
    assert!((red[0] + red[1] + red[2] + red[3] - 240.0).abs() <= 2.0, "{red:?}");
}

#[test]
fn without_an_agreement_ratios_are_as_written() {
    let mut network = testbed(0.6);
    network.slas = Column::default();
    network.chunks[ChunkId(0)].ratio = Some(at(Share(0.7), 1));
    network.chunks[ChunkId(1)].ratio = Some(at(Share(0.3), 1));
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    assert!(slicing.findings.is_empty() && slicing.certificates.is_empty());
    assert_eq!(percents(&slicing, 0, Direction::Dl)[1..], [70.0, 70.0]);
}

#[test]
fn what_is_held_keeps_its_shares_and_the_rest_makes_up_for_it() {
    let network = testbed(0.6);
    let radio = Interface::Radio(RadioId(0));
    let mut held = Held::default();
    for direction in [Direction::Dl, Direction::Ul] {
        held.hold_share(radio, TenantId(0), direction, 0.57);
        held.hold_share(radio, TenantId(1), direction, 0.43);
    }
    let slicing = solve(&network, None, &held, &NoControl);
    assert!(slicing.findings.is_empty(), "{:?}", slicing.findings);
    // 0.5 + x + 0.57 = 3 * 0.6
    assert_eq!(percents(&slicing, 0, Direction::Dl), [50.0, 73.0, 57.0]);
    assert!(slicing.certificates.iter().all(|certificate| certificate.holds()));
}

#[test]
fn a_device_held_back_is_a_warning_that_names_it_though_the_agreement_can_be_reached() {
    let network = testbed(0.8);
    let radio = Interface::Radio(RadioId(0));
    let mut held = Held::default();
    for direction in [Direction::Dl, Direction::Ul] {
        held.hold_share(radio, TenantId(0), direction, 0.2);
        held.hold_share(radio, TenantId(1), direction, 0.8);
    }
    let slicing = solve(&network, None, &held, &NoControl);
    let codes: Vec<&str> = slicing.findings.iter().map(|finding| finding.code.id).collect();
    assert_eq!(codes, [codes::HELD_BACK.id], "once for both directions");
    assert!(slicing.findings[0].message.contains("`red`") && slicing.findings[0].message.contains("radio.r1"));
    assert_eq!(percents(&slicing, 0, Direction::Dl), [50.0, 96.0, 20.0]);
}

#[test]
fn what_is_held_and_not_in_service_counts_in_no_agreement() {
    let network = testbed(0.6);
    let mut held = Held::default();
    held.hold(Interface::Cell(CellId(0)));
    held.hold(Interface::Radio(RadioId(0)));
    let slicing = solve(&network, None, &held, &NoControl);
    assert_eq!(percents(&slicing, 0, Direction::Dl), [60.0], "{:?}", slicing.findings);
    held.hold(Interface::Cell(CellId(1)));
    let slicing = solve(&network, None, &held, &NoControl);
    assert!(slicing.shares.shares.is_empty() && slicing.findings.is_empty() && slicing.certificates.is_empty());
}

#[test]
fn an_agreement_on_one_direction_leaves_the_other_alone_or_says_that_it_follows() {
    let mut network = testbed(0.6);
    network.slas[SlaId(0)].direction = Direction::Dl;
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    assert_eq!(percents(&slicing, 0, Direction::Dl), [50.0, 65.0, 65.0]);
    assert!(percents(&slicing, 0, Direction::Ul).is_empty(), "nothing is asked of the uplink");
    // The access point has one value for both, the LTE cell two.
    let told: Vec<&str> = slicing.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("the downlink only") && told[0].contains("radio.r1"), "{told:?}");
    network.nodes[NodeId(1)].profile = Arc::clone(&PROFILES["srsran"]);
    let slicing = solve(&network, None, Held::NONE, &NoControl);
    let [finding] = &slicing.findings[..] else { panic!("{:?}", slicing.findings) };
    assert_eq!(finding.code.id, codes::DIRECTION_FOLLOWS.id);
    assert!(finding.message.contains("lte-1` and 1 more interface"), "{}", finding.message);
}
