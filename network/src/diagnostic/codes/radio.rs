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
    NO_SUCH_BAND = "RF320" "no-such-band" "a cell names an operating band that does not exist";
    CARRIER_OUTSIDE_BAND = "RF321" "carrier-outside-band" "carrier plus or minus half the bandwidth leaves the band";
    CARRIER_OFF_RASTER = "RF322" "carrier-off-raster" "a carrier is not on the channel raster of its band";
    WRONG_UPLINK = "RF323" "wrong-uplink" "an uplink carrier is outside the band or not at its duplex distance";
    NO_SUCH_CHANNEL = "RF324" "no-such-channel" "a band does not have this bandwidth or subcarrier spacing";
    WRONG_PRBS = "RF325" "wrong-prbs" "stated resource blocks are not those of the channel";
    WRONG_DUPLEX = "RF326" "wrong-duplex" "the duplex mode is not the one of the band";
    TDD_PATTERN = "RF327" "tdd-pattern" "a TDD pattern that no frame can hold";
    SSB_OUTSIDE_CARRIER = "RF328" "ssb-outside-carrier" "a synchronization block does not lie inside its carrier";
    SSB_OFF_RASTER = "RF329" "ssb-off-raster" "a synchronization block is where no phone searches";
    WRONG_ANCHOR = "RF330" "wrong-anchor" "an anchor is not the LTE cell of an NR cell";
    WRONG_AGGREGATION = "RF331" "wrong-aggregation" "carriers are aggregated that cannot be";
    IDENTITY_OF_OTHER_KIND = "RF343" "identity-of-other-kind" "a node has an identity of another kind of base station";
    LOCAL_ID_TOO_LARGE = "RF344" "local-id-too-large" "a cell's local id does not fit the bits that the base station leaves";
    DUPLICATE_CELL_IDENTITY = "RF345" "duplicate-cell-identity" "two cells have one NR or E-UTRAN cell identity";
    DUPLICATE_NODE_IDENTITY = "RF346" "duplicate-node-identity" "two base stations have one id";
    PCI_OUT_OF_RANGE = "RF347" "pci-out-of-range" "a physical cell identity is above 1007, or 503 with LTE";
    WRONG_TAC = "RF348" "wrong-tac" "a tracking area code is reserved or too large";
    TOO_MANY_PLMNS = "RF349" "too-many-plmns" "a cell would broadcast more PLMNs than it can";
    OWN_NEIGHBOUR = "RF360" "own-neighbour" "a cell is named as its own neighbour";
    PCI_COLLISION = "RF361" "pci-collision" "neighbours on one frequency have one physical cell identity";
    PCI_CONFUSION = "RF362" "pci-confusion" "two neighbours of a cell on one frequency have one physical cell identity";
    TDD_MISMATCH = "RF363" "tdd-mismatch" "neighbours on one frequency have different TDD patterns or offsets";
    WIFI_CHANNEL = "RF370" "wifi-channel" "a Wi-Fi channel number does not exist";
    WIFI_WIDTH = "RF371" "wifi-width" "no Wi-Fi channel of this width contains this channel";
    WIFI_STANDARD = "RF372" "wifi-standard" "a Wi-Fi standard is unknown or does not use the band";
    WIFI_COUNTRY = "RF373" "wifi-country" "a country is unknown or does not open the channel";
    DUPLICATE_SSID = "RF374" "duplicate-ssid" "two tenants radiate one SSID on one radio";
    ONE_PLMN_TWO_TENANTS = "RF380" "one-plmn-two-tenants" "two tenants have one PLMN on one LTE cell";
    ONE_SLICE_TWO_TENANTS = "RF381" "one-slice-two-tenants" "two tenants have one PLMN and slice on one NR cell";
    ONE_VLAN_TWO_TENANTS = "RF382" "one-vlan-two-tenants" "two tenants have one VLAN on one port or access point";
    MISSING_IDENTIFIER = "RF383" "missing-identifier" "a service lacks the identifier that its interfaces radiate";
    REPEATED_SERVICE = "RF384" "repeated-service" "a tenant has two services on one interface";
    CHUNK_WITHOUT_SERVICE = "RF386" "chunk-without-service" "nothing of a chunk is radiated, because no service is on it";
}
