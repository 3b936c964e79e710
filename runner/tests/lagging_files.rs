//! Observation files and `forget` lines that speak of what is not there: told, and harmless.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use scene::*;

#[test]
fn names_that_an_observation_has_and_the_intents_do_not_are_told_with_their_place() {
    let folder = project("quickstart");
    let folder = folder.path();
    let csv = "interface,tenant,load,used\n\
        node.gnb-1/cell.nr-1,red,1,0.6\n\
        node.gnb-1/cell.nr-1,redd,1,0.1\n\
        node.gnb-1/cell.nr-9,red,1,0.6\n\
        node.gnb-1/cell.nr-9,blue,1,0.1\n";
    std::fs::write(folder.join("o.csv"), csv).unwrap();
    let (code, out, err) = run(folder, "plan -observation o.csv -out p.ranplan");
    assert_eq!(code, 0, "{out}{err}");
    for part in [
        "warning[RF916]: `o.csv` line 3: the intents have no tenant `redd`",
        "did you mean `red`?",
        "`o.csv` line 4 (and 1 more row): the intents have no cell or radio `node.gnb-1/cell.nr-9`",
        "did you mean `node.gnb-1/cell.nr-1`?",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let json =
        r#"{"format":"ranform.observation/1","records":[],"slas":[{"sla":"sla.fare","tenant":"red","ewma":0.5}]}"#;
    std::fs::write(folder.join("o.json"), json).unwrap();
    let (code, _, err) = run(folder, "plan -observation o.json");
    assert!(code == 0 && err.contains("`o.json` slas[0]: the intents have no SLA `sla.fare`"), "{err}");
    assert!(err.contains("did you mean `sla.fair`?"), "{err}");
    let csv = "interface,tenant,used\nnode.gnb-1/cell.nr-1,red,0.9\nnode.gnb-1/cell.nr-1,blue,0.9\n";
    std::fs::write(folder.join("o.csv"), csv).unwrap();
    let told = fails(folder, 1, "plan -observation o.csv");
    assert!(told.contains("error[RF906]") && told.contains("adds up to 180 %"), "{told}");
}

#[test]
fn a_forget_line_is_told_while_it_lets_go_and_doubted_where_it_never_will() {
    let folder = project("quickstart");
    let folder = folder.path();
    append(folder, "main.intent", "forget node.zzz");
    let (code, out, err) = run(folder, "plan");
    assert!(code == 0 && !out.contains("No longer managed"), "{out}");
    assert!(err.contains("warning[RF628]: `forget node.zzz` names nothing that was ever managed"), "{err}");
    edit(folder, "main.intent", "forget node.zzz\n", "");
    ok(folder, "apply -auto-approve");
    let text = std::fs::read_to_string(folder.join("main.intent")).unwrap();
    let start = text.find("chunk blue-all").unwrap();
    let less =
        text[..start].to_owned() + "forget node.gnb-1/cell.nr-1/tenant.blue\nlimit { acknowledge chunk.red-all 1 }\n";
    std::fs::write(folder.join("main.intent"), less).unwrap();
    let plan = ok(folder, "plan -out p.ranplan");
    assert!(
        plan.contains("No longer managed, left on the device as it is\n  node.gnb-1/cell.nr-1/tenant.blue"),
        "{plan}"
    );
    ok(folder, "apply p.ranplan");
    let (code, out, err) = run(folder, "plan");
    assert!(code == 0 && out.contains("No changes.") && !out.contains("No longer managed"), "{out}{err}");
    assert!(!err.contains("RF628"), "a line that was carried out is no mistake: {err}");
}
