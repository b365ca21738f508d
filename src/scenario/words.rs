//! What a path of a scenario is called where nothing is said of what stands there.

use super::Scenario;

impl Scenario {
    /// A number's path in words, as in `loyalty of the services to the heir`; the path itself where there are none for it.
    #[must_use]
    pub fn in_words(&self, path: &str) -> String {
        let actor = |id: &str| {
            let found = self.actors.iter().find(|a| a.id == id);
            found.map_or_else(|| plain(id), |a| a.name.clone())
        };
        let side = |id: &str| {
            let found = self.contenders.iter().find(|c| c.id == id);
            found.map_or_else(|| plain(id), |c| c.name.clone())
        };
        let action = |id: &str| {
            let found = self.actions.iter().find(|a| a.id == id);
            found.map_or_else(|| plain(id), |a| format!("“{}”", a.name))
        };
        let crowd = |id: &str| {
            let found = self.crowds.iter().find(|c| c.id == id);
            found.map_or_else(|| plain(id), |c| c.name.clone())
        };
        match path.split('.').collect::<Vec<_>>()[..] {
            ["actors", a, "loyalty", c] => format!("loyalty of {} to {}", actor(a), side(c)),
            ["actors", a, "promise", c] => {
                format!("what {} would gain if {} won", actor(a), side(c))
            }
            ["actors", a, "power", k] => format!("power of {} in {}", actor(a), plain(k)),
            ["actors", a, ref keys @ ..] if !keys.is_empty() => {
                format!("{} of {}", plain(&keys.join(" ")), actor(a))
            }
            ["actions", a, ref keys @ ..] if !keys.is_empty() => {
                format!("{} of {}", plain(&keys.join(" ")), action(a))
            }
            ["crowds", c, ref keys @ ..] if !keys.is_empty() => {
                format!("{} of {}", plain(&keys.join(" ")), crowd(c))
            }
            ["parameters" | "variables" | "dynamics", id] => plain(id),
            _ => path.to_owned(),
        }
    }
}

/// An id as words.
pub(crate) fn plain(id: &str) -> String {
    id.replace('_', " ")
}
