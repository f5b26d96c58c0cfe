use std::time::Duration;

use async_trait::async_trait;
use erplink_sync::Flow;
use serde::Deserialize;

use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::plm::{self, EngineeringData, Plm, PlmRows, UpsertRow};

/// What Tianyu PLM pushes becomes items, bills of material or routings of the ERP. The PLM's user
/// reads what became of it.
///
/// One flow for each kind: the PLM has a target interface (目标接口) for each.
#[derive(Clone, Debug, Deserialize)]
pub struct PlmEngineeringData {
    /// What is in a row, and where it goes.
    #[serde(flatten)]
    pub rows: PlmRows,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "plm-engineering-data",
    numbers: &["S50", "S51", "S52"],
    doc: "Items, bills of material and routings that Tianyu PLM pushes (数据外发) become those of the ERP.",
    needs: &[crate::b1::SYSTEM, plm::SYSTEM],
    keys: &[plm::ROWS, pace::WORK],
    example: include_str!("examples/plm-engineering-data.toml"),
    read: read::<PlmEngineeringData>,
};

#[async_trait]
impl Scenario for PlmEngineeringData {
    /// The flow `name` into the ERP.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, plm) = (systems.b1()?, Plm::of(systems)?);
        let target = UpsertRow::new(self.rows.reader().clone(), EngineeringData::new(b1.clone()));
        let flow = self.pace.apply(Flow::new(company, name).receive().push(target));
        // A push carries no id: the same row again is an update, however soon it comes.
        let flow = flow.answers_each_time(Duration::ZERO);
        let receiver = plm.receiver(company, name, &self.rows);
        Ok(Composition { flows: vec![flow], receivers: vec![receiver], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        if !self.rows.is_user_object() {
            return Vec::new();
        }
        let target = self.rows.target();
        let outcome = match systems.b1() {
            Ok(b1) => plm::check(b1, &target).await,
            Err(missing) => Err(missing.to_string()),
        };
        vec![Finding::new(format!("{} object {}", plm::SYSTEM, target.entity_set), outcome)]
    }
}
