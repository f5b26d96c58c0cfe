//! The keys of the file itself, of a company and of a flow. Those of a system are in its folder,
//! those of a scenario in its file.

use super::shape::{Key, Shape, default, optional, required};
use crate::scenario::{SCENARIOS, ScenarioKind};
use crate::system::{SYSTEMS, SystemKind};

pub(super) const FILE: &[Key] = &[
    default(
        "ledger",
        Shape::Text,
        r#""erplink.sqlite""#,
        "The file in which the program remembers what became of each document. On a local disk.",
    ),
    default(
        "listen",
        Shape::Socket,
        r#""127.0.0.1:8080""#,
        "Where pushes, metrics and health checks arrive.",
    ),
    default("include", Shape::Texts, "[]", "Further files with companies, relative to this one."),
    optional("companies", Shape::Companies, "The companies (账套)."),
];

pub(super) const INCLUDED: &[Key] =
    &[required("companies", Shape::Companies, "The companies (账套).")];

/// The keys of a company: its name, one table for each system, its flows.
pub(super) fn company() -> Vec<Key> {
    let name = required(
        "name",
        Shape::Name,
        "The name in paths, logs and the ledger. Keep it: a renamed company remembers nothing.",
    );
    let mut keys = vec![name.unique()];
    let table =
        |system: &'static SystemKind| optional(system.name, Shape::System(system), system.doc);
    keys.extend(SYSTEMS.iter().map(table));
    keys.push(required("flows", Shape::Flows, "What flows."));
    keys
}

/// The keys of a flow of this scenario.
pub(super) fn flow(scenario: &ScenarioKind) -> Vec<Key> {
    let name = required(
        "name",
        Shape::Name,
        "The name of the flow. Keep it: a renamed flow remembers nothing.",
    );
    let what = required("scenario", Shape::Scenario, "What the flow does.");
    let own = scenario.keys.iter().copied().flatten().copied();
    [name.unique(), what].into_iter().chain(own).collect()
}

/// The names of all scenarios.
pub(super) fn scenario_names() -> Vec<&'static str> {
    SCENARIOS.iter().map(|scenario| scenario.name).collect()
}
