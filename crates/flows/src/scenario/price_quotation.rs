use erplink_sync::Flow;
use serde::Deserialize;

use super::{Pace, Systems};
use crate::b1::{PriceControls, SavePrices};

/// Prices agreed in DingTalk (业务报价, 采购核价) become special prices (特殊价格) of the ERP.
#[derive(Clone, Debug, Deserialize)]
pub struct PriceQuotation {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// The labels of its controls.
    #[serde(default)]
    pub controls: PriceControls,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

impl PriceQuotation {
    /// The flow `name` of approved prices.
    #[must_use]
    pub fn flow(&self, company: &str, name: &str, systems: &Systems) -> Flow {
        let Systems { b1, dingtalk } = systems.clone();
        let save = SavePrices::new(b1, dingtalk, self.controls.clone());
        self.pace.apply(Flow::new(company, name).receive().push(save))
    }
}
