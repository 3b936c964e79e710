//! RF6xx: guards, limits, keep, owners, protect, forget, moved, outside change.

codes! {
    GUARD_BROKEN = "RF601" "guard-broken" "a guard does not hold of the plan";
    MOVED_TO_NOTHING = "RF602" "moved-to-nothing" "a rename leads to an address that is not declared";
    MOVED_STILL_DECLARED = "RF603" "moved-still-declared" "what is moved away is still declared";
    MOVED_TWICE = "RF604" "moved-twice" "two renames have one origin or one goal";
    PROTECT_ABSENT = "RF605" "protect-absent" "what is protected is not declared";
    FORGET_DECLARED = "RF606" "forget-declared" "what is to be forgotten is still declared or protected";
    GUARD_OVER_NOTHING = "RF607" "guard-over-nothing" "a guard ranges over nothing";
    WRONG_EXCEPTION = "RF608" "wrong-exception" "an exception of a guard names no day, nothing, or the same again";
    WRONG_LIMIT = "RF609" "wrong-limit" "a limit has a value that limits nothing";
    WRONG_KEEP = "RF610" "wrong-keep" "a pin or price of `keep` cannot be kept";
    TWO_OWNERS = "RF611" "two-owners" "one thing has two owners";
    OUTSIDE_CHANGE = "RF612" "outside-change" "a rule for outside changes is repeated, or for nothing, or until no day";
    OUTSIDE_CHANGED = "RF613" "outside-changed" "others changed what is ours, and nothing says what to do about it";
    OUTSIDE_EXPIRED = "RF614" "outside-expired" "the day of a rule for outside changes is over";
    EXCEPTION_EXPIRED = "RF625" "exception-expired" "the day of an exception of a guard is over";
    PROTECTED_DELETED = "RF620" "protected-deleted" "the plan deletes something that is protected";
    LIMIT_EXCEEDED = "RF621" "limit-exceeded" "the plan touches more than its limits allow";
    GUARD_MATCHES_NOTHING = "RF623" "guard-matches-nothing" "a guard matches nothing";
    EXCEPTION_UNUSED = "RF624" "exception-unused" "an exception of a guard is not needed";
    CELL_IDENTITY = "RF630" "cell-identity" "the plan changes what cells are known by";
    SET_SHRUNK = "RF627" "set-shrunk" "a table or selection became empty or lost a tenth since the last apply";
    UNKNOWN_ADDRESS = "RF628" "unknown-address" "`-target`, `-exclude` or `forget` names nothing that is declared, decided or recorded";
    OWNER_NOT_APPROVED = "RF626" "owner-not-approved" "an owner has not approved what another's line does to what is theirs";
    LOOKS_RENAMED = "RF629" "looks-renamed" "a deletion and a creation are equal but for the name";
}
