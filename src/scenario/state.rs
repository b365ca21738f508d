//! The catalogue of the state: every quantity of a round.
//!
//! [`each_quantity`] is the only list: the layout of the engine's rows, limits after effects, start
//! values, and what a program must bring up to date before it reads all follow from it.
//! [`names`](super::names) has what expressions, effects, `--follow` and `trace` call them.

/// Declares every quantity once, and hands the list to another macro:
///
/// `Quantity method(index: Axis, …): Range, start VALUE, fact FACT => "meaning";`
///
/// `method` becomes a method of [`Layout`](crate::plan::Layout). `start` is 0 if left out. A
/// quantity with a `fact` is a function of the state that is computed when something reads it.
macro_rules! each_quantity {
    ($apply:ident) => {
        $apply! {
            Day day(): Free => "Days since the start.";
            Openness openness(): Share, start 1.0 => "Openness.";
            Prior prior(prior: Prior): Free => "The value drawn for a prior.";
            Variable variable(variable: Variable): Free => "A variable.";
            Loyalty loyalty(actor: Actor, contender: Contender): Share
                => "Loyalty of an actor to a contender.";
            Promise promise(actor: Actor, contender: Contender): Free
                => "What an actor would gain if a contender won, in units of loyalty.";
            Stance stance(actor: Actor, side: Side): Share
                => "Share of an actor that stands on a side.";
            Present present(actor: Actor): Share => "Presence of an actor.";
            Power power(actor: Actor, arena: Arena): NotNegative => "Power of an actor in an arena.";
            SupportIn support_in(side: Side, arena: Arena): Share, fact Support
                => "Share of the power in one arena that stands on a side.";
            Support support(side: Side): Share, fact Support
                => "Share of all power that stands on a side.";
            BackingIn backing_in(contender: Contender, arena: Arena): Share, fact Backing
                => "Share of the power in one arena that private loyalty would give to a contender.";
            Backing backing(contender: Contender): Share, fact Backing
                => "Share of all power that private loyalty would give to a contender.";
            RallyIn rally_in(rally: Rally, side: Side, arena: Arena): Share, fact Rally
                => "Share of the power in one arena that would stand on a side if an action were tried now.";
            Rally rally(rally: Rally, side: Side): Share, fact Rally
                => "Share of all power that would stand on a side if an action were tried now.";
            Prospects prospects(contender: Contender): Share
                => "Chance of a contender in the eyes of an observer without error.";
            ForceStart force_start(contender: Contender): Free
                => "Logarithm of the force of a contender at rest, from which noise is measured.";
            Sees sees(actor: Actor, contender: Contender): Share
                => "Chance of a contender in the eyes of an actor.";
            Granted granted(actor: Actor, contender: Contender): Share
                => "Chance of a contender that an actor takes for granted: news is what differs from it.";
            Reasons reasons(actor: Actor, side: Side): Free
                => "What the score of a side is measured from: the reasons that an actor is used to.";
            Custom custom(actor: Actor, side: Side): Free
                => "What keeps an actor on the side of the start, on the scale of scores.";
            Home home(actor: Actor): Free
                => "The option that custom keeps an actor at: a side's index, or -1 for none.";
            RuptureStart rupture_start(): Share => "Rupture at rest.";
            Signal signal(contender: Contender): Free
                => "What public facts add to the prospects of a contender.";
            Office office(office: Office): Free
                => "Holder of an office: the actor's index, or -1 for nobody.";
            Turnout turnout(crowd: Crowd): Share => "Turnout of a crowd.";
            Grievance grievance(crowd: Crowd): Free => "Grievance of a crowd.";
            Repression repression(crowd: Crowd): Free => "Repression that a crowd last met.";
            Count count(action: Action): NotNegative => "How often an action took effect.";
            Succeeded succeeded(action: Action): NotNegative => "How often an action succeeded.";
            Failed failed(action: Action): NotNegative => "How often an action failed.";
            First first(action: Action): NotNegative, start f32::INFINITY
                => "Day on which an action first took effect; infinite before.";
            Latest latest(action: Action): NotNegative, start f32::NEG_INFINITY
                => "Day on which an action last took effect; minus infinity before.";
            TurnoutStart turnout_start(crowd: Crowd): Share => "Turnout of a crowd at rest.";
            TargetStart target_start(crowd: Crowd): Share
                => "Turnout to which a crowd would tend at rest, before what is left of its way there.";
            Taste taste(actor: Actor, side: Side): Free => "Taste of an actor for a side.";
            Mood mood(crowd: Crowd): Free => "Mood of a crowd, in units of grievance.";
            GrievanceStart grievance_start(crowd: Crowd): Free
                => "Grievance of a crowd at the start.";
            Clock clock(action: Action): NotNegative => "Rate of an action summed over time.";
            Threshold threshold(action: Action): NotNegative
                => "Clock at which an action is decided next.";
            Rate rate(action: Action): Free => "Rate of an action per day, as last computed.";
            Inclination inclination(action: Action): Share
                => "Inclination to a considered move, as last weighed.";
            Stayed stayed(action: Action): Share
                => "Largest inclination to a considered move at which the mover is known to have stayed.";
            Disposition disposition(action: Action): Share
                => "Inclination above which the mover is resolved.";
            Fate fate(actor: Actor): Free
                => "What a removal made of an actor: a place in the list of fates, from 1 on; 0 for none.";
            Drawn drawn(draw: Draw): Free => "What an action last drew for its effects.";
            Watched watched(watch: Watch): Free
                => "Value of a watched expression at its moment, once that has come.";
        }
    };
}
pub(crate) use each_quantity;

