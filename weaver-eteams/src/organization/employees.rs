use erplink_core::pager;
use erplink_core::{Members, Page, Results};
use serde::Serialize;

use super::page;
use super::units::is_no;
use crate::client::{Client, Input};
use crate::error::{Error, Result};
use crate::loose;
use crate::wire::Body;

const QUERY: &str = "POST /api/hrm/restful/queryEmployee";

/// A person (人员). Everything but the id may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Employee {
    /// Id of the person. Not the user id.
    pub id: String,
    /// Id of the user who logs in: what `userid` means in other calls.
    pub user_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Login name (账号).
    pub account: Option<String>,
    /// Job number (工号).
    pub job_number: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Mobile number.
    pub mobile: Option<String>,
    /// The row as the platform sent it.
    pub raw: Members,
}

impl Employee {
    pub(super) fn read(raw: Members, path: &str) -> Result<Self> {
        let text = |names: &[&str]| loose::text(&raw, names);
        Ok(Self {
            id: loose::require_text(&raw, &["id"], path)?,
            user_id: text(&["user_id"]),
            name: text(&["username", "name"]),
            account: text(&["account"]),
            job_number: text(&["job_num"]),
            email: text(&["email"]),
            mobile: text(&["mobile"]),
            raw,
        })
    }
}

/// A query of people. Take its [`items`](Self::items) or a [`page`](Self::page).
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until its items are asked for"]
pub struct Employees {
    client: Client,
    body: Query,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    job_num_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mobile_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accurate_email_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    department_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcompany_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    position_list: Vec<String>,
    #[serde(skip_serializing_if = "is_no")]
    contain_user_info: bool,
    #[serde(skip_serializing_if = "is_no")]
    contain_avatar: bool,
    #[serde(skip_serializing_if = "is_no")]
    contain_employee_extend: bool,
    current: u32,
    page_size: u32,
}

macro_rules! narrowed {
    ($($(#[$doc:meta])* $name:ident => $field:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
                self.body.$field = values.into_iter().map(Into::into).collect();
                self
            }
        )*
    };
}

impl Employees {
    pub(super) fn new(client: Client) -> Self {
        Self { client, body: Query { current: 1, page_size: 100, ..Query::default() } }
    }

    narrowed! {
        /// Only those with these ids.
        ids => ids;
        /// Only those with these job numbers (工号).
        job_numbers => job_num_list;
        /// Only those with these mobile numbers.
        mobiles => mobile_list;
        /// Only those with exactly these mail addresses.
        emails => accurate_email_list;
        /// Only those of these departments, by id.
        departments => department_ids;
        /// Only those of these subsidiaries (分部), by id.
        subsidiaries => subcompany_ids;
        /// Only those with these positions (岗位).
        positions => position_list;
    }

    /// Only the one with this login name (账号).
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.body.account = Some(account.into());
        self
    }

    /// What belongs to the user as well; it is in [`Employee::raw`].
    pub fn with_user_info(mut self) -> Self {
        self.body.contain_user_info = true;
        self
    }

    /// The picture as well; it is in [`Employee::raw`].
    pub fn with_avatar(mut self) -> Self {
        self.body.contain_avatar = true;
        self
    }

    /// Extension fields (扩展字段) as well; they are in [`Employee::raw`].
    pub fn with_extension(mut self) -> Self {
        self.body.contain_employee_extend = true;
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
    pub async fn page(&self, number: u32) -> Result<Page<Employee, u32>> {
        let size = self.body.page_size;
        page::check_size(size)?;
        let body = Body::json(&Query { current: number, ..self.body.clone() })?;
        let input = Input { query: Vec::new(), body: Some(body) };
        self.client
            .read(QUERY, input, |answer| page::read(answer, number, size, Employee::read))
            .await
    }

    /// Page after page, from the first.
    pub fn pages(self) -> Results<Page<Employee, u32>, Error> {
        pager::pages(1, move |number| {
            let query = self.clone();
            async move { query.page(number).await }
        })
    }

    /// All of them, with one page in memory.
    pub fn items(self) -> Results<Employee, Error> {
        pager::items(self.pages())
    }
}
