use ranform_network::Network;
use ranform_network::ids::CellId;

use super::super::testing::*;

/// Three NR cells on one frequency, the first two neighbours of the third.
fn three(network: &mut Network) -> [CellId; 2] {
    let second = cell(network, GNB, "nr-2", "n77", 4050.0, 50.0, 30_000);
    let third = cell(network, GNB, "nr-3", "n77", 4050.0, 50.0, 30_000);
    network.cells[third].neighbours = vec![at(NR), at(second)];
    [second, third]
}

#[test]
fn a_cell_is_not_its_own_neighbour() {
    only("RF360", "`node.gnb-1/cell.nr-1` is named as its own neighbour", |network| {
        network.cells[NR].neighbours = vec![at(NR)];
    });
}

#[test]
fn neighbours_collide() {
    let message =
        "neighbours `node.gnb-1/cell.nr-3` and `node.gnb-1/cell.nr-1` both have physical cell identity 1 on 4.05GHz";
    let help = only("RF361", message, |network| {
        let [_, third] = three(network);
        network.cells[third].pci = Some(at(1));
    });
    assert_eq!(help, ["`pci 0` is free among the neighbours of `node.gnb-1/cell.nr-3` and theirs"]);
}

#[test]
fn a_pair_that_names_each_other_is_told_once() {
    codes(&["RF361"], |network| {
        let [second, _] = three(network);
        network.cells[second].pci = Some(at(1));
        network.cells[NR].neighbours = vec![at(second)];
        network.cells[second].neighbours = vec![at(NR)];
        network.cells[CellId(3)].neighbours.clear();
    });
}

#[test]
fn two_neighbours_are_confused() {
    let message = "`node.gnb-1/cell.nr-3` cannot tell its neighbours `node.gnb-1/cell.nr-1` and `node.gnb-1/cell.nr-2` apart: both have physical cell identity 1 on 4.05GHz";
    only("RF362", message, |network| {
        let [second, _] = three(network);
        network.cells[second].pci = Some(at(1));
    });
}

#[test]
fn another_frequency_is_no_collision() {
    codes(&[], |network| {
        let other = cell(network, GNB, "nr-2", "n77", 3900.0, 50.0, 30_000);
        network.cells[other].pci = Some(at(1));
        network.cells[other].neighbours = vec![at(NR)];
    });
}

#[test]
fn neighbours_share_pattern_and_offset() {
    let patterns = |first: &'static str, second: &'static str, offset: u64| {
        move |network: &mut Network| {
            let [_, third] = three(network);
            network.cells[NR].tdd_pattern = Some(at(first.into()));
            network.cells[third].tdd_pattern = Some(at(second.into()));
            network.cells[third].tdd_offset.0 = offset;
        }
    };
    codes(&[], patterns("DDDSU", "DDDSU", 0));
    let message = "neighbours `node.gnb-1/cell.nr-3` and `node.gnb-1/cell.nr-1` on 4.05GHz have different TDD patterns `DDSU` and `DDDSU`";
    let help = only("RF363", message, patterns("DDDSU", "DDSU", 0));
    assert_eq!(help, ["write `tdd \"DDDSU\"` on both"]);
    codes(&["RF363"], patterns("DDDSU", "DDDSU", 1_000_000));
}
