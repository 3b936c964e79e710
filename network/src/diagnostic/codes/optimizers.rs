//! RF8xx: answers of the optimizers.

codes! {
    SLA_UNREACHABLE = "RF801" "sla-unreachable" "no configuration reaches the shares of an SLA";
}
