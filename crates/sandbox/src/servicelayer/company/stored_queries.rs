//! Stored queries (`SQLQueries`): what is kept of their text, and who may use them.

use super::{Actor, Company};
use crate::servicelayer::json::Object;
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;

impl Company {
    /// Checks the text of a new or changed query and lists its parameters.
    pub(super) fn complete_stored_query(&mut self, query: &mut Object) -> Result<(), Refusal> {
        let text = query.text("SqlText").unwrap_or_default().to_owned();
        let checked = self.check_sql(&text)?;
        query.set("SqlText", checked.text);
        query.set("ParamList", checked.parameters.join(","));
        Ok(())
    }

    /// Only superusers write queries; running them can be granted to others.
    pub(crate) fn check_query_rights(&self, actor: Actor, runs: bool) -> Result<(), Refusal> {
        let user = self.find("Users", &Key::single(actor.0))?.body;
        let granted = runs && self.options.sql_queries_for_everyone;
        if granted || user.text("Superuser") == Some("tYES") {
            Ok(())
        } else {
            Err(Refusal::not_permitted())
        }
    }
}
