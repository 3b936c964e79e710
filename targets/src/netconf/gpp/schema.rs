//! The 3GPP NR NRM modules (TS 28.541), as far as we own leaves in them.

use crate::netconf::record::{Filler, record};
use crate::xml::List;

/// `_3gpp-common-managed-element`
pub const ELEMENT: &str = "urn:3gpp:sa5:_3gpp-common-managed-element";
/// `_3gpp-nr-nrm-gnbdufunction`
pub const FUNCTION: &str = "urn:3gpp:sa5:_3gpp-nr-nrm-gnbdufunction";
/// `_3gpp-nr-nrm-nrcelldu`
pub const CELL: &str = "urn:3gpp:sa5:_3gpp-nr-nrm-nrcelldu";
/// `_3gpp-nr-nrm-nrsectorcarrier`
pub const CARRIER: &str = "urn:3gpp:sa5:_3gpp-nr-nrm-nrnetwork-nrsectorcarrier";
/// `_3gpp-nr-nrm-rrmpolicy`
pub const POLICY: &str = "urn:3gpp:sa5:_3gpp-nr-nrm-rrmpolicy";

const MEMBER: &[&str] = &["mcc", "mnc", "sd", "sst"];
const PLMN: &[&str] = &["mcc", "mnc", "sd", "sst"];

const fn list(namespace: &'static str, name: &'static str, keys: &'static [&'static str]) -> List {
    List { namespace, name, keys, ordered: false, mandatory: true }
}

/// The lists of these modules.
pub const LISTS: &[List] = &[
    list(ELEMENT, "ManagedElement", &["id"]),
    list(FUNCTION, "GNBDUFunction", &["id"]),
    list(FUNCTION, "rRMPolicyMemberList", MEMBER),
    list(FUNCTION, "rimRSReportConf", &["reportInterval"]),
    list(CELL, "NRCellDU", &["id"]),
    list(CELL, "rRMPolicyMemberList", MEMBER),
    List { namespace: CELL, name: "pLMNInfoList", keys: PLMN, ordered: true, mandatory: false },
    list(CELL, "nPNIdentityList", &["idx"]),
    list(CELL, "plmnid", &["mcc", "mnc"]),
    list(CELL, "nRSectorCarrierRef", &[]),
    list(CARRIER, "NRSectorCarrier", &["id"]),
    list(POLICY, "RRMPolicyRatio", &["id"]),
    list(POLICY, "rRMPolicyMemberList", MEMBER),
];

