//! RF4xx: tenants, chunks, services, sharing, SLAs.

codes! {
    SHARES_NOT_WHOLE = "RF401" "shares-not-whole" "the shares of an SLA do not sum to 100 %";
}
