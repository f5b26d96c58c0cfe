use std::collections::VecDeque;

use super::Options;
use super::organization::Organization;
use super::refusal::Refusal;
use super::tokens::Tokens;

/// Everything the simulated platform remembers.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) tokens: Tokens,
    pub(super) organization: Organization,
    /// What waits for the next call of a path.
    pub(super) arranged: VecDeque<(String, Refusal)>,
}

impl World {
    /// The refusal that was arranged for a call of this path.
    pub(super) fn take_arranged(&mut self, path: &str) -> Option<Refusal> {
        let at = self.arranged.iter().position(|(end, _)| path.ends_with(end.as_str()))?;
        self.arranged.remove(at).map(|(_, refusal)| refusal)
    }
}
