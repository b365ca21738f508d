//! `check` plays a scenario without its actions, seeks its rest from every side, and reports its first day.

use crate::support::{done, out, repository, write};

/// Two contenders, one army that would rather be with the winner, a crowd, and a considered move.
fn scenario(army: &str, clock: &str) -> String {
    format!(
        "schema = 1\ntitle = \"A test\"\n[contenders]\nold = {{}}\nnew = {{}}\n\
         [clock]\nstart = 2030-01-01\ndays = 30\n{clock}\n[arenas]\nguns = 1\n\
         [actors.old]\npower.guns = 0.1\n[actors.new]\npower.guns = 0.1\n\
         [actors.army]\nkind = \"body\"\npower.guns = 1\n{army}\n\
         [crowds.city]\ngrievance = 0.2\nthreshold_mean = 0.9\n\
         [actions.bid]\nby = \"new\"\nrally = {{ side = \"new\", first_move = {{ low = 0.1, mode = 0.5, high = 2 }} }}\n\
         decide = {{ pace = 1, win = \"rally.bid.new\", prize = 1, price = 1, wait = 0.3 }}\n\
         success = \"contest(rally.bid.new, rally.bid.old, 2)\"\n\
         [outcomes.bid]\nwhen = \"happened.bid\"\n[outcomes.calm]\notherwise = true\n"
    )
}

const WRITTEN: &str =
    "loyalty.old = 0.5\nloyalty.new = 0.5\nstance = { old = 0.4, new = 0.4 }\nopportunism = 0.6";

#[test]
fn shipped_scenarios_are_quiet_without_their_actions() {
    let countries = ["", "angola/", "kyrgyzstan/", "zimbabwe/"];
    for folder in countries
        .iter()
        .flat_map(|c| ["", "readings", "what_if"].map(|f| format!("scenarios/{c}{f}")))
    {
        let files = std::fs::read_dir(repository(&folder)).expect("a folder");
        for file in files.map(|f| f.expect("an entry").path()) {
            if file.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let study = kzsim::Study::open(&file).expect("a good scenario");
            let control = kzsim::Control::default();
            let moves = study
                .unquiet(kzsim::Workers::default(), &control)
                .expect("nothing stops it");
            assert!(moves.is_empty(), "{}: {moves:?}", file.display());
        }
    }
}

#[test]
fn what_reads_the_day_is_told() {
    let quiet = write(&scenario(WRITTEN, ""));
    let text = out(&done(&quiet, "check test.toml"));
    assert!(!text.contains("moves all the same"), "{text}");
    let army = format!("{WRITTEN}\ncaution = \"0.5 + 0.05 * day\"");
    let text = out(&done(&write(&scenario(&army, "")), "check test.toml"));
    assert!(
        text.contains("without any action `stance.army.") && text.contains("reads the day"),
        "{text}"
    );
}

#[test]
fn more_than_one_rest_is_told_and_settled_by_the_analyst() {
    // Nobody is loyal to anybody; everybody wants to be with the winner.
    let army = "opportunism = 1\ncaution = 0\n[actors.navy]\nkind = \"body\"\npower.guns = 1\nopportunism = 1\ncaution = 0";
    let text = out(&done(&write(&scenario(army, "")), "check test.toml"));
    assert!(text.contains("could rest in more than one way"), "{text}");
    let settled = write(&scenario(army, "rest = \"old\""));
    let text = out(&done(&settled, "check test.toml"));
    assert!(!text.contains("more than one way"), "{text}");
}

#[test]
fn the_first_day_is_told() {
    let w = write(&scenario(WRITTEN, ""));
    let text = out(&done(&w, "check test.toml --day0"));
    for wanted in [
        "Support",
        "If all had to choose",
        "Stayed at",
        "Forced,",
        "Beside the past",
        "base rates since 1950",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let study = kzsim::Study::open(&w.path).expect("a good scenario");
    let found = study
        .day0(1000, kzsim::Workers::default(), &kzsim::Control::default())
        .expect("played");
    let weak = study
        .set("actions.bid.rally.first_move", 0.0)
        .expect("a setting");
    let weak = weak
        .day0(1000, kzsim::Workers::default(), &kzsim::Control::default())
        .expect("played");
    let success =
        |day0: &kzsim::internals::study::Day0| day0.moves[0].forced[0].expect("it can be tried").0;
    // A bid that is no fact succeeds less often: the intervals lie apart.
    assert!(
        success(&weak).high < success(&found).low,
        "{found:?} {weak:?}"
    );
    assert!(found.moves[0].a_month < 0.2, "{found:?}");
}
