//! RF6xx: guards, limits, keep, owners, protect, forget, moved, outside change.

codes! {
    GUARD_BROKEN = "RF601" "guard-broken" "a guard does not hold of the plan";
    PROTECTED_DELETED = "RF620" "protected-deleted" "the plan deletes something that is protected";
    LIMIT_EXCEEDED = "RF621" "limit-exceeded" "the plan touches more than its limits allow";
    NOT_PLANNED_YET = "RF622" "not-planned-yet" "an intent is checked but not planned yet";
}
