//! RF6xx: guards, limits, keep, owners, protect, forget, moved, outside change.

codes! {
    GUARD_BROKEN = "RF601" "guard-broken" "a guard does not hold of the plan";
}
