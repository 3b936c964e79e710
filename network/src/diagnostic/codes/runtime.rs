//! RF9xx: plan, state, apply and devices at run time.

codes! {
    STALE_PLAN = "RF901" "stale-plan" "the network changed since the plan was made";
    DEVICE_UNREACHABLE = "RF902" "device-unreachable" "a device cannot be reached, or was not when it was observed";
    WRONG_USAGE = "RF903" "wrong-usage" "a command is asked for something that it cannot do";
    FILE_UNUSABLE = "RF904" "file-unusable" "a file or folder named on the command line cannot be read or written";
    BUNDLE_REFUSED = "RF905" "bundle-refused" "a file is no bundle, was altered, or is of another version";
    OBSERVATION_REFUSED = "RF906" "observation-refused" "an observation file does not say what one must say";
    BUNDLE_APPLIED = "RF907" "bundle-applied" "a bundle was applied before";
    NOT_APPROVED = "RF908" "not-approved" "nothing was written because nobody said yes";
    SYSTEM_REFUSED = "RF909" "system-refused" "the operating system refuses what the program needs";
    STATE_UNUSABLE = "RF910" "state-unusable" "the state file cannot be opened, read or written";
    STATE_DAMAGED = "RF911" "state-damaged" "something in the data folder is not what this program writes";
    STATE_VERSION = "RF912" "state-version" "the state file was made by a later version";
    STATE_LOCKED = "RF913" "state-locked" "somebody else is at work on the state";
    TRANSACTION_PENDING = "RF914" "transaction-pending" "a transaction was interrupted and comes first";
    NOTHING_DECIDED = "RF915" "nothing-decided" "there is neither a code nor a decided thing of this name";
    OBSERVATION_UNKNOWN = "RF916" "observation-unknown" "an observation file speaks of what the intents do not have";
    DEVICE_LOCKED = "RF920" "device-locked" "somebody else is changing a device";
    DEVICE_CREDENTIAL = "RF921" "device-credential" "what it takes to log in to a device is missing or unusable";
    DEVICE_HOST_KEY = "RF922" "device-host-key" "a device shows another host key than the one it must show";
    DEVICE_LOGIN = "RF923" "device-login" "a device does not let the user in";
    FOREIGN_LEAVES = "RF924" "foreign-leaves" "an edit would take away leaves of others";
    NOT_TAKEN = "RF925" "not-taken" "a device acknowledged an edit and does not show it";
    NOT_RESTORED = "RF926" "not-restored" "a device does not show its former configuration after taking back";
    DEVICE_REFUSED = "RF927" "device-refused" "a device refuses an operation, or its answer cannot be used";
    NO_DRIVER = "RF928" "no-driver" "a device is managed by a protocol that this version does not speak";
    FIELDS_HELD = "RF929" "fields-held" "another manager holds fields that are to be set";
    ROLLED_BACK = "RF930" "rolled-back" "an apply failed and everything was put back";
    PARTLY_APPLIED = "RF931" "partly-applied" "some devices are changed and some are not: a person is needed";
    DOCUMENTS_DIFFER = "RF932" "documents-differ" "a document does not say what the changes of its plan say";
    DEGRADED = "RF933" "degraded" "what is there as applied is not in effect";
    OTHER_PROJECT = "RF934" "other-project" "another project runs what would be changed";
    FOREIGN_OBJECT = "RF935" "foreign-object" "a file that ranform writes holds an object of somebody else";
}
