use async_trait::async_trait;
use erplink_sync::Flow;
use serde::Deserialize;

use super::draft_approval::check_form;
use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::config::shape::{Key, Shape, default, optional};
use crate::dingtalk::{DecidedInstances, DingTalk, PROCESS, PriceControls, SavePrices};

/// Prices agreed in DingTalk (业务报价, 采购核价) become special prices (特殊价格) of the ERP.
#[derive(Clone, Debug, Deserialize)]
pub struct PriceQuotation {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// The labels of its controls.
    #[serde(default)]
    pub controls: PriceControls,
    /// How many days a decision may take: a form whose push was lost is found so long.
    #[serde(default = "decided_within_days")]
    pub decided_within_days: u32,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

fn decided_within_days() -> u32 {
    30
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "dingtalk-price-quotation",
    numbers: &["S12"],
    doc: "Prices agreed in DingTalk (业务报价, 采购核价) become special prices (特殊价格).",
    needs: &[crate::b1::SYSTEM, crate::dingtalk::SYSTEM],
    keys: &[PROCESS, KEYS, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/price-quotation.toml"),
    read: read::<PriceQuotation>,
};

const KEYS: &[Key] = &[
    optional("controls", Shape::Table(CONTROLS), "The labels of the form's controls."),
    default(
        "decided_within_days",
        Shape::Integer(1, 365),
        "30",
        "How many days a decision may take: a form whose push was lost is found so long.",
    ),
];

const CONTROLS: &[Key] = &[
    default("item", Shape::Text, r#""物料编码""#, "The item."),
    default("partner", Shape::Text, r#""业务伙伴编码""#, "The business partner."),
    default("price", Shape::Text, r#""价格""#, "The price."),
    default("currency", Shape::Text, r#""币种""#, "The currency."),
    default("from", Shape::Text, r#""生效日期""#, "The first day."),
    default("to", Shape::Text, r#""失效日期""#, "The last day."),
    default("price_list", Shape::Text, r#""价目表""#, "The number of the price list."),
    default("table", Shape::Text, r#""价格明细""#, "The table with one price a row."),
];

#[async_trait]
impl Scenario for PriceQuotation {
    /// The flow `name` of approved prices.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?.clone(), DingTalk::of(systems)?);
        let save = SavePrices::new(b1, app.client().clone(), self.controls.clone());
        let decided = DecidedInstances::new(app.client().clone(), &self.process_code)
            .look_back(self.decided_within_days);
        let flow = Flow::new(company, name).receive_and_poll(decided).push(save);
        let flow = self.pace.apply(flow).every(self.pace.reconcile());
        let receiver = app.receiver(company, &self.process_code, name);
        Ok(Composition { flows: vec![flow], receivers: vec![receiver], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        check_form(&self.process_code, systems).await
    }
}
