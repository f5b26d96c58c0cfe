use async_trait::async_trait;
use b1_servicelayer::{Changes, Client, Key, RawJson, Record};
use erplink_sync::map::at;
use erplink_sync::ports::{Delivered, Mapper, Marked, Marker};
use erplink_sync::{Document, Failure};
use serde::Serialize;

use super::place::KeyType;
use super::row::keyed_row;

/// Marks a production order (生产订单) as exported, and hides no edit by that.
///
/// A notification procedure of the company takes the mark away when people change an order; it
/// spares the exporter's own write, which sets status and flag at once. What it cannot see is an edit
/// between the read of the order and its mark, and production orders have no time of their last
/// change. So the order is read again before the mark, and once more after it: what would be
/// exported now has to be what was exported. Where it is not, the order stays, or becomes, unmarked,
/// and is exported again.
pub struct MarkOrder<M> {
    b1: Client,
    status_field: String,
    flag_field: String,
    values: [String; 2],
    export: M,
}

impl<M: Mapper> MarkOrder<M> {
    /// `export` makes of an order what is exported: what it does not read is not compared.
    pub fn new(b1: Client, export: M) -> Self {
        let (status_field, flag_field) = ("U_SyncStatus".to_owned(), "U_SyncFlag".to_owned());
        let values = ["N".to_owned(), "Y".to_owned()];
        Self { b1, status_field, flag_field, values, export }
    }

    /// Other fields than `U_SyncStatus` and `U_SyncFlag`.
    #[must_use]
    pub fn fields(mut self, status: impl Into<String>, flag: impl Into<String>) -> Self {
        (self.status_field, self.flag_field) = (status.into(), flag.into());
        self
    }

    /// Other values than `N` and `Y`.
    #[must_use]
    pub fn values(mut self, unmarked: impl Into<String>, marked: impl Into<String>) -> Self {
        self.values = [unmarked.into(), marked.into()];
        self
    }

    /// The order as it is now: whether it is what was exported, and whether it is marked.
    async fn look(
        &self,
        order: &Record<Order>,
        delivered: &Delivered,
    ) -> Result<(bool, bool), Failure> {
        let now = order.clone().get().await?.0;
        let [_, marked] = &self.values;
        let status = at(&self.status_field, &now)?.and_then(|value| value.get::<String>().ok());
        let is_marked = status.as_ref() == Some(marked);
        let content = RawJson::of(&Content { document: &now }).map_err(Failure::park)?;
        let document = &delivered.document;
        let exported = self.export.map(&Document::new(&document.key.document, content));
        // What cannot be exported any more is not what was.
        let is_same = exported.is_ok_and(|exported| exported == document.content);
        Ok((is_same, is_marked))
    }

    /// Leaves a changed order to the next export; a mark that hides the change is taken away.
    async fn changed(&self, order: &Record<Order>, is_marked: bool) -> Result<Marked, Failure> {
        if is_marked {
            let [unmarked, _] = &self.values;
            order.clone().update(Changes::new().udf(&self.status_field, unmarked)).await?;
        }
        Ok(Marked::Changed)
    }
}

keyed_row! {
    /// An order as the server sent it.
    Order of ProductionOrder, "AbsoluteEntry"
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content<'a> {
    document: &'a RawJson,
}

impl<M> std::fmt::Debug for MarkOrder<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields = (&self.status_field, &self.flag_field);
        f.debug_struct("MarkOrder").field("fields", &fields).finish_non_exhaustive()
    }
}

#[async_trait]
impl<M: Mapper> Marker for MarkOrder<M> {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure> {
        let entry = at("Document.AbsoluteEntry", &delivered.document.source)?;
        let entry: Option<Key> = entry.and_then(|value| KeyType::Numeric.key(&value));
        let entry = entry.ok_or_else(|| Failure::park("the order has no `AbsoluteEntry`"))?;
        let order = self.b1.set::<Order>("ProductionOrders").key(entry);
        let (is_same, is_marked) = self.look(&order, delivered).await?;
        if !is_same {
            // A mark that got through before its answer was lost would hide the change.
            return self.changed(&order, is_marked).await;
        }
        let [_, marked] = &self.values;
        let both = Changes::new().udf(&self.status_field, marked).udf(&self.flag_field, marked);
        order.clone().update(both).await?;
        match self.look(&order, delivered).await? {
            (true, _) => Ok(Marked::Yes),
            (false, is_marked) => self.changed(&order, is_marked).await,
        }
    }
}
