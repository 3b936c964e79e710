//! Every diagnostic code, by family; the families are the files of this folder.
//!
//! | codes | family |
//! |---|---|
//! | RF1xx | text, syntax and files |
//! | RF2xx | names, references, modules, overlays, tables, selections, expressions, custom resources |
//! | RF3xx | units, radio identifiers, carriers |
//! | RF4xx | tenants, chunks, services, sharing, SLAs |
//! | RF5xx | RICs, xApps, models, requests |
//! | RF6xx | guards, limits, keep, owners, protect, forget, moved, outside change |
//! | RF7xx | devices, profiles and what they cannot do |
//! | RF8xx | answers of the optimizers |
//! | RF9xx | plan, state, apply and devices at run time |

macro_rules! codes {
    ($($(#[$meta:meta])* $constant:ident = $id:literal $name:literal $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $constant: $crate::diagnostic::Code =
                $crate::diagnostic::Code { id: $id, name: $name, summary: $summary };
        )*
        /// All codes of this family, in order.
        pub(super) static ALL: &[&$crate::diagnostic::Code] = &[$(&$constant),*];
    };
}

mod devices;
mod language;
mod names;
mod optimizers;
mod policies;
mod radio;
mod rics;
mod runtime;
mod sharing;

pub use devices::*;
pub use language::*;
pub use names::*;
pub use optimizers::*;
pub use policies::*;
pub use radio::*;
pub use rics::*;
pub use runtime::*;
pub use sharing::*;

use super::Code;

/// Every code there is, in order of its identifier.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let families = [
        language::ALL,
        names::ALL,
        radio::ALL,
        sharing::ALL,
        rics::ALL,
        policies::ALL,
        devices::ALL,
        optimizers::ALL,
        runtime::ALL,
    ];
    families.into_iter().flatten().copied()
}

/// The code with this identifier or name.
pub fn find(text: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(text) || code.name == text)
}
