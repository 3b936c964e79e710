//! The kinds, field by field.

mod access;
mod nodes;
mod radio;
mod software;
mod status;
mod values;

pub use nodes::{ACCESS_POINT, ENB_NODE, GNB_NODE};
pub use radio::{CHUNK, SERVICE, SERVICE_SLA};
pub use software::{MODEL_REQUEST, RIC_DEPLOYMENT};
pub use status::{LONGEST_MESSAGE, MOST_DRIFT, MOST_PLACES, MOST_SHARES, REQUEST_STATUS, RIC_STATUS, STATUS};

pub(super) use super::names::{Step, steps};
pub(super) use super::schema::is_decimal;
