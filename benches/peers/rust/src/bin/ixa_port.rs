//! The scenario in ixa: one `Context` for each round; actors, offices and the crowd are entities with
//! properties; every step is a plan that schedules the next one, and the shock is a plan of its own.

use ixa::ExecutionPhase;
use ixa::prelude::*;
use ixa::rand::RngExt;
use kzsim_peers_rust::IXA_VERSION;
use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, Clock, Crowd, DAYS, DISMISS, DT, FOLLOWERS, Holder, Noted,
    Offices, PATRON, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STANCES_START, STEPS,
    STEPS_PER_DAY, STREET, Scene, Stance, Start, Support, at_horizon, clock_of, clocks, contest,
    custom_of_body, custom_of_person, disposition, drifted, edge, errors, fade, gates, inclination,
    is_over, may_seize, minds_matter, moved, next_due, night, note_loss, patience, picked,
    reconsiders, settle, tastes, utility, weighs,
};
use kzsim_peers_rust::report::{Played, round_seed, run};

// Actors that are no contender, in the order of `ACTORS`.
define_entity!(Follower);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Loyalty(PerContender);
impl_property!(Loyalty, Follower, persist = false);

/// What a follower takes for granted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Granted(PerContender);
impl_property!(Granted, Follower, persist = false);

/// What a follower sees of the prospects.
#[derive(Clone, Copy, Debug, PartialEq)]
struct View(PerContender);
impl_property!(View, Follower, persist = false);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown(Stance);
impl_property!(Shown, Follower, persist = false);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Custom(Stance);
impl_property!(Custom, Follower, persist = false);

/// Errors of a follower's view.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Errors(PerContender);
impl_property!(
    Errors,
    Follower,
    default_const = Errors([0.0; 3]),
    persist = false
);

define_entity!(Office);
impl_property!(Holder, Office, persist = false);

define_entity!(Town);
impl_property!(Crowd, Town, persist = false);

define_rng!(PriorRng);
define_rng!(ViewRng);
define_rng!(ChoiceRng);
define_rng!(CrowdRng);
define_rng!(ActionRng);

/// What belongs to no entity.
struct World {
    start: Start,
    town: TownId,
    council: OfficeId,
    presidency: OfficeId,
    support: Support,
    signal: PerContender,
    rest: Scene,
    scene: Scene,
    tastes: Stance,
    open_break: bool,
    clocks: [Clock; 5],
    disposition: f64,
    resolved: bool,
    shocked: bool,
    seized: bool,
    removed: bool,
    held: u32,
    noted: Noted,
}

define_data_plugin!(WorldPlugin, Option<World>, None);

fn world(context: &Context) -> &World {
    context
        .get_data(WorldPlugin)
        .as_ref()
        .expect("the round was set up")
}

fn world_mut(context: &mut Context) -> &mut World {
    context
        .get_data_mut(WorldPlugin)
        .as_mut()
        .expect("the round was set up")
}

fn crowd(context: &Context) -> Crowd {
    context.get_property(world(context).town)
}

fn offices(context: &Context) -> Offices {
    let world = world(context);
    Offices {
        council: context.get_property(world.council),
        presidency: context.get_property(world.presidency),
    }
}

/// `edge` of the scenario for the state of now.
fn edge_now(context: &Context, luck: f64) -> f64 {
    let mut followers = context.get_entity_iterator::<Follower>();
    let loyalty: [PerContender; FOLLOWERS] = std::array::from_fn(|_| {
        let follower = followers.next().expect("as many followers as actors");
        let Loyalty(loyalty) = context.get_property(follower);
        loyalty
    });
    let World {
        support, signal, ..
    } = world(context);
    edge(
        support,
        crowd(context).turnout,
        signal,
        &loyalty,
        offices(context),
        luck,
    )
}

