//! Units of measure: imports of materials name units that are there.

use erplink_core::Results;
use serde_json::json;

use super::Materials;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::UnitId;
use crate::kept::Kept;
use crate::list::Row;
use crate::shared::Unit;

const LIST: Endpoint = Endpoint::read("POST /material/open/v1/unit/_list");
const DETAIL: Endpoint = Endpoint::read("POST /material/open/v1/unit/_detail");
const IMPORT: Endpoint = Endpoint::repeatable("POST /material/open/v1/unit/_doimport");
const UPDATE: Endpoint = Endpoint::repeatable("POST /material/open/v1/unit/_update");
const START: Endpoint = Endpoint::write("POST /material/open/v1/unit/_start");
const STOP: Endpoint = Endpoint::write("POST /material/open/v1/unit/_stop");

request! {
    /// Which units to list.
    pub struct UnitFilter {
        /// These codes.
        codes: texts = "codeList",
        /// This code.
        code: text = "code",
        /// This name.
        name: text = "name",
        /// In use or stopped.
        enabled: flag = "enableFlag",
        /// A part of code or name.
        search: text = "quickSearch",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl UnitFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

request! {
    /// A unit to create or change. The platform's page of this call is not public: members beyond
    /// these go by [`extra`](Self::extra).
    pub struct UnitForm {
        /// Id, for a change.
        id: id(UnitId) = "id",
        /// Code.
        code: text = "code",
        /// Name.
        name: text = "name",
        /// Remark.
        remark: text = "remark",
        /// Digits after the point, 0 to 10.
        precision: int = "precisionFigure",
    }
}

impl UnitForm {
    /// A unit of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self::default().name(name)
    }
}

impl Row for Unit {
    fn row_id(&self) -> i64 {
        self.id.map_or(0, UnitId::get)
    }
}

impl Materials {
    /// `POST /material/open/v1/unit/_list`: units (单位列表).
    pub fn units(&self, filter: UnitFilter) -> Results<Kept<Unit>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /material/open/v1/unit/_detail`: one unit (单位详情).
    pub async fn unit(&self, id: impl Into<UnitId>) -> Result<Kept<Unit>> {
        self.client.fetch_kept(&DETAIL, &json!({ "id": id.into() })).await
    }

    /// `POST /material/open/v1/unit/_doimport`: creates a unit or changes the one of this name
    /// (导入单位).
    pub async fn import_unit(&self, unit: &UnitForm) -> Result<()> {
        self.client.call(&IMPORT, &unit.fields).await.map(drop)
    }

    /// `POST /material/open/v1/unit/_update`: changes a unit by its id (编辑单位).
    pub async fn update_unit(&self, unit: &UnitForm) -> Result<()> {
        self.client.call(&UPDATE, &unit.fields).await.map(drop)
    }

    /// `POST /material/open/v1/unit/_start`: puts units into use (启用单位).
    pub async fn start_units(
        &self,
        ids: impl IntoIterator<Item = impl Into<UnitId>>,
    ) -> Result<()> {
        let ids: Vec<UnitId> = ids.into_iter().map(Into::into).collect();
        self.client.call(&START, &json!({ "ids": ids })).await.map(drop)
    }

    /// `POST /material/open/v1/unit/_stop`: takes units out of use (停用单位).
    pub async fn stop_units(&self, ids: impl IntoIterator<Item = impl Into<UnitId>>) -> Result<()> {
        let ids: Vec<UnitId> = ids.into_iter().map(Into::into).collect();
        self.client.call(&STOP, &json!({ "ids": ids })).await.map(drop)
    }
}
