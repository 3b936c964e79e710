//! What a plan does not solve yet, by name: near-RT RICs and requests are checked, their solving is `solve` only.

use ranform_network::Network;
use ranform_network::diagnostic::{Diagnostic, codes};

/// A warning for each RIC and request.
pub fn findings(network: &Network) -> Vec<Diagnostic> {
    let warning = |span, what: String| {
        Diagnostic::warning(&codes::NOT_PLANNED_YET, span, format!("{what} is checked but not planned yet"))
            .help("its problem can be solved alone with `ranform solve placement` or `ranform solve orchestration`")
    };
    let rics = network.rics.iter().map(|(_, ric)| warning(ric.entity.span, format!("`{}`", ric.entity.address)));
    let requests = network
        .requests
        .iter()
        .map(|(_, request)| warning(request.entity.span, format!("`{}`", request.entity.address)));
    rics.chain(requests).collect()
}
