//! RF8xx: answers of the optimizers.

codes! {
    SLA_UNREACHABLE = "RF801" "sla-unreachable" "no configuration reaches the shares of an SLA";
    GRID_TOO_COARSE = "RF802" "grid-too-coarse" "a device cannot enforce shares as small as its tenants need";
    DIRECTIONS_DIFFER = "RF803" "directions-differ" "downlink and uplink shares differ on a device with one value for both";
    PASSIVE_USE_UNKNOWN = "RF804" "passive-use-unknown" "nothing is known of the use of an interface that takes no orders";
    OBSERVED_SHORTFALL = "RF805" "observed-shortfall" "a tenant uses less than agreed because its load is low";
    DIRECTION_FOLLOWS = "RF808" "direction-follows" "an agreement on one direction sets the other too, on a device with one value for both";
    HELD_BACK = "RF809" "held-back" "a tenant gets less than agreed because a device is held as it is";
    SLICING_UNSOLVED = "RF806" "slicing-unsolved" "the shares could not be decided";
    OBJECTIVE_MISSED = "RF807" "objective-missed" "the shares of a service carry less than its throughput objective";
    PLACEMENT_IMPOSSIBLE = "RF810" "placement-impossible" "a RIC fits nowhere within its loop budgets and the room there is";
    PLACEMENT_UNSOLVED = "RF811" "placement-unsolved" "the place of a RIC could not be decided";
    REQUEST_REJECTED = "RF820" "request-rejected" "a request is not served";
    ORCHESTRATION_UNSOLVED = "RF821" "orchestration-unsolved" "what serves the requests could not be decided";
}
