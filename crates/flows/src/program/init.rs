use super::{Failure, usage};
use crate::scenario::SCENARIOS;
use crate::system::SYSTEMS;

/// A commented configuration for a scenario, by its name or its number in the guides (`S10`).
///
/// # Errors
/// When there is no such scenario.
pub fn template(scenario: &str) -> Result<String, Failure> {
    let named = |kind: &&crate::scenario::ScenarioKind| {
        kind.name == scenario || kind.numbers.iter().any(|one| one.eq_ignore_ascii_case(scenario))
    };
    let kind = SCENARIOS.iter().find(named).ok_or_else(usage)?;
    let mut text = include_str!("head.toml").to_owned();
    for system in SYSTEMS.iter().filter(|system| kind.needs.contains(&system.name)) {
        text.push_str(system.example);
    }
    text.push_str(kind.example);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loader;

    #[test]
    fn every_template_is_a_good_configuration() {
        for kind in SCENARIOS {
            let name = format!("erplink-init-{}-{}.toml", std::process::id(), kind.name);
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, template(kind.name).unwrap()).unwrap();
            let key = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus".to_owned();
            let read = Loader::default().environment(|_| Some(key.clone())).read(&path);
            std::fs::remove_file(&path).unwrap();
            assert!(!read.unwrap().compose().unwrap().flows.is_empty(), "{}", kind.name);
            for number in kind.numbers {
                assert_eq!(template(number).unwrap(), template(kind.name).unwrap());
            }
        }
    }
}
