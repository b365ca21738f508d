//! The scenario in ixa: one `Context` for each round; actors, offices and the crowd are entities with
//! properties; every step is a plan that schedules the next one, and the shock is a plan of its own.

use ixa::ExecutionPhase;
use ixa::prelude::*;
use ixa::rand::RngExt;
use kzsim_peers_rust::IXA_VERSION;
use kzsim_peers_rust::model::{
    ACTORS, BUILDING, CHIEF, CONCESSION, CONTENDER_WEIGHT, Clock, Crowd, DAYS, DISMISS, DT,
    FOLLOWERS, Holder, Offices, PRESIDENT, PRIORS, PerContender, SEIZE, SHOCK_STEP, STEPS,
    STEPS_PER_DAY, STREET, SUPPORT_START, Stance, Start, at_horizon, backing, clock_of, clocks,
    contest, drifted, fade, gates, moved, next_due, patience, picked, prospects, reconsiders,
    settled, standing, tastes, temptation, utility, view, view_noise,
};
use kzsim_peers_rust::report::{Played, round_seed, run};

// Actors that are no contender, in the order of `ACTORS`.
define_entity!(Follower);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Loyalty(PerContender);
impl_property!(Loyalty, Follower, persist = false);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown(Stance);
impl_property!(
    Shown,
    Follower,
    default_const = Shown([0.0, 0.0, 0.0, 1.0]),
    persist = false
);

#[derive(Clone, Copy, Debug, PartialEq)]
struct ViewNoise(PerContender);
impl_property!(
    ViewNoise,
    Follower,
    default_const = ViewNoise([1.0; 3]),
    persist = false
);

define_entity!(Office);
impl_property!(Holder, Office, persist = false);

define_entity!(Town);
impl_property!(Crowd, Town, persist = false);

define_rng!(PriorRng);
define_rng!(ViewRng);
define_rng!(DriftRng);
define_rng!(ChoiceRng);
define_rng!(CrowdRng);
define_rng!(ActionRng);

