//! RF5xx: RICs, xApps, models, requests.

codes! {}
