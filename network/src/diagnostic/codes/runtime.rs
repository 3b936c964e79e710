//! RF9xx: plan, state, apply and devices at run time.

codes! {
    STALE_PLAN = "RF901" "stale-plan" "the network changed since the plan was made";
}
