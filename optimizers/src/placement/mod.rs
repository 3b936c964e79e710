//! Placement of the components of a near-RT RIC on compute nodes.
