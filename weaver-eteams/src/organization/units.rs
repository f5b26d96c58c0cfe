use erplink_core::pager;
use erplink_core::{Members, Page, Results, open_enum};
use serde::Serialize;

use super::page;
use crate::client::{Client, Input};
use crate::error::{Error, Result};
use crate::loose;
use crate::wire::Body;

const QUERY: &str = "POST /api/hrm/restful/queryOrg";

open_enum! {
    /// What a unit of the organisation is.
    pub enum UnitKind {
        /// A department (部门).
        Department = "department",
        /// A subsidiary (分部).
        Subsidiary = "subcompany",
    }
}

/// A department (部门) or a subsidiary (分部).
///
/// The platform's pages do not settle what its members are called; the raw row has them all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unit {
    /// Its id: digits, perhaps more than a 64-bit float holds.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its code (编码).
    pub code: Option<String>,
    /// The id of the unit above.
    pub parent: Option<String>,
    /// The row as the platform sent it, extension fields included.
    pub raw: Members,
}

impl Unit {
    pub(super) fn read(raw: Members, path: &str) -> Result<Self> {
        Ok(Self {
            id: loose::require_text(&raw, &["id"], path)?,
            name: loose::text(&raw, &["name"]),
            code: loose::text(&raw, &["code"]),
            parent: loose::text(&raw, &["parent", "parentid"]),
            raw,
        })
    }
}

/// The units above those that are asked for: by code or by id, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parents {
    /// By code (编码).
    Codes(Vec<String>),
    /// By id.
    Ids(Vec<String>),
}

/// A query of departments and subsidiaries. Take its [`items`](Self::items) or a
/// [`page`](Self::page).
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until its items are asked for"]
pub struct Units {
    client: Client,
    body: Query,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    type_list: Vec<UnitKind>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_code_list: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_org_ids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "is_no")]
    contain_disable_org: bool,
    #[serde(skip_serializing_if = "is_no")]
    contain_extend: bool,
    current: u32,
    page_size: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
pub(super) fn is_no(flag: &bool) -> bool {
    !flag
}

impl Units {
    pub(super) fn new(client: Client, kind: UnitKind) -> Self {
        let body = Query { type_list: vec![kind], current: 1, page_size: 100, ..Query::default() };
        Self { client, body }
    }

    /// Both departments and subsidiaries.
    pub fn of_both_kinds(mut self) -> Self {
        self.body.type_list = vec![UnitKind::Department, UnitKind::Subsidiary];
        self
    }

    /// Only those with these ids.
    pub fn ids<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.body.ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Only those with these codes (编码).
    pub fn codes<C: Into<String>>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.body.code_list = codes.into_iter().map(Into::into).collect();
        self
    }

    /// Only those below these units.
    pub fn below(mut self, parents: Parents) -> Self {
        let (codes, ids) = match parents {
            Parents::Codes(codes) => (Some(codes), None),
            Parents::Ids(ids) => (None, Some(ids)),
        };
        (self.body.parent_code_list, self.body.parent_org_ids) = (codes, ids);
        self
    }

    /// Disabled (停用) ones as well.
    pub fn with_disabled(mut self) -> Self {
        self.body.contain_disable_org = true;
        self
    }

    /// Extension fields (扩展字段) as well; they are in [`Unit::raw`].
    pub fn with_extension(mut self) -> Self {
        self.body.contain_extend = true;
        self
    }

    /// Rows a page: 1 to 1000. Default 100.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.body.page_size = rows;
        self
    }

    /// One page; the first is 1. Keep `next` to go on later.
    ///
    /// # Errors
    /// As every call; [`Invalid`](erplink_core::ErrorKind::Invalid) for a page size out of range.
    pub async fn page(&self, number: u32) -> Result<Page<Unit, u32>> {
        let size = self.body.page_size;
        page::check_size(size)?;
        let body = Body::json(&Query { current: number, ..self.body.clone() })?;
        let input = Input { query: Vec::new(), body: Some(body) };
        self.client.read(QUERY, input, |answer| page::read(answer, number, size, Unit::read)).await
    }

    /// Page after page, from the first.
    pub fn pages(self) -> Results<Page<Unit, u32>, Error> {
        pager::pages(1, move |number| {
            let query = self.clone();
            async move { query.page(number).await }
        })
    }

    /// All of them, with one page in memory.
    pub fn items(self) -> Results<Unit, Error> {
        pager::items(self.pages())
    }
}
