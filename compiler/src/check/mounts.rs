//! Secrets that software gets as files: each folder is its own.

use ranform_network::Located;
use ranform_network::deployment::{Connector, folders};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{ComponentKind, Name, SecretPlace, SecretUse};

use super::context::name;
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[apart];

/// No two mounts of a container are in one folder, or one below the other, and none is where something is mounted in any
/// case: one would hide the other.
fn apart(context: &Context<'_>, findings: &mut Findings) {
    for (whose, secrets) in software(context) {
        let mut seen: Vec<(Option<Connector>, &Located<Name>)> = Vec::new();
        for used in secrets {
            let SecretPlace::Folder(folder) = &used.place else { continue };
            let container = used.connector.as_ref().map(|way| way.value);
            if let Some(taken) = folders::TAKEN.iter().find(|taken| folders::collide(&folder.value, taken)) {
                findings.push(hidden(&whose, folder, None, taken));
            }
            let colliding = |(other, at): &&(Option<Connector>, &Located<Name>)| {
                *other == container && folders::collide(&folder.value, &at.value)
            };
            if let Some((_, first)) = seen.iter().find(colliding) {
                findings.push(hidden(&whose, folder, Some(first), &first.value));
            }
            seen.push((container, folder));
        }
    }
}

fn hidden(whose: &str, folder: &Located<Name>, first: Option<&Located<Name>>, other: &str) -> Diagnostic {
    let message = match &*folder.value == other {
        true => format!("two things would be mounted at `{other}` in {whose}"),
        false => {
            format!("what is mounted at `{}` in {whose} and what is at `{other}` would hide each other", folder.value)
        }
    };
    let help = match first {
        Some(_) => "give each Secret a folder beside the others, e.g. `/etc/app/tls` and `/etc/app/db`".to_owned(),
        None => format!(
            "`{other}` is in use in every container or belongs to the system: choose another folder, e.g. `/etc/app`"
        ),
    };
    let finding = Diagnostic::error(&codes::MOUNT_IN_THE_WAY, folder.span, message).help(help);
    first.into_iter().fold(finding, |finding, first| finding.and(first.span, "the other mount"))
}

/// Components, xApps and models with the Secrets that they are given.
fn software<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (String, &'a [SecretUse])> {
    let word =
        |kind: ComponentKind| ComponentKind::ALL.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| *word);
    let rics = context.network.rics.as_slice().iter().flat_map(move |ric| {
        let of = name(&ric.entity);
        let components = ric.components.iter();
        let components = components
            .map(move |one| (format!("component `{}` of RIC `{of}`", word(one.kind)), one.secrets.as_slice()));
        let xapps = ric.xapps.iter();
        components.chain(xapps.map(|one| (format!("xApp `{}`", name(&one.entity)), one.secrets.as_slice())))
    });
    let models = context.network.models.as_slice().iter();
    rics.chain(models.map(|model| (format!("model `{}`", name(&model.entity)), model.secrets.as_slice())))
}
