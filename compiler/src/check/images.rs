//! Container images that are always the same ones: what was reviewed is what runs.

use ranform_network::Located;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::image::is_pinned;
use ranform_network::network::Name;

use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[pinned];

/// Every image has a digest, or a tag that is not `latest`: whatever runs it now, the intents go to another tomorrow.
fn pinned(context: &Context<'_>, findings: &mut Findings) {
    for image in images(context).filter(|image| !is_pinned(&image.value)) {
        let message = format!("image `{}` can become another one without a change of any intent", image.value);
        findings.push(Diagnostic::error(&codes::IMAGE_NOT_PINNED, image.span, message).help(
            "name a version or, better, the digest: `image \"registry.example/app:1.2\"`, `image \"registry.example/app@sha256:..\"`",
        ));
    }
}

/// The images of all components, xApps, models and connectors.
fn images<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a Located<Name>> {
    let rics = context.network.rics.as_slice().iter();
    let of_rics = rics.flat_map(|ric| {
        let components = ric.components.iter().filter_map(|component| component.image.as_ref());
        components.chain(ric.xapps.iter().filter_map(|xapp| xapp.image.as_ref()))
    });
    let models = context.network.models.as_slice().iter();
    of_rics.chain(
        models.flat_map(|model| model.image.iter().chain(model.connectors.iter().map(|connector| &connector.image))),
    )
}
