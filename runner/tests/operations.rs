//! What a network goes through between applies: others' changes, limits, exclusions, approvals, history; each as its
//! users meet it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use scene::*;

/// 2026-06-01 and 2027-06-01, in seconds since 1970.
const DAY: u64 = 1_780_272_000;
const YEAR_LATER: u64 = 1_811_808_000;

#[test]
fn what_others_changed_stops_the_plan_and_offers_the_lines() {
    let folder = tampered();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    let told = fails(folder, 6, "plan -refresh -out p.ranplan");
    for part in [
        "error[RF613]",
        "others changed `node.ap-1/radio.r1`",
        "radio.power_dbm is 17, 20 was applied",
        "outside change on node.ap-1/radio.r1 restore",
        "outside change on node.ap-1/radio.r1 accept",
        "ignore until YYYY-MM-DD",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!folder.join("p.ranplan").exists());
    assert_eq!(before, files(&folder.join("devices")));
    // Offline it is not known; apply finds out before it writes.
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    std::fs::remove_file(folder.join(".ranform/snapshot.json")).unwrap();
    ok(folder, "plan -out p.ranplan");
    edit(folder, "devices/ap-1/config.xml", "<weight>65</weight>", "<weight>64</weight>");
    let before = files(&folder.join("devices"));
    assert!(fails(folder, 5, "apply p.ranplan").contains("plan -refresh"));
    assert_eq!(before, files(&folder.join("devices")));
}

