//! RF3xx: units, radio identifiers, carriers.

codes! {
    UNKNOWN_UNIT = "RF301" "unknown-unit" "a quantity has a unit that does not exist, or none";
    OUT_OF_RANGE = "RF303" "out-of-range" "a number is outside the range of its attribute";
    BAD_PLMN = "RF304" "bad-plmn" "a PLMN is not three digits and two or three digits";
    BAD_SLICE = "RF305" "bad-slice" "an S-NSSAI has a part that is out of range";
    BAD_VLAN = "RF306" "bad-vlan" "a VLAN is not 1 to 4094";
    BAD_SSID = "RF307" "bad-ssid" "an SSID is not 1 to 32 octets long";
    BAD_NODE_ID = "RF308" "bad-node-id" "a gNB or eNB identity does not fit its length";
    UNKNOWN_BAND = "RF309" "unknown-band" "a text is no operating band";
    BAD_DATE = "RF310" "bad-date" "a text is no day of the calendar";
    SECRET_IN_CLEAR = "RF311" "secret-in-clear" "a secret is written in an intent file";
}