record! {
    /// `ManagedElement` (TS 28.622).
    ManagedElement in ELEMENT {
        id: Option<String> = "id",
        attributes: Option<ElementAttributes> = "attributes",
        functions: Vec<Function> = "GNBDUFunction",
    }
    /// Attributes of `ManagedElement`; `priorityLabel` is mandatory.
    ElementAttributes in ELEMENT { priority_label: Filler<Option<u32>> = "priorityLabel" }
    /// `GNBDUFunction`.
    Function in FUNCTION {
        id: Option<String> = "id",
        attributes: Option<FunctionAttributes> = "attributes",
        cells: Vec<Cell> = "NRCellDU",
        carriers: Vec<Carrier> = "NRSectorCarrier",
    }
    /// Attributes of `GNBDUFunction`; until release 17 it uses the policy group, whose leaves are mandatory.
    FunctionAttributes in FUNCTION {
        priority_label: Filler<Option<u32>> = "priorityLabel",
        resource_type: Filler<Option<String>> = "resourceType",
        members: Filler<Vec<FunctionMember>> = "rRMPolicyMemberList",
        gnb_id: Option<u32> = "gNBId",
        gnb_id_length: Option<u8> = "gNBIdLength",
        gnb_du_id: Option<u64> = "gNBDUId",
        gnb_du_filler: Filler<Option<u64>> = "gNBDUId",
        gnb_du_name: Option<String> = "gNBDUName",
    }
    /// A member in the policy group of `GNBDUFunction`.
    FunctionMember in FUNCTION {
        mcc: Option<String> = "mcc",
        mnc: Option<String> = "mnc",
        sd: Option<String> = "sd",
        sst: Option<u8> = "sst",
    }
    /// `NRCellDU`, from release 18 with its policies inside.
    Cell in CELL {
        id: Option<String> = "id",
        attributes: Option<CellAttributes> = "attributes",
        policies: Vec<Policy> = "RRMPolicyRatio",
    }
    /// Attributes of `NRCellDU`; `rim...`, `ssb...` and the set references are mandatory in the modules and say nothing of ours.
    CellAttributes in CELL {
        priority_label: Filler<Option<u32>> = "priorityLabel",
        resource_type: Filler<Option<String>> = "resourceType",
        members: Filler<Vec<CellMember>> = "rRMPolicyMemberList",
        cell_local_id: Option<u32> = "cellLocalId",
        administrative_state: Option<String> = "administrativeState",
        plmns: Vec<CellMember> = "pLMNInfoList",
        npn_identities: Filler<Vec<NpnIdentity>> = "nPNIdentityList",
        pci: Option<u32> = "nRPCI",
        tac: Option<u32> = "nRTAC",
        arfcn_dl: Option<u32> = "arfcnDL",
        arfcn_ul: Option<u32> = "arfcnUL",
        bandwidth_dl: Option<u32> = "bSChannelBwDL",
        rim_start: Filler<Option<String>> = "rimRSMonitoringStartTime",
        rim_stop: Filler<Option<String>> = "rimRSMonitoringStopTime",
        rim_window: Filler<Option<u32>> = "rimRSMonitoringWindowDuration",
        rim_offset: Filler<Option<u32>> = "rimRSMonitoringWindowStartingOffset",
        rim_period: Filler<Option<u32>> = "rimRSMonitoringWindowPeriodicity",
        rim_interval: Filler<Option<u32>> = "rimRSMonitoringOccasionInterval",
        rim_occasion: Filler<Option<u32>> = "rimRSMonitoringOccasionStartingOffset",
        ssb_frequency: Option<u32> = "ssbFrequency",
        ssb_filler: Filler<Option<u32>> = "ssbFrequency",
        ssb_periodicity: Filler<Option<u32>> = "ssbPeriodicity",
        ssb_spacing: Option<u32> = "ssbSubCarrierSpacing",
        ssb_offset: Filler<Option<u32>> = "ssbOffset",
        ssb_duration: Filler<Option<u32>> = "ssbDuration",
        bandwidth_ul: Option<u32> = "bSChannelBwUL",
        carriers: Vec<String> = "nRSectorCarrierRef",
        victim: Filler<Option<String>> = "victimSetRef",
        aggressor: Filler<Option<String>> = "aggressorSetRef",
    }
    /// An entry of `pLMNInfoList`, or of the policy group of `NRCellDU`.
    CellMember in CELL {
        mcc: Option<String> = "mcc",
        mnc: Option<String> = "mnc",
        sd: Option<String> = "sd",
        sst: Option<u8> = "sst",
    }
    /// An entry of `nPNIdentityList`, mandatory from release 17.
    NpnIdentity in CELL {
        index: Option<u32> = "idx",
        plmn: Vec<NpnPlmn> = "plmnid",
        cag_ids: Option<String> = "cAGIdList",
        nids: Option<String> = "nIDList",
    }
    /// The PLMN of a non-public network.
    NpnPlmn in CELL { mcc: Option<String> = "mcc", mnc: Option<String> = "mnc" }
    /// `NRSectorCarrier`.
    Carrier in CARRIER { id: Option<String> = "id", attributes: Option<CarrierAttributes> = "attributes" }
    /// Attributes of `NRSectorCarrier`; powers in mW and dBm.
    CarrierAttributes in CARRIER {
        priority_label: Filler<Option<u32>> = "priorityLabel",
        direction: Filler<Option<String>> = "txDirection",
        power: Option<u32> = "configuredMaxTxPower",
        eirp: Filler<Option<i64>> = "configuredMaxTxEIRP",
        arfcn_dl: Option<u32> = "arfcnDL",
        arfcn_ul: Option<u32> = "arfcnUL",
        bandwidth_dl: Option<u32> = "bSChannelBwDL",
        bandwidth_ul: Option<u32> = "bSChannelBwUL",
        equipment: Filler<Option<String>> = "sectorEquipmentFunctionRef",
    }
    /// `RRMPolicyRatio`.
    Policy in POLICY { id: Option<String> = "id", attributes: Option<PolicyAttributes> = "attributes" }
    /// Attributes of `RRMPolicyRatio`; ratios in whole percent.
    PolicyAttributes in POLICY {
        resource_type: Option<String> = "resourceType",
        members: Vec<Member> = "rRMPolicyMemberList",
        max: Option<u8> = "rRMPolicyMaxRatio",
        min: Option<u8> = "rRMPolicyMinRatio",
        dedicated: Option<u8> = "rRMPolicyDedicatedRatio",
    }
    /// A member of a policy.
    Member in POLICY {
        mcc: Option<String> = "mcc",
        mnc: Option<String> = "mnc",
        sd: Option<String> = "sd",
        sst: Option<u8> = "sst",
    }
}
