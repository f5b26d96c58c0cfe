use erplink_sandbox::Sandbox;

use super::{Arrived, Scenario, Story};
use crate::Failure;

/// Nothing flows: the settings are checked, and what they lead to.
pub const SETTINGS: Scenario = Scenario {
    name: "settings of Piaozone and of the EAS behind it",
    covers: "S62",
    config: include_str!("../../config/piaozone.toml"),
    begin: |_| Ok(Box::new(Settings)),
};

struct Settings;

impl Story for Settings {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let piaozone = sandbox.piaozone();
        match (piaozone.token_count(), piaozone.eas_login_count()) {
            (1, 1) => Ok(vec![Arrived::new("(check)", "settings", "a token, a login of EAS")]),
            other => Err(format!("{other:?} tokens and logins, not one of each").into()),
        }
    }
}
