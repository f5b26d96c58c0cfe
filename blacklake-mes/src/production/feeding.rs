//! Feedings (投料) and withdrawn ones (退料).

use chrono::{DateTime, Utc};
use erplink_core::{Decimal, ErrorKind, Results};
use futures_util::{StreamExt, TryStreamExt, future, stream};
use serde_json::json;

use super::Production;
use super::windows::windows;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, millis};
use crate::id::{FeedDetailId, FeedRecordId, Id, MaterialId, TaskId, WorkOrderId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::{Row, each_once};
use crate::shared::{AmountDisplay, CodeMessage, CustomField, QcStatus, UserRef};
use crate::work_orders::MaterialInfo;

const DETAIL: Endpoint = Endpoint::read("POST /mfg/open/v1/feed_record/feed_record/_detail");
const LIST: Endpoint = Endpoint::read("POST /mfg/open/v1/feed_record/_list");
const RETRACTED: Endpoint = Endpoint::read("POST /mfg/open/v1/feed_retract_record/_list");

model! {
    /// A row of a feeding record, in full.
    pub struct FeedDetail {
        /// What was fed.
        pub material_info: MaterialInfo,
        /// How much, when, by whom.
        pub feed_record_info: FeedRecord,
        /// Fields of the tenant's own.
        pub custom_fields: Vec<CustomField>,
    }

    /// How much was fed, when, by whom.
    pub struct FeedRecord {
        /// Id of the record.
        pub feed_record_id: Option<FeedRecordId>,
        /// Id of this row of it.
        pub feed_record_detail_id: Option<FeedDetailId>,
        /// Material.
        pub material_id: Option<MaterialId>,
        /// Line of the component.
        pub line_id: Option<Id>,
        /// Line below it.
        pub sub_line_id: Option<Id>,
        /// Identifier of the batch.
        pub batch_identifier: String,
        /// Identifier of the stock.
        pub inventory_identifier: String,
        /// Quality.
        pub qc_status: Option<CodeMessage<QcStatus>>,
        /// Id of the batch number.
        pub batch_no_id: Option<Id>,
        /// Batch number.
        pub batch_no: String,
        /// Fed.
        pub feed_amount: Option<AmountDisplay>,
        /// Withdrawn since.
        pub retract_amount: Option<AmountDisplay>,
        /// May still be withdrawn.
        pub can_retract_amount: Option<AmountDisplay>,
        /// In an auxiliary unit.
        pub aux_amount1: Option<AmountDisplay>,
        /// In another one.
        pub aux_amount2: Option<AmountDisplay>,
        /// Remark.
        pub remark: String,
        /// Who fed it.
        pub feed_user: Option<UserRef>,
        /// Who did it.
        pub exec_user: Option<UserRef>,
        /// When.
        pub feed_time: Option<DateTime<Utc>>,
        /// Where.
        pub ope_location: Option<Location>,
        /// Whether it stands in for another material (替代料).
        pub alternative_flag: bool,
        /// Code of the material it stands in for.
        pub original_alternative_material_code: String,
        /// Name of the material it stands in for.
        pub original_alternative_material_name: String,
    }

    /// A place on the shop floor (仓位).
    pub struct Location {
        /// Id.
        pub id: Option<Id>,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// QR code.
        pub qr_code: String,
        /// Warehouse.
        pub warehouse_id: Option<Id>,
    }

    /// A row of a feeding record as lists show it.
    pub struct FeedRow {
        /// Task.
        pub task_id: Option<TaskId>,
        /// Id of the record.
        pub feed_record_id: Option<FeedRecordId>,
        /// Id of this row of it: the key against booking it twice.
        pub feed_record_detail_id: FeedDetailId,
        /// Material.
        pub material_id: Option<MaterialId>,
        /// The same, in full.
        pub material_info: Option<MaterialInfo>,
        /// Line of the component.
        pub line_id: Option<Id>,
        /// Line below it.
        pub sub_line_id: Option<Id>,
        /// Quality.
        pub qc_status: Option<CodeMessage<QcStatus>>,
        /// Batch number.
        pub batch_no: String,
        /// Fed.
        pub feed_amount: Option<AmountDisplay>,
        /// Withdrawn since.
        pub retract_amount: Option<AmountDisplay>,
        /// May still be withdrawn.
        pub can_retract_amount: Option<AmountDisplay>,
        /// Who fed it.
        pub feed_user: Option<UserRef>,
        /// When.
        pub feed_time: Option<DateTime<Utc>>,
        /// Where.
        pub ope_location: Option<Location>,
    }

    /// A withdrawn feeding (退料记录).
    pub struct Retraction {
        /// Id.
        pub retract_record_id: Id,
        /// The record it was fed by.
        pub feed_record_id: Option<FeedRecordId>,
        /// The row it was fed by.
        pub feed_record_detail_id: Option<FeedDetailId>,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Where it went.
        pub retract_location: Option<Location>,
        /// What.
        pub material_info: Option<MaterialInfo>,
        /// How much.
        pub retract_amount: Option<AmountDisplay>,
    }
}

impl FeedRecord {
    /// How much was fed.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the answer does not say, which is not zero.
    pub fn quantity(&self) -> Result<Decimal> {
        let amount = self.feed_amount.as_ref().and_then(|amount| amount.amount);
        amount.ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the feeding has no feedAmount.amount: may the account see it?",
            )
        })
    }
}

