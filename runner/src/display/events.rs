//! Events as JSON lines, for programs that follow a command: one object a line, `type` says what it is.

use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Action, Change};
use serde_json::{Value, json};

use crate::cli::say;
use crate::display::diagnostics;
use crate::pipeline::Planned;

/// Prints one event.
pub fn emit(kind: &str, message: &str, extra: Value) {
    let mut event = json!({
        "@level": if kind == "errored" { "error" } else { "info" },
        "@message": message,
        "@module": "ranform",
        "@timestamp": timestamp(),
        "type": kind,
    });
    if let (Value::Object(event), Value::Object(extra)) = (&mut event, extra) {
        event.extend(extra);
    }
    say(&format!("{event}\n"));
}

/// The present second in RFC 3339, UTC.
fn timestamp() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let (days, second) = (now / 86_400, now % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Days since 1970 as a date of the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The events of a plan.
pub fn plan(planned: &Planned, bundle: &Option<Bundle>) {
    emit("version", "ranform", json!({ "ranform": env!("CARGO_PKG_VERSION"), "format_version": "1.0" }));
    for diagnostic in &planned.diagnostics {
        let shown = diagnostics::json_one(diagnostic, &planned.sources);
        emit("diagnostic", &diagnostic.message, json!({ "diagnostic": shown }));
    }
    for change in &planned.changes {
        emit("planned_change", change.address.as_str(), json!({ "change": resource_change(change) }));
    }
    match bundle {
        Some(bundle) => emit(
            "change_summary",
            &crate::display::plan::counts(&planned.changes),
            json!({
                "changes": counts(&planned.changes),
                "digest": bundle.encode().1,
                "software": planned.summary.software,
            }),
        ),
        None => emit("errored", "the plan stopped", json!({})),
    }
}

/// How many of each action.
pub fn counts(changes: &[Change]) -> Value {
    let number = |action| changes.iter().filter(|change| change.action == action).count();
    json!({ "add": number(Action::Create), "change": number(Action::Update), "remove": number(Action::Delete) })
}

/// A change as scripts know it: `address`, `change.actions`, `change.before`, `change.after`, `cause`, `effect`.
pub fn resource_change(change: &Change) -> Value {
    let leaves: Vec<Value> = change
        .leaves()
        .into_iter()
        .map(|(path, before, after)| json!({ "path": path, "before": before, "after": after }))
        .collect();
    json!({
        "address": change.address,
        "change": { "actions": [change.action], "before": change.before, "after": change.after, "leaves": leaves },
        "cause": change.cause,
        "effect": change.effect,
        "device": change.device,
        "tenant": change.tenant,
        "owner": change.owner,
    })
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }
}