/// What belongs to no entity.
struct World {
    start: Start,
    town: TownId,
    council: OfficeId,
    presidency: OfficeId,
    support: PerContender,
    signal: PerContender,
    standing: PerContender,
    prospects: PerContender,
    prospects_start: PerContender,
    tastes: Stance,
    noise_day: Option<u32>,
    open_break: bool,
    clocks: [Clock; 5],
    temptation_start: f64,
    shocked: bool,
    seized: bool,
    held: u32,
    ending: Option<(usize, f64)>,
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

fn edge(context: &Context, offices: Offices) -> f64 {
    let followers = context.get_entity_iterator::<Follower>();
    contest(ACTORS.iter().zip(followers).map(|(actor, follower)| {
        let Loyalty(loyalty) = context.get_property(follower);
        backing(actor, &loyalty, offices)
    }))
}

fn set_up(context: &mut Context, seed: u64) -> Result<(), IxaError> {
    context.init_random(seed);
    let start = context.sample(PriorRng, |rng| PRIORS.draw(rng));
    for loyalty in start.loyalty {
        context.add_entity(with!(Follower, Loyalty(loyalty)))?;
    }
    let council = context.add_entity(with!(Office, Offices::START.council))?;
    let presidency = context.add_entity(with!(Office, Offices::START.presidency))?;
    let crowd = Crowd::new(&start);
    let town = context.add_entity(with!(Town, crowd))?;

    let signal = [0.0; 3];
    let standing = standing(&SUPPORT_START, &signal, crowd.turnout);
    let prospects = prospects(&standing);
    let edge = edge(context, Offices::START);
    let world = World {
        start,
        town,
        council,
        presidency,
        support: SUPPORT_START,
        signal,
        standing,
        prospects,
        prospects_start: prospects,
        tastes: context.sample(ChoiceRng, tastes),
        noise_day: None,
        open_break: false,
        clocks: context.sample(ActionRng, clocks),
        temptation_start: temptation(edge, &start, crowd.turnout, 0),
        shocked: false,
        seized: false,
        held: 0,
        ending: None,
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
    perceive(context);
    drift(context);
    choose(context, t);
    mobilise(context);
    act(context, t);
    settle(context, t);
}

fn perceive(context: &mut Context) {
    let turnout = crowd(context).turnout;
    let world = world_mut(context);
    world.standing = standing(&world.support, &world.signal, turnout);
    world.prospects = prospects(&world.standing);
    world.signal = fade(world.signal);
}

fn drift(context: &mut Context) {
    let world = world(context);
    let news = std::array::from_fn(|c| world.prospects[c] - world.prospects_start[c]);
    let followers = context.get_entity_iterator::<Follower>();
    // All in one visit to the generator, which is looked up by its type.
    let moved: [PerContender; FOLLOWERS] = context.sample(DriftRng, |rng| {
        let mut pairs = ACTORS.iter().zip(followers);
        std::array::from_fn(|_| {
            let (actor, follower) = pairs.next().expect("as many followers as actors");
            let Loyalty(loyalty) = context.get_property(follower);
            drifted(actor, &loyalty, &news, rng)
        })
    });
    for (follower, loyalty) in followers.zip(moved) {
        context.set_property(follower, Loyalty(loyalty));
    }
}

fn choose(context: &mut Context, t: u32) {
    // Without open break nobody reconsiders, and nothing else reads views.
    if !world(context).open_break {
        return;
    }
    let day = t / STEPS_PER_DAY;
    let followers = context.get_entity_iterator::<Follower>();
    if world(context).noise_day != Some(day) {
        world_mut(context).noise_day = Some(day);
        for follower in followers {
            let noise = context.sample(ViewRng, view_noise);
            context.set_property(follower, ViewNoise(noise));
        }
    }
    let (turnout, offices) = (crowd(context).turnout, offices(context));
    let (standing, tastes) = (world(context).standing, world(context).tastes);
    let mut support = [CONTENDER_WEIGHT, CONTENDER_WEIGHT, 0.0];
    for (a, (actor, follower)) in ACTORS.iter().zip(followers).enumerate() {
        let Shown(mut stance) = context.get_property(follower);
        if a != CHIEF || context.sample(ChoiceRng, reconsiders) {
            let Loyalty(loyalty) = context.get_property(follower);
            let ViewNoise(noise) = context.get_property(follower);
            let view = view(&standing, &noise);
            let utility = utility(actor, &loyalty, &view, offices, turnout);
            stance = if a == CHIEF {
                picked(&utility, &tastes)
            } else {
                moved(&stance, &utility)
            };
            context.set_property(follower, Shown(stance));
        }
        for (sum, share) in support.iter_mut().zip(stance) {
            *sum += actor.weight * share;
        }
    }
    world_mut(context).support = support;
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
    let action = next_due(&world(context).clocks, offices(context))?;
    let more = context.sample(ActionRng, patience);
    world_mut(context).clocks[clock_of(action)].decide(more);
    Some(action)
}

fn act(context: &mut Context, t: u32) {
    // Conditions and rates are those of the state as found.
    let x = crowd(context).turnout;
    let offices_found = offices(context);
    let found = world(context);
    let gates = gates(
        &found.clocks,
        x,
        offices_found,
        found.open_break,
        |buildings| {
            let now = temptation(edge(context, offices_found), &found.start, x, buildings);
            (now, found.temptation_start)
        },
    );
    for (clock, (gate, rate)) in world_mut(context).clocks.iter_mut().zip(gates) {
        clock.pass(t, gate, rate);
    }

    while let Some(action) = takes(context) {
        happen(context, action);
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
            let succeeds = u < edge(context, offices(context));
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
            if u < 1.0 - edge(context, offices(context)) {
                let presidency = world(context).presidency;
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

fn settle(context: &mut Context, t: u32) {
    let offices = offices(context);
    let world = world_mut(context);
    let support = world.support[PRESIDENT];
    if let Some(outcome) = settled(offices, support, &mut world.held) {
        world.ending = Some((outcome, f64::from(t + 1) * DT));
    } else if t + 1 == STEPS {
        world.ending = Some((at_horizon(world.open_break), DAYS));
    }
    if world.ending.is_some() {
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
    let ending = world.ending.expect("a round ends by the horizon");
    Played::new(ending, world.shocked, world.seized, &world.clocks)
}

fn main() {
    run("ixa", IXA_VERSION, play);
}
