//! RF5xx: RICs, xApps, models, requests.

codes! {
    UNKNOWN_FUNCTION = "RF501" "unknown-function" "no model offers a function that is requested";
}
