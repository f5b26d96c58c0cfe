//! What was reported and is not stored yet (产出库存).

use erplink_core::{RawJson, Results};
use serde::Serialize;

use super::Production;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{Id, MaterialId, TaskId, WorkOrderId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;
use crate::shared::{AmountDisplay, CodeMessage, QcStatus};
use crate::work_orders::MaterialInfo;

const LIST: Endpoint = Endpoint::read("POST /mfg/open/v1/production_inventory/_list");
const STORE: Endpoint =
    Endpoint::write("POST /mfg/open/v1/production_inventory/_bulk_to_warehouse");

request! {
    /// What to list. The platform's page of this call is not public: members beyond these go by
    /// [`extra`](Self::extra).
    pub struct InventoryFilter {
        /// Of these work orders.
        work_orders: ids(WorkOrderId) = "workOrderIdList",
        /// Of these tasks.
        tasks: ids(TaskId) = "taskIdList",
        /// Of these materials.
        materials: ids(MaterialId) = "materialIdList",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl InventoryFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

model! {
    /// Made and not stored yet.
    pub struct ProductionInventory {
        /// Id.
        pub id: Id,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Code of the work order.
        pub work_order_code: String,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Material.
        pub material_info: Option<MaterialInfo>,
        /// Batch number.
        pub batch_no: String,
        /// Quality.
        pub qc_status: Option<CodeMessage<QcStatus>>,
        /// How much.
        pub amount: Option<AmountDisplay>,
    }
}

impl Row for ProductionInventory {
    fn row_id(&self) -> i64 {
        self.id.get()
    }
}

impl Production {
    /// `POST /mfg/open/v1/production_inventory/_list`: made and not stored yet (产出库存列表).
    pub fn inventory(&self, filter: InventoryFilter) -> Results<Kept<ProductionInventory>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /mfg/open/v1/production_inventory/_bulk_to_warehouse`: stores it (批量入库), from a body
    /// of the caller's: its members are not documented in public. Answers `data`. Never repeated.
    pub async fn store<T>(&self, body: &T) -> Result<RawJson>
    where
        T: Serialize + Sync + ?Sized,
    {
        Ok(self.client.call(&STORE, body).await?.data)
    }
}
