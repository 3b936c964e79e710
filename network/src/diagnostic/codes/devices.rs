//! RF7xx: devices, profiles and what they cannot do.

codes! {
    MISSING_KNOB = "RF701" "missing-knob" "a device cannot carry what an intent asks of it";
    PROFILE_KIND = "RF702" "profile-kind" "a profile is not for nodes of this kind";
    PROTOCOL_NOT_OFFERED = "RF703" "protocol-not-offered" "a device is not reached by this protocol";
    SHARING_NOT_OFFERED = "RF704" "sharing-not-offered" "a device does not share in this mode";
    DIRECTION_NOT_OFFERED = "RF705" "direction-not-offered" "a device does not tell directions apart";
    INCOMPLETE_MANAGEMENT = "RF706" "incomplete-management" "a device is managed without user or key";
    HOST_KEY = "RF707" "host-key" "a device is managed without a host key to verify";
    ENDPOINT_SHAPE = "RF708" "endpoint-shape" "an endpoint is no host and port";
    DIRECTORY_OUTSIDE = "RF709" "directory-outside" "a device folder is not inside the project";
    ONE_ENDPOINT = "RF710" "one-endpoint" "two nodes are managed at one endpoint";
    NAME_TOO_LONG = "RF712" "name-too-long" "a name is longer than devices and files can hold";
    LEFT_AS_IT_IS = "RF713" "left-as-it-is" "a device cannot set a leaf and keeps its own";
    NOT_DEPLOYED = "RF714" "not-deployed" "software is decided for a node and not deployed to it";
    E2_ENDPOINT_UNKNOWN = "RF715" "e2-endpoint-unknown" "an E2 node cannot be told where its E2 termination is";
    CREDENTIAL_WITHOUT_TLS = "RF716" "credential-without-tls" "a credential would travel to an A1 peer without TLS";
    ONE_DEVICE_TWO_NAMES = "RF718" "one-device-two-names" "a device that was applied under one name stands under another";
    REACHED_ELSEWHERE = "RF719" "reached-elsewhere" "a node is another device, or speaks another format, than when it was applied";
    STORAGE_DOES_NOT_MOVE = "RF720" "storage-does-not-move" "a store starts empty on another node or in another size";
    ROLLOUT_CANNOT_FINISH = "RF721" "rollout-cannot-finish" "a node has no room for what starts beside what is still there";
    ONE_E2_ADDRESS = "RF722" "one-e2-address" "two E2 terminations would be behind one address and port";
    NOT_ON_GRID = "RF760" "not-on-grid" "a value is finer than the device's format can write";
    MANDATORY_MISSING = "RF761" "mandatory-missing" "the device's format needs a value that no intent gives";
    ENTRY_SHARED = "RF762" "entry-shared" "others keep leaves in an entry that cannot stay without ours";
    POLICIES_DIFFER = "RF763" "policies-differ" "a device with one policy set for all cells is given different ones";
    TOO_FEW_BLOCKS = "RF764" "too-few-blocks" "static slices do not fit into the resource blocks of a cell";
    NOT_DISTINCT = "RF765" "not-distinct" "two things would be one entry on the device";
    IMAGE_NOT_PINNED = "RF766" "image-not-pinned" "a container image has no version of its own";
    LEVEL_NOT_STATED = "RF767" "level-not-stated" "a function needs more of its node than restricted pods may, and no level says so";
    DATA_APART = "RF768" "data-apart" "the data of a function's E2 nodes are in several stores, of which it finds one";
    XAPP_DESCRIPTOR = "RF769" "xapp-descriptor" "the descriptor of an xApp cannot say its version or image";
}
