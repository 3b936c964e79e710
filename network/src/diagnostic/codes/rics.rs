//! RF5xx: RICs, xApps, models, requests.

codes! {
    UNKNOWN_FUNCTION = "RF501" "unknown-function" "no model offers a function that is requested";
    RIC_WITHOUT_CANDIDATES = "RF502" "ric-without-candidates" "a RIC has no compute node to run on";
    RIC_WITHOUT_E2_NODES = "RF503" "ric-without-e2-nodes" "a RIC serves no E2 node";
    E2_NODE_OF_TWO_RICS = "RF505" "e2-node-of-two-rics" "two RICs serve one E2 node";
    PIN_NOT_CANDIDATE = "RF507" "pin-not-candidate" "a pin names no candidate, or nothing to pin";
    DEMAND_WITHOUT_CAPACITY = "RF508" "demand-without-capacity" "software needs more than any node it may run on has";
    CHAIN_CYCLE = "RF509" "chain-cycle" "a chain of xApps comes back to one it has passed";
    XAPP_IN_TWO_CHAINS = "RF510" "xapp-in-two-chains" "an xApp is in the chains of two others";
    CHAIN_WITHOUT_BUDGET = "RF511" "chain-without-budget" "the head of a chain has no loop budget";
    UNREACHABLE_SOURCE = "RF512" "unreachable-source" "no node can take the data that a request needs and serve its target";
    PERFORMANCE_OUT_OF_REACH = "RF513" "performance-out-of-reach" "no model performs as a request asks";
    MODEL_KIND = "RF514" "model-kind" "a model runs on a kind that runs no containers, or suits one it does not run on";
    MODEL_OFFERS_NOTHING = "RF515" "model-offers-nothing" "a model offers no function or runs nowhere";
    CONNECTOR_ABOVE_MODEL = "RF516" "connector-above-model" "a model's connectors need more than the model is given";
    TWO_STORES = "RF517" "two-stores" "a RIC whose SDL and NIB are one store declares both";
    NO_CONNECTOR = "RF518" "no-connector" "a model fetches its inputs itself, with no connector beside it";
    RIC_OVER_CLUSTERS = "RF519" "ric-over-clusters" "the parts of a RIC run in several clusters and find each other by the names of one";
    TREE_CYCLE = "RF520" "tree-cycle" "nodes are above each other in a circle";
    WRONG_PARENT = "RF521" "wrong-parent" "a node of this kind cannot stand above the other";
    LINK_TO_SELF = "RF522" "link-to-self" "a link has one node at both ends";
    WRONG_CARRIER_NODE = "RF523" "wrong-carrier-node" "a cell or radio stands on a node that carries none";
    WRONG_HOST = "RF524" "wrong-host" "a node is hosted where nothing can be, or cannot be hosted";
    HOST_TOO_SMALL = "RF525" "host-too-small" "nodes that are hosted on a machine set aside more than it has";
    POLICY_WITHOUT_RIC = "RF530" "policy-without-ric" "a policy, or part of its cells, reaches no near-RT RIC over A1";
    POLICY_MEANING = "RF531" "policy-meaning" "no A1 policy type says what a policy asks";
    POLICY_TYPE_NOT_LISTED = "RF532" "policy-type-not-listed" "a near-RT RIC does not list the type that a policy needs";
    POLICIES_OPPOSED = "RF533" "policies-opposed" "two policies steer one scope in opposite directions";
    GUARANTEE_ABOVE_SLICE = "RF534" "guarantee-above-slice" "a policy guarantees more than the tenant's slices are estimated to carry";
    POLICY_IDENTITY = "RF535" "policy-identity" "a tenant or cell of a policy has no identity that A1 can name";
    POLICY_BOUNDS = "RF536" "policy-bounds" "a policy guarantees more than it allows";
    POLICY_TRANSIENT = "RF537" "policy-transient" "a policy vanishes with a restart of its RIC or of the management service";
    TOTAL_PER_RIC = "RF538" "total-per-ric" "a policy gives each of several RICs the whole of what is meant in all";
    NO_POLICY_MEDIATOR = "RF539" "no-policy-mediator" "a RIC takes policies, and none of its components is an A1 mediator";
    GUARANTEE_ABOVE_CELLS = "RF540" "guarantee-above-cells" "a policy guarantees more than its cells are estimated to carry";
    MOUNT_IN_THE_WAY = "RF541" "mount-in-the-way" "a Secret is mounted where something else is, above it or below it";
    NODE_OUT_OF_REACH = "RF542" "node-out-of-reach" "an application is not told how to reach a node that it acts upon";
    XAPP_CALLED_AS_COMPONENT = "RF543" "xapp-called-as-component" "an xApp has the name of a component of its RIC's platform";
}
