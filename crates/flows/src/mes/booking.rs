use std::collections::BTreeMap;

use b1_servicelayer::Client;
use b1_servicelayer::entities::ProductionOrder;
use erplink_core::RawJson;
use erplink_sync::Failure;
use erplink_sync::map::CheckedMap;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::extras;
use crate::b1::{CreateEntity, OrderNumber, ProductionLine};

/// How what happens on the shop floor is booked on production orders (生产订单) of the ERP.
///
/// Each document carries the id of the report or feeding, by which it is found again: in its set, or
/// among the drafts where an approval template (审批模板) applies. No document is made twice.
#[derive(Clone, Debug)]
pub struct Booking {
    b1: Client,
    create: CreateEntity,
    number: OrderNumber,
    header: CheckedMap,
    warehouse: Option<String>,
}

impl Booking {
    /// Goods receipts (库存收货).
    #[must_use]
    pub fn receipts(b1: Client) -> Self {
        Self::new(b1, "InventoryGenEntries")
    }

    /// Goods issues (库存发货).
    #[must_use]
    pub fn issues(b1: Client) -> Self {
        Self::new(b1, "InventoryGenExits")
    }

    fn new(b1: Client, set: &str) -> Self {
        let create = CreateEntity::new(b1.clone(), set, "DocEntry").id_field("NumAtCard");
        let (number, header) = (OrderNumber::default(), CheckedMap::default());
        Self { b1, create, number, header, warehouse: None }
    }

    /// The field with the id, such as `U_MESID`. Default `NumAtCard`, which needs no set-up.
    #[must_use]
    pub fn id_field(mut self, field: impl Into<String>) -> Self {
        self.create = self.create.id_field(field);
        self
    }

    /// Which number of a production order the work orders have as their code.
    #[must_use]
    pub fn order_number(mut self, number: OrderNumber) -> Self {
        self.number = number;
        self
    }

    /// Further members of the document's header, such as `U_InboundType`.
    #[must_use]
    pub fn header(mut self, map: CheckedMap) -> Self {
        self.header = map;
        self
    }

    /// The warehouse (仓库), in place of that of the order or component.
    #[must_use]
    pub fn warehouse(mut self, code: impl Into<String>) -> Self {
        self.warehouse = Some(code.into());
        self
    }

    pub(super) fn warehouse_code(&self) -> Option<&str> {
        self.warehouse.as_deref()
    }

    /// The production order of a work order with this number as its code.
    pub(super) async fn order(&self, number: i64) -> Result<(i32, ProductionOrder), Failure> {
        let found = match i32::try_from(number) {
            Ok(number) => self.number.find(&self.b1, number).await?,
            Err(_) => None,
        };
        let order = found.ok_or_else(|| {
            let property = self.number.property();
            Failure::park(format!("the ERP has no production order with {property} {number}"))
        })?;
        let entry = order.absolute_entry;
        let entry = entry.ok_or_else(|| Failure::refused("a production order without its key"))?;
        Ok((entry, order))
    }

    /// Makes the document, unless it is there: the ledger may have been lost since. `source` is what
    /// the map of the header reads.
    pub(super) async fn book(
        &self,
        event: &Outgoing,
        id: &str,
        source: &RawJson,
        line: ProductionLine<'_>,
    ) -> Result<Pushed, Failure> {
        if let Found::Yes(made) = self.find(event, id).await? {
            return Ok(made);
        }
        let mut document: BTreeMap<String, RawJson> =
            extras(self.header.apply(source)?.main).collect();
        let lines = RawJson::array([line.write(&self.b1).await?]);
        document.insert("DocumentLines".to_owned(), lines);
        let document = RawJson::of(&document).map_err(Failure::park)?;
        self.create.push(&addressed(event, id, document)).await
    }

    /// Looks for the document.
    pub(super) async fn find(&self, event: &Outgoing, id: &str) -> Result<Found, Failure> {
        let nothing = RawJson::of(&BTreeMap::<String, RawJson>::new()).map_err(Failure::park)?;
        self.create.find(&addressed(event, id, nothing)).await
    }
}

fn addressed(event: &Outgoing, id: &str, content: RawJson) -> Outgoing {
    Outgoing { content, about: Some(id.to_owned()), ..event.clone() }
}