impl Row for FeedRow {
    fn row_id(&self) -> i64 {
        self.feed_record_detail_id.get()
    }
}

impl Row for Retraction {
    fn row_id(&self) -> i64 {
        self.retract_record_id.get()
    }
}

/// Lists feedings of an interval. From [`Production::feedings`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows`"]
pub struct Feedings {
    walk: Walk,
}

/// Lists withdrawn feedings of an interval. From [`Production::retractions`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows`"]
pub struct Retractions {
    walk: Walk,
}

#[derive(Clone, Debug)]
struct Walk {
    production: Production,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    query: Fields,
}

impl Walk {
    /// Window after window, each row once.
    fn rows<T: Row>(self, endpoint: Endpoint) -> Results<Kept<T>, Error> {
        let windows = match windows(self.from, self.to) {
            Ok(windows) => windows,
            Err(error) => return Results::new(stream::once(future::err(error))),
        };
        let lists = windows.map(move |window| {
            let query = self
                .query
                .clone()
                .with("feedTimeStart", millis(window.start))
                .with("feedTimeEnd", millis(window.end));
            self.production.client.list::<T>(endpoint, query)
        });
        Results::new(each_once(Results::new(stream::iter(lists).flatten())))
    }
}

impl Feedings {
    /// Only those of this work order.
    pub fn work_order(mut self, id: impl Into<WorkOrderId>) -> Self {
        self.walk.query.set("workOrderId", Field::Int(id.into().get()));
        self
    }

    /// Rows a page. Default 200.
    pub fn page_size(mut self, size: i64) -> Self {
        self.walk.query.set("size", Field::Int(size));
        self
    }

    /// The rows, each once, window by window.
    pub fn rows(self) -> Results<Kept<FeedRow>, Error> {
        let (from, to) = (self.walk.from, self.walk.to);
        let rows = self.walk.rows::<FeedRow>(LIST);
        // Windows overlap by a millisecond and may hold their ends.
        let inside = rows.try_filter(move |row| {
            future::ready(row.feed_time.is_none_or(|at| from <= at && at < to))
        });
        Results::new(inside)
    }
}

impl Retractions {
    /// Only those of this work order.
    pub fn work_order(mut self, id: impl Into<WorkOrderId>) -> Self {
        self.walk.query.set("workOrderId", Field::Int(id.into().get()));
        self
    }

    /// Rows a page. Default 200.
    pub fn page_size(mut self, size: i64) -> Self {
        self.walk.query.set("size", Field::Int(size));
        self
    }

    /// The rows, each once, window by window. The ends of the interval may be in it: rows do not
    /// say when they were withdrawn.
    pub fn rows(self) -> Results<Kept<Retraction>, Error> {
        self.walk.rows(RETRACTED)
    }
}

impl Production {
    /// `POST /mfg/open/v1/feed_record/feed_record/_detail`: one row of a feeding record
    /// (投料记录详情).
    pub async fn feed_detail(&self, id: impl Into<FeedDetailId>) -> Result<Kept<FeedDetail>> {
        self.client.fetch_kept(&DETAIL, &json!({ "feedRecordDetailId": id.into() })).await
    }

    /// `POST /mfg/open/v1/feed_record/_list`: feedings from a moment on and before another
    /// (投料记录列表).
    ///
    /// The platform takes an hour at most: longer intervals are asked for in parts.
    pub fn feedings(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Feedings {
        Feedings { walk: self.walk(from, to) }
    }

    /// `POST /mfg/open/v1/feed_retract_record/_list`: feedings withdrawn in an interval
    /// (退料记录列表), in parts of an hour like [`feedings`](Self::feedings).
    pub fn retractions(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Retractions {
        Retractions { walk: self.walk(from, to) }
    }

    fn walk(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Walk {
        Walk { production: self.clone(), from, to, query: Fields::default() }
    }
}
