//! RF4xx: tenants, chunks, services, sharing, SLAs.

codes! {
    SHARES_NOT_WHOLE = "RF401" "shares-not-whole" "the shares of an SLA do not sum to 100 %";
    FLOOR_ABOVE_CAPACITY = "RF402" "floor-above-capacity" "floor times tenants is more than an interface has";
    UNNAMED_TENANT = "RF403" "unnamed-tenant" "a tenant is in the area of an SLA that does not name it";
    ASKED_OF_PASSIVE = "RF404" "asked-of-passive" "a ratio, guarantee or cap is asked of a passive interface";
    RATIO_UNDER_SLA = "RF405" "ratio-under-sla" "a fixed ratio stands where an SLA decides";
    RATIO_MISSING = "RF406" "ratio-missing" "tenants share an interface without ratios and without an SLA";
    RATIOS_ABOVE_WHOLE = "RF407" "ratios-above-whole" "the ratios on an interface sum to more than 100 %";
    GUARANTEES_ABOVE_WHOLE = "RF408" "guarantees-above-whole" "guarantees sum to more than 100 %";
    MINIMUM_ABOVE_MAXIMUM = "RF409" "minimum-above-maximum" "a guarantee or floor is above a cap";
    EXPECTED_ABOVE_WHOLE = "RF410" "expected-above-whole" "what a passive interface is expected to give sums to more than 100 %";
    EXPECTED_TENANT_ABSENT = "RF411" "expected-tenant-absent" "a passive interface is expected to serve a tenant that is not on it";
    WINDOW_AND_PERIOD = "RF412" "window-and-period" "the control period is longer than the window";
    FLOOR_BELOW_SMALLEST = "RF413" "floor-below-smallest" "a floor is below what a device can enforce and is raised there";
    ONE_POLICY_SET = "RF414" "one-policy-set" "bounds differ between cells of a device with one policy set";
    ONE_VALUE_FOR_BOTH = "RF415" "one-value-for-both" "downlink and uplink shares differ on a device with one value for both";
    PASSIVE_WITHOUT_USE = "RF416" "passive-without-use" "a passive interface under an SLA does not say how it is used";
    ABSENT_TENANT = "RF417" "absent-tenant" "an SLA promises a share to a tenant that is nowhere in its area";
    EMPTY_SLA = "RF418" "empty-sla" "an SLA covers no cell and no radio";
    BOUND_WITHOUT_PRESENCE = "RF420" "bound-without-presence" "a guarantee or cap is for a place where its tenant or its SLA is not";
    CAPS_LEAVE_UNUSED = "RF421" "caps-leave-unused" "the caps on an interface leave part of it to nobody";
    CARRIER_PER_OPERATOR = "RF422" "carrier-per-operator" "operators share a cell whose carrier belongs to one of them";
}
