use erplink_sandbox::Sandbox;
use erplink_sandbox::eteams::Department;

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "departments of Weaver eteams",
    covers: "S63",
    config: include_str!("../../config/eteams-departments.toml"),
    begin,
};

const FLOW: &str = "eteams-departments";

/// Set up while the flow runs.
const NEW: [(&str, &str, &str); 2] = [("7040", "质检部", "D07"), ("7041", "设备部", "D08")];

struct Departments;

fn begin(_: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    Ok(Box::new(Departments))
}

impl Story for Departments {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for (id, name, code) in NEW.map(|(id, name, code)| (id.to_owned(), name, code)) {
            let (name, code, parent) = (name.to_owned(), code.to_owned(), "7001".to_owned());
            let department = Department { id, name, code, parent, ..Department::default() };
            sandbox.eteams().put_department(department);
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let departments = sandbox.eteams().departments();
        if let Some((id, name, _)) =
            NEW.iter().find(|new| !departments.iter().any(|one| one.id == new.0))
        {
            return Err(format!("nobody has set up {id} {name} yet").into());
        }
        let shown = |one: &&Department| !one.is_subsidiary && !one.disabled && !one.deleted;
        let entities = sandbox.b1().list("Departments")?;
        let mut arrived = Vec::new();
        for Department { id, name, code, .. } in departments.iter().filter(shown) {
            let same: Vec<_> = entities.iter().filter(|one| one["Name"] == name.as_str()).collect();
            let [entity] = same.as_slice() else {
                return Err(format!("the ERP has {} departments {name}", same.len()).into());
            };
            expect(&format!("the description of {name}"), &entity["Description"], code)?;
            arrived.push(Arrived::new(FLOW, id, format!("Departments({})", entity["Code"])));
        }
        Ok(arrived)
    }
}
