//! The older calls, which the platform's pages mark as old: flat answers, no pages.

use std::future::IntoFuture;

use erplink_core::{Members, RawJson};
use futures_util::future::BoxFuture;

use super::page::rows;
use super::{Employee, Unit};
use crate::client::{Client, Input};
use crate::error::{Error, Result};
use crate::loose;

const V1: &str = "GET /department/v1/list";
const V2: &str = "GET /department/v2/list";
const USERS: &str = "GET /user/v1/departmentUsers";

/// A list of departments; await it.
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Departments {
    client: Client,
    call: &'static str,
    query: Vec<(String, String)>,
}

impl Departments {
    pub(super) fn v1(client: Client) -> Self {
        Self { client, call: V1, query: Vec::new() }
    }

    pub(super) fn v2(client: Client) -> Self {
        Self { client, call: V2, query: Vec::new() }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Only this department.
    pub fn department(self, id: impl Into<String>) -> Self {
        self.with("depid", id)
    }

    /// Enabled and disabled (停用) ones. The older list answers enabled ones only, unless told.
    pub fn with_disabled(self) -> Self {
        self.with("status", "all")
    }

    /// Disabled (停用) ones only.
    pub fn only_disabled(self) -> Self {
        self.with("status", "0")
    }

    /// Those that exist and those that were deleted.
    pub fn with_deleted(self) -> Self {
        self.with("isDelete", "all")
    }
}

impl IntoFuture for Departments {
    type Output = Result<Vec<Unit>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let input = Input { query: self.query, body: None };
            self.client.read(self.call, input, |answer| list(answer, Unit::read)).await
        })
    }
}

/// The people of a department; await it.
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct DepartmentUsers {
    client: Client,
    department: String,
    status: String,
    fetch_child: bool,
}

impl DepartmentUsers {
    pub(super) fn new(client: Client, department: String) -> Self {
        Self { client, department, status: "normal".to_owned(), fetch_child: false }
    }

    /// Those of the departments below as well.
    pub fn with_children(mut self) -> Self {
        self.fetch_child = true;
        self
    }

    /// Another status than `normal`.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }
}

impl IntoFuture for DepartmentUsers {
    type Output = Result<Vec<Employee>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { client, department, status, fetch_child } = self;
            if department.trim().is_empty() {
                return Err(Error::invalid("the id of the department is empty"));
            }
            let child = if fetch_child { "1" } else { "0" };
            let query = [("status", status), ("depid", department), ("fetch_child", child.into())];
            let query = query.map(|(name, value)| (name.to_owned(), value)).to_vec();
            client
                .read(USERS, Input { query, body: None }, |answer| list(answer, Employee::read))
                .await
        })
    }
}

/// The rows of a flat answer. What their member is called is not published: it is `data`, or the
/// only list there is.
fn list<T>(answer: &Members, row: impl Fn(Members, &str) -> Result<T>) -> Result<Vec<T>> {
    if let Some(inner) = loose::object(answer, "data") {
        return list(&inner, row);
    }
    if let Some(data) = loose::find(answer, &["data"]) {
        return rows(Some(data), "data", row);
    }
    let is_list = |(_, value): &(&str, &RawJson)| loose::shape(value) == "an array";
    let mut lists = answer.iter().filter(is_list);
    match (lists.next(), lists.next()) {
        (Some((name, value)), None) => rows(Some(value), name, row),
        (found, _) => {
            let names: Vec<&str> = answer.iter().map(|(name, _)| name).collect();
            let expected = format!("one list among the members {}", names.join(", "));
            let found = if found.is_some() { "several" } else { "none" };
            Err(loose::misshapen(".", &expected, found))
        }
    }
}