#[test]
fn restore_puts_ours_back_and_rollback_puts_theirs_back() {
    let folder = tampered();
    let folder = folder.path();
    rule(folder, "restore");
    assert!(run(folder, "drift").1.contains("the next plan puts ours back"));
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("power_dbm: 17 -> 20") && plan.contains("(drift)"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(run(folder, "drift").0, 0);
    ok(folder, "rollback -auto-approve");
    assert!(std::fs::read_to_string(folder.join("devices/ap-1/config.xml")).unwrap().contains(THEIRS));
}

#[test]
fn accept_takes_theirs_into_state_and_names_the_line_to_write() {
    let folder = tampered();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    rule(folder, "accept");
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("radio.power_dbm: 17 instead of 20 (accepted"), "{plan}");
    assert!(plan.contains("write `power 17dBm` in `node.ap-1/radio.r1`"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(before, files(&folder.join("devices")), "the device is left as it is");
    assert_eq!(run(folder, "drift"), (0, "No drift.\n".to_owned(), String::new()));
    let again = ok(folder, "plan");
    assert!(again.contains("No changes.") && again.contains("(accepted"), "a second plan is empty: {again}");
    // Without the line the intents are asked again.
    edit(folder, "main.intent", "outside change on node.ap-1/** accept\n", "");
    fails(folder, 6, "plan");
    rule(folder, "restore");
    assert!(ok(folder, "plan").contains("17 -> 20"));
    // The intents may say what others did, or something else.
    edit(folder, "main.intent", "outside change on node.ap-1/** restore\n", "");
    let radio = "power 20dBm  country ES";
    edit(folder, "main.intent", radio, "power 17dBm  country ES");
    ok(folder, "apply -auto-approve");
    assert_eq!(before, files(&folder.join("devices")));
    assert_eq!(run(folder, "drift").0, 0);
    edit(folder, "main.intent", "power 17dBm  country ES", "power 14dBm  country ES");
    assert!(ok(folder, "plan").contains("17 -> 14"), "it is ours again");
}

#[test]
fn a_share_that_is_accepted_counts_in_the_solve() {
    let folder = applied();
    let folder = folder.path();
    edit(folder, "devices/ap-1/config.xml", "<weight>65</weight>", "<weight>50</weight>");
    edit(folder, "devices/ap-1/config.xml", "<weight>35</weight>", "<weight>50</weight>");
    rule(folder, "accept");
    let access_point = files(&folder.join("devices/ap-1"));
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("other shares in `sla.plaza`"), "{plan}");
    // 5G stays at 50 %, Wi-Fi at 50 %: LTE makes up for both, 3 * 60 - 50 - 50 = 80.
    assert!(plan.contains("65 % -> 80 %") && plan.contains("sla.plaza: blue 40 %, red 60 %"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(access_point, files(&folder.join("devices/ap-1")));
    assert!(ok(folder, "plan").contains("No changes."), "a second plan is empty");
    assert_eq!(run(folder, "drift").0, 0);
}

#[test]
fn ignore_hides_until_its_day_is_over() {
    let folder = tampered();
    let folder = folder.path();
    rule(folder, "ignore until 2026-12-31");
    let (code, out, _) = run_on(folder, Some(DAY), "drift");
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("1 differing leaf is let be"), "{out}");
    let (code, out, err) = run_on(folder, Some(DAY), "plan -refresh -out p.ranplan");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("No changes.") && out.contains("ignored until 2026-12-31"), "{out}");
    // Not overwritten, though the intents change beside it.
    edit(folder, "main.intent", "country ES", "country FR");
    assert_eq!(run_on(folder, Some(DAY), "plan -out p.ranplan").0, 0);
    assert_eq!(run_on(folder, Some(YEAR_LATER), "apply p.ranplan").0, 5, "the plan counts on a day that is over");
    let (code, out, err) = run_on(folder, Some(DAY), "apply p.ranplan");
    assert_eq!(code, 0, "{out}{err}");
    let device = std::fs::read_to_string(folder.join("devices/ap-1/config.xml")).unwrap();
    assert!(device.contains(THEIRS) && device.contains("FR"), "{device}");
    assert!(run_on(folder, Some(DAY), "plan").1.contains("No changes."), "a second plan is empty");
    let (code, out, err) = run_on(folder, Some(YEAR_LATER), "plan");
    assert_eq!(code, 6, "{out}{err}");
    assert!(err.contains("warning[RF614]") && err.contains("ended with 2026-12-31"), "{err}");
    let (code, out, _) = run_on(folder, Some(YEAR_LATER), "drift");
    assert!(code == 6 && out.contains("let be until 2026-12-31, which is over"), "{out}");
}

#[test]
fn the_day_of_a_plan_is_no_part_of_its_bundle() {
    let bytes = |day| {
        let folder = tampered();
        rule(folder.path(), "ignore until 2099-12-31");
        assert_eq!(run_on(folder.path(), Some(day), "plan -refresh -out p.ranplan").0, 0);
        std::fs::read(folder.path().join("p.ranplan")).unwrap()
    };
    assert_eq!(bytes(DAY), bytes(YEAR_LATER));
}

#[test]
fn what_others_took_away_is_put_back_or_let_be() {
    let folder = applied();
    let folder = folder.path();
    std::fs::remove_file(folder.join("devices/ap-1/config.xml")).unwrap();
    assert!(fails(folder, 6, "plan -refresh").contains("it is gone"));
    rule(folder, "accept");
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("node.ap-1 is gone (accepted"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert!(ok(folder, "plan").contains("No changes."));
    assert_eq!(run(folder, "drift").0, 0);
    edit(folder, "main.intent", "node.ap-1/** accept", "node.ap-1/** restore");
    assert!(ok(folder, "plan").contains("4 to add"));
    ok(folder, "apply -auto-approve");
    assert!(folder.join("devices/ap-1/config.xml").exists());
}

#[test]
fn a_table_that_lost_a_tenth_is_denied_until_somebody_says_it_is_meant() {
    let folder = project("quickstart");
    let folder = folder.path();
    let table = |rows: usize| {
        let rows: String = (1..=rows).map(|row| format!("site-{row}\n")).collect();
        std::fs::write(folder.join("sites.csv"), format!("Name\n{rows}")).unwrap();
    };
    append(folder, "main.intent", "table sites from \"sites.csv\" {\n  as site\n  key \"Name\"\n}");
    table(20);
    ok(folder, "apply -auto-approve");
    table(19);
    ok(folder, "plan");
    table(18);
    let told = fails(folder, 4, "plan -out p.ranplan");
    assert!(told.contains("`table.sites` yielded 20 things at the last apply and yields 18 now"), "{told}");
    append(folder, "main.intent", "limit { acknowledge table.sites 18 }");
    ok(folder, "plan");
    table(17);
    assert!(fails(folder, 4, "plan").contains("acknowledge table.sites 17"), "what was acknowledged is 18, no less");
    table(0);
    fails(folder, 4, "plan");
    edit(folder, "main.intent", "table.sites 18", "table.site 18");
    assert!(fails(folder, 1, "plan").contains("did you mean `table.sites`?"));
}

#[test]
fn a_selection_that_shrank_is_denied_until_acknowledged() {
    let folder = applied();
    let folder = folder.path();
    edit(
        folder,
        "main.intent",
        "chunk red-plaza for red { interfaces in site plaza }",
        "chunk red-plaza for red { cells in site plaza }",
    );
    edit(folder, "main.intent", "  over site plaza", "  over cells in site plaza");
    append(
        folder,
        "main.intent",
        "chunk red-air for red { radios in site plaza  ratio 60% }\nservice red-air on red-air { vlan 101 }",
    );
    edit(
        folder,
        "main.intent",
        "chunk blue-plaza for blue { interfaces in site plaza }",
        "chunk blue-plaza for blue { cells in site plaza }",
    );
    append(
        folder,
        "main.intent",
        "chunk blue-air for blue { radios in site plaza  ratio 40% }\nservice blue-air on blue-air { vlan 102 }",
    );
    let told = fails(folder, 4, "plan -out p.ranplan");
    let line = "limit { acknowledge chunk.blue-plaza 2, chunk.red-plaza 2, sla.plaza 2 }";
    assert!(told.contains("error[RF627]") && told.contains("yielded 3 things") && told.contains(line), "{told}");
    append(folder, "main.intent", line);
    ok(folder, "plan -out p.ranplan");
    ok(folder, "apply p.ranplan");
    edit(folder, "main.intent", line, "");
    assert!(ok(folder, "plan").contains("No changes."), "once applied the line says nothing more");
}

#[test]
fn rollback_goes_back_step_by_step_and_to_any_serial() {
    let folder = applied();
    let folder = folder.path();
    let devices = || files(&folder.join("devices"));
    let one = devices();
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "apply -auto-approve -parallelism=1");
    let two = devices();
    edit(folder, "main.intent", "red 70%, blue 30%", "red 50%, blue 50%");
    ok(folder, "apply -auto-approve");
    let three = devices();
    assert!(one != two && two != three);

    let said = fails(folder, 1, "rollback");
    assert!(said.contains("-auto-approve"), "nobody is there to be asked: {said}");
    assert_eq!(devices(), three);
    let shown = ok(folder, "rollback -auto-approve");
    assert!(shown.contains("Going back to serial 2 means:") && shown.contains("weight: 50 -> 20"), "{shown}");
    assert_eq!(devices(), two);
    ok(folder, "rollback -auto-approve");
    assert_eq!(devices(), one);
    ok(folder, "rollback -to 3 -auto-approve");
    assert_eq!(devices(), three, "what was taken back is done again");
    ok(folder, "rollback -to=2 -auto-approve");
    assert_eq!(devices(), two);
    assert!(ok(folder, "plan").contains("to change"), "the intents say 50/50");
    assert_eq!(run(folder, "drift").0, 0);
    ok(folder, "rollback -to 0 -auto-approve");
    let left: Vec<u8> = devices().into_iter().flat_map(|(_, bytes)| bytes).collect();
    let left = String::from_utf8(left).unwrap();
    assert!(
        ["<ssid>", "lte-1", "nr-1", "red"].iter().all(|ours| !left.contains(ours)),
        "nothing of ours stays: {left}"
    );
    assert!(ok(folder, "rollback -auto-approve").contains("Nothing to take back"));
    assert!(fails(folder, 1, "rollback -to 99 -auto-approve").contains("ranform history"));

    let history = ok(folder, "history");
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 9, "{history}");
    assert!(
        lines[0].contains("rollback to 0") && lines[7].contains("apply") && lines[7].contains("+12 ~0 -0"),
        "{history}"
    );
    let document: serde_json::Value = serde_json::from_str(&ok(folder, "history -json")).unwrap();
    assert_eq!((&document["serial"], &document["present"]), (&8.into(), &0.into()));
    assert_eq!(document["entries"][5]["back_to"], 3);
    assert!(ok(folder, "history 2").contains("weight: 65 -> 80"));
    assert!(fails(folder, 1, "history 77").contains("no serial 77"));
}

