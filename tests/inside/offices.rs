//! What goes with an office: power, and authority that follows the state.

use kzsim::engine::{Batch, Observer};

use crate::inside::played::parse;
use crate::inside::support::GOOD;

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// A scenario in which everything that depends on power and authority moves `out`: support, backing, views,
/// a rally. `ministry` belongs to nobody's camp until the third day.
fn text(actors: &str, ministry: &str, change: &str) -> String {
    format!(
        "schema = 1\n[contenders]\nold = {{}}\nnew = {{}}\n[clock]\nstart = 2022-01-01\ndays = 6\n\
         [arenas]\nguns = 0.6\nmoney = 0.4\n[variables]\nout = 0.0\nbase = 0.0\n\
         [actors.old]\npower.guns = 0.5\n[actors.new]\npower.money = 0.4\n\
         [actors.army]\nkind = 'body'\npower = {{ guns = 1.0, money = 0.2 }}\nloyalty = {{ old = 0.5, new = 0.4 }}\n\
         [actors.minister]\nkind = 'body'\nloyalty = {{ old = 0.2, new = 0.5 }}\n\
         [actors.chief]\nloyalty = {{ old = 0.6, new = 0.3 }}\n{actors}\n\
         [offices.ministry]\nholder = 'minister'\nauthority.army = 0.2\n{ministry}\n\
         [actions.move]\nby = 'new'\nrate = 0.01\n\
         rally = {{ side = 'new', first_move = 0.4 }}\n\
         effects = ['signal.new += 0.2']\n\
         [actions.news]\nat = 2022-01-02\neffects = ['signal.new += 0.8']\n\
         [actions.change]\nat = 2022-01-03\neffects = [{change}]\n\
         [actions.look]\nrate = 8\nlimit = 500\n\
         effects = ['out = 0.5 * out + support.new.guns + support.aside.money + backing.new + sees.army.new \
         + sees.minister.new + rally.move.new.guns + rally.move.aside']\n\
         [outcomes.end]\notherwise = true\n"
    )
}

/// `out` at the end of as many rounds as have room.
fn outs(text: &str) -> [u32; 64] {
    let (scenario, plan) = parse(text);
    let mut batch = Batch::<64>::new(&plan, scenario.seed);
    batch.initialise(0, 64);
    batch.play(&mut Nobody);
    batch.get(plan.layout.variable(0)).0.map(f32::to_bits)
}

#[test]
fn power_of_an_office_is_power_of_its_holder_while_he_has_it() {
    let by_office = "power = { guns = 0.7, money = 0.3 }";
    let own = "power = { guns = 0.7, money = 0.3 }";
    let with = |actors: &str, ministry: &str, change: &str| outs(&text(actors, ministry, change));
    // It is as if it were his own.
    let of_office = with("", by_office, "'base += 1'");
    let start = |set: &str| {
        outs(&text("", "", set).replace(
            "[actors.minister]\n",
            &format!("[actors.minister]\n{own}\n"),
        ))
    };
    assert_eq!(of_office, start("'base += 1'"));
    // It goes with the office.
    let passes = with("", by_office, "'office.ministry = chief'");
    let moved = with(
        "",
        "",
        "'power.chief.guns = 0.7', 'power.chief.money = 0.3', 'power.minister.guns = 0', \
         'power.minister.money = 0', 'office.ministry = chief'",
    );
    let as_own = start(
        "'power.chief.guns = 0.7', 'power.chief.money = 0.3', 'power.minister.guns = 0', \
         'power.minister.money = 0', 'office.ministry = chief'",
    );
    assert_eq!(passes, as_own);
    assert_ne!(passes, moved);
    assert_ne!(passes, of_office);
    // An office of nobody has none.
    let none = with("", by_office, "'office.ministry = nobody'");
    let lost =
        start("'power.minister.guns = 0', 'power.minister.money = 0', 'office.ministry = nobody'");
    assert_eq!(none, lost);
    // So it is where he is taken away, and where a successor follows.
    let heirs = format!("successors = ['chief']\n{by_office}");
    assert_eq!(
        with("", &heirs, "'remove.minister = arrested'"),
        outs(
            &text(
                "",
                "successors = ['chief']",
                "'remove.minister = arrested', 'power.chief.guns = 0.7', 'power.chief.money = 0.3'"
            )
            .replace(
                "[actors.minister]\n",
                &format!("[actors.minister]\n{own}\n")
            ),
        )
    );
}

/// What is added on top of power of his own, in the order of offices.
#[test]
fn powers_of_offices_add_up_in_listed_order() {
    let offices = "power.guns = 0.1\n[offices.post]\nholder = 'army'\npower.guns = 0.3\n\
                   [offices.seat]\nholder = 'army'\npower.guns = { min = 0.2, max = 0.2 }";
    let of_offices =
        outs(&text("", offices, "'base += 1'").replace("holder = 'minister'", "holder = 'army'"));
    let own: f32 = ((1.0 + 0.1) + 0.3) + 0.2;
    let of_his_own = outs(
        &text("", "", "'base += 1'")
            .replace("holder = 'minister'", "holder = 'army'")
            .replace("guns = 1.0", &format!("guns = {own}")),
    );
    assert_eq!(of_offices, of_his_own);
}

#[test]
fn authority_may_follow_the_state() {
    let change = "'office.ministry = chief'";
    let constant = text("", "", change);
    let live = |authority: &str| constant.replace("authority.army = 0.2", authority);
    let same = "authority.army = '0.2 + 0 * (turnout.max + day) + 0 * sees.army.old'";
    assert_eq!(outs(&constant), outs(&live(same)));
    // Where it begins, it is as if the office had had nobody: for stances, and for a rally at once. What
    // backing uses is what Choose has read.
    let without = |text: &str| text.replace("+ backing.new ", "");
    let begins = without(&live("authority.army = '0.3 * base'").replace(change, "'base = 1'"));
    let filled = without(
        &live("authority.army = 0.3")
            .replace("holder = 'minister'\n", "")
            .replace(change, "'office.ministry = minister'"),
    );
    let never = without(&live("authority.army = 0"));
    assert_eq!(outs(&begins), outs(&filled));
    assert_ne!(outs(&begins), outs(&never));
}

#[test]
fn holders_and_stances_are_drawn_by_their_chances() {
    // Among 4,000 rounds 1 in 10 begins without a holder, and in 3 of 10 the banker is with the old.
    let text = GOOD.replace("holder = \"new\"", "holder = { new = 0.7, old = 0.2 }");
    let text = text.replace(
        "name = \"A banker\"",
        "stance = { old = 0.3 }\nname = \"A banker\"",
    );
    let (_, plan) = parse(&text);
    let l = &plan.layout;
    let mut batch = Batch::<64>::new(&plan, 7);
    let (mut vacant, mut with_old, mut whole) = (0, 0, true);
    for first in (0..4_000).step_by(16) {
        batch.initialise(first, 16);
        for i in 0..16 {
            vacant += u32::from(batch.get(l.office(0)).0[i] < 0.0);
            let stance = [0, 1, 2].map(|o| batch.get(l.stance(3, o)).0[i]);
            with_old += u32::from(stance[0] == 1.0);
            whole &= stance.iter().sum::<f32>() == 1.0 && stance.contains(&1.0);
        }
    }
    // Bounds are five standard deviations wide.
    assert!(whole && (305..=495).contains(&vacant), "{vacant}");
    assert!((1_055..=1_345).contains(&with_old), "{with_old}");
}
