//! RF9xx: plan, state, apply and devices at run time.

codes! {
    DEVICE_UNREACHABLE = "RF902" "device-unreachable" "a device that would change was unreachable when it was observed";
    STALE_PLAN = "RF901" "stale-plan" "the network changed since the plan was made";
}
