//! Where each objective stands in the policy objects of each type.

use ranform_network::a1::{Generation, PolicyKind, PolicyType};
use ranform_network::deployment::Objective;

use Objective::*;
use PolicyKind::*;

/// Where an objective of a type stands: objective, member, and the member inside that one.
pub(super) type Place = (Objective, &'static str, &'static str);

const SLICE_SECOND: &[Place] = &[
    (GuaranteeDlKbps, "guaDlThptPerSlice", ""),
    (GuaranteeUlKbps, "guaUlThptPerSlice", ""),
    (AtMostDlKbps, "maxDlThptPerSlice", ""),
    (AtMostUlKbps, "maxUlThptPerSlice", ""),
    (AtMostPerUeDlKbps, "maxDlThptPerUe", ""),
    (AtMostPerUeUlKbps, "maxUlThptPerUe", ""),
    (AtMostUes, "maxNumberOfUes", ""),
    (AtMostSessions, "maxNumberOfPduSessions", ""),
];
/// What the current generation adds. The blank before `successProbability` stands in the schema of version 4.0.1.
const SLICE_ADDED: &[Place] = &[
    (DelayDlMs, "maxDlPacketDelayPerUe", ""),
    (DelayUlMs, "maxUlPacketDelayPerUe", ""),
    (LossDl, "maxDlPdcpSduPacketLossRatePerUe", ""),
    (LossUl, "maxUlRlcSduPacketLossRatePerUe", ""),
    (JitterDlMs, "maxDlJitterPerUe", ""),
    (JitterUlMs, "maxUlJitterPerUe", ""),
    (ReliabilityDlBytes, "minDlReliabilityPerUe", "packetSize"),
    (ReliabilityDlMs, "minDlReliabilityPerUe", "userPlaneLatency"),
    (ReliabilityDl, "minDlReliabilityPerUe", " successProbability"),
    (ReliabilityUlBytes, "minUlReliabilityPerUe", "packetSize"),
    (ReliabilityUlMs, "minUlReliabilityPerUe", "userPlaneLatency"),
    (ReliabilityUl, "minUlReliabilityPerUe", " successProbability"),
    (PriorityDl, "dlSlicePriority", ""),
    (PriorityUl, "ulSlicePriority", ""),
    (PacketDlBytes, "maxDlPktSize", ""),
    (PacketUlBytes, "maxUlPktSize", ""),
];
const FLOW: &[Place] =
    &[(GuaranteeDlKbps, "gfbr", ""), (AtMostDlKbps, "mfbr", ""), (Priority, "priorityLevel", ""), (DelayMs, "pdb", "")];
const EXPERIENCE: &[Place] = &[
    (QualityScore, "qoeScore", ""),
    (QualityBufferingSeconds, "initialBuffering", ""),
    (QualityRebuffering, "reBuffFreq", ""),
    (QualityStallRatio, "stallRatio", ""),
];
/// `successProbility`, and the blank after the loss rate, stand so in the schemas of both generations.
const USER: &[Place] = &[
    (GuaranteeDlKbps, "dlThroughput", ""),
    (GuaranteeUlKbps, "ulThroughput", ""),
    (DelayDlMs, "dlPacketDelay", ""),
    (DelayUlMs, "ulPacketDelay", ""),
    (LossDl, "dlRlcSduPacketLossRate ", ""),
    (LossUl, "ulPdcpSduPacketLossRate", ""),
    (ReliabilityDlBytes, "dlReliability", "packetSize"),
    (ReliabilityDlMs, "dlReliability", "userPlaneLatency"),
    (ReliabilityDl, "dlReliability", "successProbility"),
    (ReliabilityUlBytes, "ulReliability", "packetSize"),
    (ReliabilityUlMs, "ulReliability", "userPlaneLatency"),
    (ReliabilityUl, "ulReliability", "successProbility"),
];
const LOAD: &[Place] = &[
    (PrbUsageDlPercent, "dlLbObjective", "dlTargetPrbUsg"),
    (PrbUsageDlType, "dlLbObjective", "dlPrbUsgType"),
    (PrbUsageUlPercent, "ulLbObjective", "ulTargetPrbUsg"),
    (PrbUsageUlType, "ulLbObjective", "ulPrbUsgType"),
];
const ENERGY: &[Place] = &[(EnergyPercent, "esPercentage", ""), (EnergyKwh, "targetPeeEnergy", "")];

/// The member that holds the objectives of a type.
pub(super) fn member_of(kind: PolicyKind) -> Option<&'static str> {
    match kind {
        SliceSLATarget => Some("sliceSlaObjectives"),
        QoSTarget | QoSandTSP => Some("qosObjectives"),
        QoETarget | QoEandTSP => Some("qoeObjectives"),
        UELevelTarget => Some("ueLevelObjectives"),
        LoadBalancing => Some("lbObjectives"),
        EnergySaving => Some("esObjectives"),
        TrafficSteeringPreference => None,
    }
}

/// The places of the objectives of a type.
pub(super) fn places_of(policy_type: PolicyType) -> impl Iterator<Item = &'static Place> {
    let (first, second): (&[Place], &[Place]) = match policy_type.kind {
        SliceSLATarget if policy_type.generation() == Generation::Current => (SLICE_SECOND, SLICE_ADDED),
        SliceSLATarget => (SLICE_SECOND, &[]),
        QoSTarget | QoSandTSP => (FLOW, &[]),
        QoETarget | QoEandTSP => (EXPERIENCE, &[]),
        UELevelTarget => (USER, &[]),
        LoadBalancing => (LOAD, &[]),
        EnergySaving => (ENERGY, &[]),
        TrafficSteeringPreference => (&[], &[]),
    };
    first.iter().chain(second)
}

/// The member that holds a list of cells or tracking areas, where it is not the scope.
pub(super) fn resources_of(kind: PolicyKind) -> Option<&'static str> {
    match kind {
        SliceSLATarget => Some("sliceSlaResources"),
        LoadBalancing => Some("lbResources"),
        _ => None,
    }
}

/// A node of the standard's own: the member for a number at it, and that of the number.
pub(super) const UE_RAN: (&str, &str) = ("guRanUeId", "ranUeId");
/// At an AMF.
pub(super) const UE_AMF: (&str, &str) = ("guAmfUeNgapId", "amfUeNgapId");
/// At an MME.
pub(super) const UE_MME: (&str, &str) = ("guMmeUeS1apId", "mmeUeS1apId");
/// At a gNB-CU.
pub(super) const UE_F1AP: (&str, &str) = ("guGnbCuUeF1apId", "gnbCuUeF1apId");
/// At a gNB-CU-CP.
pub(super) const UE_E1AP: (&str, &str) = ("guGnbCuCpUeE1apId", "gnbCuCpUeE1apId");
/// At an eNB.
pub(super) const UE_X2AP: (&str, &str) = ("guEnbUeX2apId", "enbUeX2apId");
/// At an NG-RAN node.
pub(super) const UE_XNAP: (&str, &str) = ("guNgRanNodeUeXnapUeId", "ngRanNodeUeXnapId");
/// The NG-RAN node in it, as the standard spells it.
pub(super) const NG_RAN_NODE: &str = "globalNgRanNodebId";