/// What a removal makes of an actor. In the state the first is 1; 0 is none of them.
pub const FATES: [&str; 6] = [
    "arrested", "exiled", "confined", "killed", "fled", "retired",
];

/// What an index of a quantity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Axis {
    Contender,
    /// A contender, or aside after all contenders.
    Side,
    Actor,
    Arena,
    Office,
    Crowd,
    Action,
    /// An action that has a rally.
    Rally,
    Variable,
    Prior,
    /// What an action draws for its effects.
    Draw,
    Watch,
}

impl Axis {
    /// The section of a scenario whose ids it counts, if there is one.
    #[must_use]
    pub fn section(self) -> Option<&'static str> {
        Some(match self {
            Self::Contender | Self::Side => "contenders",
            Self::Actor => "actors",
            Self::Arena => "arenas",
            Self::Office => "offices",
            Self::Crowd => "crowds",
            Self::Action | Self::Rally => "actions",
            Self::Variable => "variables",
            Self::Prior | Self::Draw | Self::Watch => return None,
        })
    }

    /// What an index counts, in the words of messages.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Contender | Self::Side => "contender",
            Self::Actor => "actor",
            Self::Arena => "arena",
            Self::Office => "office",
            Self::Crowd => "crowd",
            Self::Action | Self::Rally => "action",
            Self::Variable => "variable",
            Self::Prior => "prior",
            Self::Draw => "draw",
            Self::Watch => "watch",
        }
    }
}

/// The values that a quantity takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// In [0, 1].
    Share,
    /// 0 or more.
    NotNegative,
    /// Any number.
    Free,
}

impl Range {
    /// The smallest and the largest value after an effect.
    #[must_use]
    pub const fn limits(self) -> (f32, f32) {
        match self {
            Self::Share => (0.0, 1.0),
            Self::NotNegative => (0.0, 1e30),
            Self::Free => (-1e30, 1e30),
        }
    }
}

/// A function of the state that must be brought up to date before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Shares of power by stance.
    Support,
    /// Shares of power by private loyalty.
    Backing,
    /// Shares of power if an action were tried: of each action apart.
    Rally,
}

macro_rules! quantities {
    ($(
        $quantity:ident $method:ident($($index:ident: $axis:ident),*): $range:ident
            $(, start $start:expr)? $(, fact $fact:ident)? => $says:literal;
    )*) => {
        /// A quantity of the state, for every combination of its indices.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum StateQuantity {
            $(#[doc = $says] $quantity,)*
        }

        impl StateQuantity {
            /// Every quantity, in the order of the engine's rows.
            pub const ALL: &[Self] = &[$(Self::$quantity),*];

            /// What its indices count.
            #[must_use]
            pub const fn axes(self) -> &'static [Axis] {
                match self {
                    $(Self::$quantity => &[$(Axis::$axis),*],)*
                }
            }

            /// The values that it takes.
            #[must_use]
            pub const fn range(self) -> Range {
                match self {
                    $(Self::$quantity => Range::$range,)*
                }
            }

            /// Its value before the round's own numbers are read.
            #[must_use]
            pub const fn start(self) -> f32 {
                match self {
                    $($(Self::$quantity => $start,)?)*
                    _ => 0.0,
                }
            }

            /// What must be brought up to date before it is read.
            #[must_use]
            pub const fn fact(self) -> Option<Fact> {
                match self {
                    $($(Self::$quantity => Some(Fact::$fact),)?)*
                    _ => None,
                }
            }
        }
    };
}
each_quantity!(quantities);