#[test]
fn a_rename_is_rolled_back_with_what_was_changed_after_it() {
    let folder = applied();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    for (from, to) in
        [("node ap-1", "node ap-9"), ("site plaza { region", "moved node.ap-1 -> node.ap-9\nsite plaza { region")]
    {
        edit(folder, "main.intent", from, to);
    }
    assert!(ok(folder, "plan").contains("node.ap-1 -> node.ap-9"));
    ok(folder, "apply -auto-approve");
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "apply -auto-approve");
    ok(folder, "rollback -to 1 -auto-approve");
    assert_eq!(files(&folder.join("devices")), before);
    assert_eq!(run(folder, "drift").0, 0);
    edit(folder, "main.intent", "red 70%, blue 30%", "red 60%, blue 40%");
    edit(folder, "main.intent", "moved node.ap-1 -> node.ap-9\n", "");
    edit(folder, "main.intent", "node ap-9", "node ap-1");
    assert!(ok(folder, "plan").contains("No changes."), "state is that of serial 1, names too");
}

#[test]
fn protection_outlives_its_line_and_forget_leaves_the_device() {
    let folder = applied();
    let folder = folder.path();
    append(folder, "main.intent", "protect node.ap-1");
    assert!(ok(folder, "plan").contains("Protected from now on"));
    ok(folder, "apply -auto-approve");
    let text = std::fs::read_to_string(folder.join("main.intent")).unwrap();
    let (start, end) = (text.find("# Wi-Fi").unwrap(), text.find("chunk red-plaza").unwrap());
    let without = format!("{}{}", &text[..start], &text[end..]).replace("protect node.ap-1\n", "");
    let acknowledged = "limit { acknowledge chunk.blue-plaza 2, chunk.red-plaza 2, sla.plaza 2 }\n";
    std::fs::write(folder.join("main.intent"), format!("{without}{acknowledged}")).unwrap();
    assert!(fails(folder, 4, "plan").contains("which are protected"));
    let before = files(&folder.join("devices/ap-1"));
    append(folder, "main.intent", "forget node.ap-1");
    let plan = ok(folder, "plan -out p.ranplan");
    assert!(plan.contains("No longer managed") && plan.contains("node.ap-1"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(before.len(), 1);
    assert_eq!(files(&folder.join("devices/ap-1")), before);
}

#[test]
fn an_owner_must_approve_what_anothers_line_does_to_what_is_his() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    append(folder, "main.intent", "owner red-team { owns tenant red }\nowner blue-team { owns tenant blue }");
    edit(folder, "main.intent", "sla plaza {", "sla plaza {\n  owner red-team");
    ok(folder, "apply -auto-approve");
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    let plan = ok(folder, "plan -out p.ranplan");
    assert!(plan.contains("Owners touched: blue-team, red-team."), "{plan}");
    assert!(plan.contains("Needs approval") && plan.contains("-approved-by=blue-team"), "{plan}");
    assert!(plan.contains("\nNext: ranform apply p.ranplan -approved-by=blue-team\n"), "{plan}");
    let before = files(&folder.join("devices"));
    let told = fails(folder, 4, "apply p.ranplan");
    assert!(
        told.contains("[RF626]")
            && told.contains("`blue-team` has not approved")
            && told.contains("because of `sla.plaza` of `red-team`"),
        "{told}"
    );
    assert!(!told.contains("`red-team` has not"), "one's own line needs no approval: {told}");
    assert_eq!(before, files(&folder.join("devices")));
    fails(folder, 4, "apply -auto-approve");
    ok(folder, "apply p.ranplan -approved-by=blue-team");
    assert!(ok(folder, "history").contains("approved by blue-team"));
}

#[test]
fn an_excluded_device_is_held_in_the_solve() {
    let folder = applied();
    let folder = folder.path();
    let device = files(&folder.join("devices/ap-1"));
    edit(folder, "main.intent", "red 60%, blue 40%", "red 64%, blue 36%");
    let plan = ok(folder, "plan -exclude=node.ap-1 -out p.ranplan");
    assert!(plan.contains("Held as they are") && plan.contains("node.ap-1 (-exclude=node.ap-1)"), "{plan}");
    // 5G stays at 50 %, Wi-Fi at 65 %: LTE makes up for both, 3 * 64 - 50 - 65 = 77.
    assert!(plan.contains("65 % -> 77 %") && plan.contains("sla.plaza: blue 36 %, red 64 %"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(device, files(&folder.join("devices/ap-1")));
    let (code, out, err) = run(folder, "plan -target=node.ap-1");
    assert_eq!(code, 0, "{out}{err}");
    assert!(!out.contains("~ node.enb-1"), "{out}");
    assert!(ok(folder, "plan -target=site.plaza").contains("node.ap-1/radio.r1/tenant.red"));
    let told = fails(folder, 1, "plan -target=node.ap-7");
    assert!(told.contains("error[RF628]") && told.contains("did you mean `-target=node.ap-"), "{told}");
    assert!(fails(folder, 1, "plan -exclude=nothing").contains("names nothing"));
}

#[test]
fn a_first_plan_of_one_device_leaves_the_others_out_of_the_solve() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    let plan = ok(folder, "plan -target=node.enb-1 -out p.ranplan");
    assert!(
        plan.contains("4 to add") && plan.contains("60 %"),
        "only LTE is in service, so it gets the agreement: {plan}"
    );
    ok(folder, "apply p.ranplan");
    assert!(!folder.join("devices/ap-1").exists());
    assert!(ok(folder, "plan").contains("8 to add"));
}

#[test]
fn a_leaf_of_others_beside_ours_is_no_drift_stays_and_may_be_taken_over() {
    let folder = project("cosmo-testbed");
    let folder = folder.path();
    let (with, without) = ("power 20dBm  layers 1", "layers 1");
    edit(folder, "main.intent", with, without);
    ok(folder, "apply -auto-approve");
    let device = || std::fs::read_to_string(folder.join("devices/enb-1/config.xml")).unwrap();
    assert!(!device().contains("<power>"));
    edit(folder, "devices/enb-1/config.xml", "<tac>7</tac>", "<tac>7</tac>\n      <power>30.0</power>");
    assert_eq!(run(folder, "drift").0, 0);
    assert!(ok(folder, "plan -refresh").contains("No changes."));
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "apply -auto-approve");
    assert!(device().contains("<power>30.0</power>"), "{}", device());
    edit(folder, "main.intent", without, with);
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("~ node.enb-1/cell.lte-1  update, taken over"), "{plan}");
    assert!(plan.contains("power_dbm: 30 -> 20"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert!(device().contains("<power>20.0</power>"));
    ok(folder, "rollback -auto-approve");
    assert!(device().contains("<power>30.0</power>"), "rollback gives the old value back");
    assert_eq!(run(folder, "drift").0, 0);
}

#[test]
fn what_the_devices_hold_already_is_taken_into_state_without_a_write() {
    let folder = applied();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    std::fs::remove_dir_all(folder.join(".ranform")).unwrap();
    let plan = ok(folder, "plan -refresh -out p.ranplan");
    assert!(plan.contains("No changes.") && plan.contains("taken into state"), "{plan}");
    ok(folder, "apply p.ranplan");
    assert_eq!(before, files(&folder.join("devices")));
    assert_eq!(run(folder, "drift").0, 0);
    assert!(ok(folder, "plan").contains("No changes."));
    edit(folder, "devices/ap-1/config.xml", POWER, THEIRS);
    assert_eq!(run(folder, "drift").0, 6, "it is ours now");
}

#[test]
fn a_running_network_is_adopted_with_what_is_to_change() {
    let folder = applied();
    let folder = folder.path();
    let before = files(&folder.join("devices"));
    // Nothing is known of the devices but what they hold; the intents ask for other shares and another power.
    std::fs::remove_dir_all(folder.join(".ranform")).unwrap();
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    let plan = ok(folder, "plan -refresh -out adopt.ranplan");
    assert!(plan.contains("update, taken over") && plan.contains("taken into state"), "{plan}");
    ok(folder, "apply adopt.ranplan");
    assert!(ok(folder, "plan -refresh").contains("No changes."));
    assert_eq!(run(folder, "drift").0, 0);
    ok(folder, "rollback -auto-approve");
    assert_eq!(files(&folder.join("devices")), before, "what was there before is there again");
}
