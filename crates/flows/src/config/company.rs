//! A checked table becomes a company: clients and scenarios.

use serde_json::{Map, Value};
use toml::de::DeTable;

use super::check::Check;
use super::{Company, FlowConfig};
use crate::scenario::SCENARIOS;
use crate::system::{SYSTEMS, Settings, SystemKind, Systems};

impl Check<'_> {
    /// Makes the clients and scenarios of a company. What they find wrong is noted at the line of
    /// their table.
    pub(super) fn company(&mut self, path: &str, table: &DeTable<'_>, read: Value) {
        let Value::Object(mut read) = read else { return };
        let name = text(&read, "name");
        let before = self.notes.found.len();
        let mut company =
            Company { name, systems: Systems::default(), limits: Vec::new(), flows: Vec::new() };
        for kind in SYSTEMS {
            if let Some(Value::Object(settings)) = read.remove(kind.name) {
                let at = table.get(kind.name).map_or(0, |value| value.span().start);
                if let Err(problem) = self.connect(&mut company, kind, settings) {
                    self.notes.add(at, format!("`{path}.{}`: {problem}", kind.name));
                }
            }
        }
        let flows = table.get("flows").and_then(|flows| flows.get_ref().as_array());
        let spans = flows.into_iter().flatten().map(|flow| flow.span().start);
        let flows = read.remove("flows").and_then(|flows| flows.as_array().cloned());
        for (flow, at) in flows.into_iter().flatten().zip(spans) {
            match flow_of(flow) {
                Ok(flow) => company.flows.push(flow),
                Err(problem) => self.notes.add(at, problem.replace("\n  ", " ")),
            }
        }
        if self.notes.found.len() == before {
            self.companies.push(company);
        }
    }

    fn connect(
        &self,
        company: &mut Company,
        kind: &SystemKind,
        table: Map<String, Value>,
    ) -> Result<(), String> {
        let transport = self.loader.transport.as_ref();
        let transport = transport.and_then(|hook| hook(&company.name, kind.name));
        let mut settings = Settings { table, transport };
        if let Some(calls) = settings.take("concurrency")? {
            company.limits.push((kind.name, calls));
        }
        company.systems.add((kind.connect)(settings)?);
        Ok(())
    }
}

fn flow_of(flow: Value) -> Result<FlowConfig, String> {
    let Value::Object(mut flow) = flow else { return Err("a flow is a table".to_owned()) };
    let (name, scenario) = (text(&flow, "name"), text(&flow, "scenario"));
    flow.retain(|key, _| key != "name" && key != "scenario");
    let kind = SCENARIOS.iter().find(|kind| kind.name == scenario);
    let kind = kind.ok_or_else(|| format!("there is no scenario `{scenario}`"))?;
    let scenario = (kind.read)(Value::Object(flow)).map_err(|no| format!("flow {name}: {no}"))?;
    Ok(FlowConfig { name, scenario })
}

fn text(table: &Map<String, Value>, key: &str) -> String {
    table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
