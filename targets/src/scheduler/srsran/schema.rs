//! The parts of the srsRAN configuration and its remote commands that we write.

use ranform_network::radio::{Plmn, Snssai};
use serde::{Deserialize, Serialize};

/// The file. Unknown keys are others' and are skipped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Gnb {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_id: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_id_bit_length: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_du_id: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2: Option<E2>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cu_cp: Option<CuCp>,
    #[serde(default)]
    pub cells: Vec<Cell>,
}

/// `e2`: the E2 agent of the DU. `addr` is what both srsRAN and OCUDU take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct E2 {
    #[serde(default)]
    pub enable_du_e2: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// `cu_cp`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CuCp {
    pub amf: Amf,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_amfs: Vec<Amf>,
}

/// An AMF.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Amf {
    pub addr: String,
    #[serde(default)]
    pub supported_tracking_areas: Vec<Area>,
}

/// A tracking area.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Area {
    pub tac: u32,
    pub plmn_list: Vec<PlmnSlices>,
}

impl Area {
    /// Adds slices of a PLMN, each once.
    pub(super) fn add(&mut self, plmn: Plmn, slices: Vec<Slice>) {
        let digits = plmn.digits();
        let at = self.plmn_list.iter().position(|list| list.plmn == digits).unwrap_or_else(|| {
            self.plmn_list.push(PlmnSlices { plmn: digits, tai_slice_support_list: Vec::new() });
            self.plmn_list.len() - 1
        });
        for slice in slices {
            if !self.plmn_list[at].tai_slice_support_list.contains(&slice) {
                self.plmn_list[at].tai_slice_support_list.push(slice);
            }
        }
    }
}

/// A PLMN and its slices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlmnSlices {
    /// Digits without a separator.
    pub plmn: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tai_slice_support_list: Vec<Slice>,
}

/// An S-NSSAI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    pub sst: u8,
    /// An integer, left out for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<u32>,
}

impl From<Snssai> for Slice {
    fn from(snssai: Snssai) -> Self {
        Self { sst: snssai.sst, sd: snssai.sd }
    }
}

impl From<Slice> for Snssai {
    fn from(slice: Slice) -> Self {
        Self { sst: slice.sst, sd: slice.sd }
    }
}

/// An entry of `cells`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_id: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pci: Option<u32>,
    pub dl_arfcn: u32,
    pub band: u16,
    #[serde(rename = "channel_bandwidth_MHz")]
    pub bandwidth: u32,
    pub common_scs: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plmn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tac: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssb: Option<Ssb>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tdd_ul_dl_cfg: Option<Tdd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slicing: Vec<Policy>,
}

/// `ssb`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ssb {
    pub ssb_block_power_dbm: i32,
}

/// `tdd_ul_dl_cfg`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tdd {
    pub dl_ul_tx_period: u32,
    pub nof_dl_slots: u32,
    pub nof_dl_symbols: u32,
    pub nof_ul_slots: u32,
    pub nof_ul_symbols: u32,
}

impl Tdd {
    /// The pattern `D..D[S]U..U`; the special slot gets srsRAN's own default of 8 downlink symbols.
    pub(super) fn from_pattern(pattern: &str) -> Option<Self> {
        let count = |letter: char| pattern.chars().filter(|found| *found == letter).count() as u32;
        let (down, special, up) = (count('D'), count('S'), count('U'));
        let tdd = Self {
            dl_ul_tx_period: pattern.len() as u32,
            nof_dl_slots: down,
            nof_dl_symbols: if special == 1 { 8 } else { 0 },
            nof_ul_slots: up,
            nof_ul_symbols: 0,
        };
        (special <= 1 && tdd.pattern() == pattern).then_some(tdd)
    }

    /// It as D, S, U. Longer periods than any numerology has are cut.
    pub(super) fn pattern(&self) -> String {
        let slots = |letter: &str, count: u32| letter.repeat(count.min(80) as usize);
        let special = u32::from(self.nof_dl_symbols > 0 || self.nof_ul_symbols > 0);
        format!("{}{}{}", slots("D", self.nof_dl_slots), slots("S", special), slots("U", self.nof_ul_slots))
    }
}

/// An entry of `slicing`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    pub sst: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sd: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sched_cfg: Option<Ratios>,
}

/// `sched_cfg`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Ratios {
    #[serde(default)]
    pub min_prb_policy_ratio: u8,
    #[serde(default = "whole")]
    pub max_prb_policy_ratio: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ded_prb_policy_ratio: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
}

fn whole() -> u8 {
    100
}

/// A remote command.
#[derive(Debug, Serialize)]
pub(super) struct Command {
    pub cmd: &'static str,
    pub policies: Policies,
}

/// Its `policies`, an object.
#[derive(Debug, Serialize)]
pub(super) struct Policies {
    #[serde(rename = "resourceType")]
    pub resource_type: &'static str,
    #[serde(rename = "rRMPolicyMemberList")]
    pub members: Vec<Member>,
    pub min_prb_policy_ratio: u8,
    pub max_prb_policy_ratio: u8,
    pub dedicated_ratio: u8,
}

/// A member.
#[derive(Debug, Serialize)]
pub(super) struct Member {
    pub plmn: String,
    pub sst: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sd: Option<u32>,
}