fn set_up(context: &mut Context, seed: u64) -> Result<(), IxaError> {
    context.init_random(seed);
    let start = context.sample(PriorRng, |rng| PRIORS.draw(rng));
    let crowd = Crowd::new(&start);
    let support = Support::of(STANCES_START.into_iter());
    let rest = Scene::at_rest(support, crowd.turnout);
    let tastes = context.sample(ChoiceRng, tastes);
    for (a, actor) in ACTORS.iter().enumerate() {
        let (loyalty, stance) = (start.loyalty[a], STANCES_START[a]);
        let view = rest.view(actor, &stance, &[0.0; 3]);
        let utility = utility(actor, &loyalty, &view, Offices::START, crowd.turnout);
        let custom = if a == CHIEF {
            custom_of_person(&utility, &tastes)
        } else {
            custom_of_body(&stance, &utility)
        };
        context.add_entity(with!(
            Follower,
            Loyalty(loyalty),
            Granted(view),
            View(view),
            Shown(stance),
            Custom(custom)
        ))?;
    }
    let council = context.add_entity(with!(Office, Offices::START.council))?;
    let presidency = context.add_entity(with!(Office, Offices::START.presidency))?;
    let town = context.add_entity(with!(Town, crowd))?;

    let world = World {
        start,
        town,
        council,
        presidency,
        support,
        signal: [0.0; 3],
        rest,
        scene: rest,
        tastes,
        open_break: false,
        clocks: context.sample(ActionRng, clocks),
        disposition: context.sample(ActionRng, |rng| disposition(&support, &start, &crowd, rng)),
        resolved: false,
        shocked: false,
        seized: false,
        removed: false,
        held: 0,
        noted: None,
    };
    *context.get_data_mut(WorldPlugin) = Some(world);

    let shock_day = f64::from(SHOCK_STEP) * DT;
    context.add_plan_with_phase(shock_day, shock, ExecutionPhase::First);
    schedule(context, 0);
    Ok(())
}

fn shock(context: &mut Context) {
    let world = world_mut(context);
    world.shocked = true;
    let (town, shock) = (world.town, world.start.shock);
    let mut crowd: Crowd = context.get_property(town);
    crowd.grievance += shock;
    context.set_property(town, crowd);
}

fn schedule(context: &mut Context, t: u32) {
    context.add_plan(f64::from(t) * DT, move |context| step(context, t));
}

fn step(context: &mut Context, t: u32) {
    let World { clocks, noted, .. } = world(context);
    let minds = minds_matter(clocks, offices(context), *noted);
    if minds {
        perceive(context, t);
        drift(context);
        choose(context);
    }
    mobilise(context);
    act(context, t);
    settle_step(context, t, minds);
}

fn perceive(context: &mut Context, t: u32) {
    let turnout = crowd(context).turnout;
    let world = world_mut(context);
    let scene = Scene::new(&world.rest, world.support, world.signal, turnout);
    world.scene = scene;
    world.signal = fade(world.signal);
    let followers = context.get_entity_iterator::<Follower>();
    if t.is_multiple_of(STEPS_PER_DAY) {
        for follower in followers {
            let drawn = context.sample(ViewRng, errors);
            context.set_property(follower, Errors(drawn));
        }
    }
    for (actor, follower) in ACTORS.iter().zip(followers) {
        let Shown(stance) = context.get_property(follower);
        let Errors(errors) = context.get_property(follower);
        context.set_property(follower, View(scene.view(actor, &stance, &errors)));
    }
}

fn drift(context: &mut Context) {
    let followers = context.get_entity_iterator::<Follower>();
    for (actor, follower) in ACTORS.iter().zip(followers) {
        let Loyalty(loyalty) = context.get_property(follower);
        let Granted(granted) = context.get_property(follower);
        let View(view) = context.get_property(follower);
        let (loyalty, granted) = drifted(actor, &loyalty, &granted, &view);
        context.set_property(follower, Loyalty(loyalty));
        context.set_property(follower, Granted(granted));
    }
}

fn choose(context: &mut Context) {
    let followers = context.get_entity_iterator::<Follower>();
    let (turnout, offices) = (crowd(context).turnout, offices(context));
    let World {
        tastes, open_break, ..
    } = *world(context);
    let mut stances = STANCES_START;
    for (a, (actor, follower)) in ACTORS.iter().zip(followers).enumerate() {
        let Shown(mut stance) = context.get_property(follower);
        if a != CHIEF || context.sample(ChoiceRng, reconsiders) {
            let Loyalty(loyalty) = context.get_property(follower);
            let View(view) = context.get_property(follower);
            let Custom(custom) = context.get_property(follower);
            let utility = utility(actor, &loyalty, &view, offices, turnout);
            stance = if a == CHIEF {
                picked(&utility, &tastes, &custom, open_break)
            } else {
                moved(&stance, &utility, &custom, open_break)
            };
            context.set_property(follower, Shown(stance));
        }
        stances[a] = stance;
    }
    world_mut(context).support = Support::of(stances.into_iter());
}

