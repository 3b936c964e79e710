//! RF4xx: tenants, chunks, services, sharing, SLAs.

codes! {}