fn mobilise(context: &mut Context) {
    let World {
        town,
        start: Start { deterrence, .. },
        ..
    } = *world(context);
    let crowd: Crowd = context.get_property(town);
    let crowd = context.sample(CrowdRng, |rng| crowd.mobilised(deterrence, rng));
    context.set_property(town, crowd);
}

/// Takes the decision that is due next, if there is one.
fn takes(context: &mut Context) -> Option<usize> {
    let World {
        clocks, removed, ..
    } = world(context);
    let action = next_due(clocks, offices(context), *removed)?;
    let more = context.sample(ActionRng, patience);
    world_mut(context).clocks[clock_of(action)].decide(more);
    Some(action)
}

fn act(context: &mut Context, t: u32) {
    // Conditions and rates are those of the state as found.
    let x = crowd(context).turnout;
    let offices_found = offices(context);
    if weighs(t) && may_seize(&world(context).clocks, offices_found) {
        let edge = edge_now(context, 0.0);
        let world = world_mut(context);
        let buildings = world.clocks[clock_of(BUILDING)].decisions;
        world.resolved = inclination(edge, &world.start, x, buildings) > world.disposition;
    }
    let found = world_mut(context);
    let gates = gates(
        &found.clocks,
        x,
        offices_found,
        found.open_break,
        found.removed,
        found.resolved,
    );
    for (clock, (gate, rate)) in found.clocks.iter_mut().zip(gates) {
        clock.pass(t, gate, rate);
    }

    while let Some(action) = takes(context) {
        happen(context, action);
        let offices = offices(context);
        note_loss(&mut world_mut(context).noted, offices, t);
    }
}

fn happen(context: &mut Context, action: usize) {
    match action {
        CONCESSION => {
            let town = world(context).town;
            let mut crowd: Crowd = context.get_property(town);
            crowd.grievance -= 0.1;
            context.set_property(town, crowd);
        }
        BUILDING => {
            let world = world_mut(context);
            world.signal[PRESIDENT] -= 0.1;
            world.signal[STREET] += 0.05;
        }
        SEIZE => {
            let u: f64 = context.sample(ActionRng, RngExt::random);
            let luck = context.sample(ActionRng, night);
            let succeeds = u < edge_now(context, luck);
            let world = world_mut(context);
            world.open_break = true;
            world.seized = succeeds;
            if succeeds {
                world.signal[PRESIDENT] += 0.5;
                let council = world.council;
                context.set_property(council, Holder::President);
            } else {
                world.signal[PRESIDENT] -= 0.5;
            }
        }
        DISMISS => {
            let u: f64 = context.sample(ActionRng, RngExt::random);
            let world = world_mut(context);
            let support = world.support.whole();
            if u < contest(support[PATRON], support[PRESIDENT]) {
                world.removed = true;
                let presidency = world.presidency;
                context.set_property(presidency, Holder::Patron);
            } else {
                world_mut(context).signal[PRESIDENT] += 0.3;
            }
        }
        _ => {
            let world = world_mut(context);
            world.open_break = true;
            let presidency = world.presidency;
            context.set_property(presidency, Holder::Nobody);
        }
    }
}

fn settle_step(context: &mut Context, t: u32, minds: bool) {
    let offices = offices(context);
    let world = world_mut(context);
    if minds {
        let support = world.support.whole()[PRESIDENT];
        settle(&mut world.noted, offices, support, &mut world.held, t);
    }
    if t + 1 == STEPS || is_over(&world.clocks, offices, world.removed, world.noted) {
        context.shutdown();
    } else {
        schedule(context, t + 1);
    }
}

fn play(seed: u64, round: u64) -> Played {
    let mut context = Context::new();
    set_up(&mut context, round_seed(seed, round)).expect("every entity has its properties");
    context.execute();

    let world = world(&context);
    let ending = world
        .noted
        .unwrap_or_else(|| (at_horizon(world.open_break), DAYS));
    Played::new(ending, world.shocked, world.seized, &world.clocks)
}

fn main() {
    run("ixa", IXA_VERSION, play);
}
