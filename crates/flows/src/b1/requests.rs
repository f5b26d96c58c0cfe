use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use b1_servicelayer::entities::ApprovalRequest;
use b1_servicelayer::enums::BoApprovalRequestStatusEnum;
use b1_servicelayer::{Client, Field, Filter, RawJson};
use chrono::NaiveDate;
use erplink_sync::map::{Expression, at};
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use super::documents::{Days, within};
use super::place::{Place, draft_set};
use super::row::{RowPage, by_number};
use super::users::users;

/// Approval requests (审批请求) that wait for a decision, each with its draft (草稿) and its
/// originator: `{"Request": …, "Draft": …, "User": …}`.
///
/// A page costs three calls, however many requests it has.
#[derive(Clone, Debug)]
pub struct PendingRequests {
    b1: Client,
    object_type: Option<String>,
    transfer_drafts: String,
    page_size: u32,
    created: Days,
    approver: Option<i32>,
    unsynced: Option<Unsynced>,
}

/// A flag of the draft, and its value before anything was sent.
#[derive(Clone, Debug)]
struct Unsynced {
    field: String,
    no: String,
    or_null: bool,
}

impl PendingRequests {
    /// All kinds of documents; transfers (库存转储) are read from `StockTransferDrafts`.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        let transfer_drafts = Place::TRANSFER_DRAFTS.to_owned();
        Self {
            b1,
            object_type: None,
            transfer_drafts,
            page_size: 20,
            created: (None, None),
            approver: None,
            unsynced: None,
        }
    }

    /// Only requests that have come to this approver (审批阶段审批人), by `InternalKey`, and that the
    /// approver has not decided. In an earlier stage they are left for later.
    #[must_use]
    pub fn approver(mut self, internal_key: i32) -> Self {
        self.approver = Some(internal_key);
        self
    }

    /// Only those whose draft has this flag at `no`, or at null if `or_null` (drafts from before the
    /// field existed).
    #[must_use]
    pub fn unsynced(mut self, (field, no): (&str, &str), or_null: bool) -> Self {
        self.unsynced = Some(Unsynced { field: field.to_owned(), no: no.to_owned(), or_null });
        self
    }

    /// Only documents of this kind, such as `1470000113` for purchase requests (采购申请).
    #[must_use]
    pub fn object_type(mut self, code: impl Into<String>) -> Self {
        self.object_type = Some(code.into());
        self
    }

    /// Where the drafts of transfers are: `StockTransferDrafts` or `Drafts`.
    #[must_use]
    pub fn transfer_drafts(mut self, set: impl Into<String>) -> Self {
        self.transfer_drafts = set.into();
        self
    }

    /// How many requests a page has. Default 20.
    #[must_use]
    pub fn page_size(mut self, requests: u32) -> Self {
        self.page_size = requests;
        self
    }

    /// Only requests that were made in a range of days.
    #[must_use]
    pub fn created(mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        self.created = (from, to);
        self
    }

    /// How many there are.
    ///
    /// # Errors
    /// When the ERP does not say.
    pub async fn count(&self) -> Result<usize, Failure> {
        let query = self.b1.approval_requests().filter(self.filter());
        Ok(usize::try_from(query.count().await?).unwrap_or(usize::MAX))
    }

    fn filter(&self) -> Filter<ApprovalRequest> {
        let pending = ApprovalRequest::STATUS.eq(BoApprovalRequestStatusEnum::Pending);
        let of_kind = self.object_type.as_deref().map(|code| ApprovalRequest::OBJECT_TYPE.eq(code));
        let created = within("CreationDate", self.created);
        [of_kind, created].into_iter().flatten().fold(pending, Filter::and)
    }

    async fn drafts(&self, heads: &[Head]) -> Result<BTreeMap<(&str, i32), RawJson>, Failure> {
        let mut drafts = BTreeMap::new();
        let sets: BTreeSet<&str> = heads.iter().map(|head| self.set_of(head)).collect();
        for set in sets {
            let ours = heads.iter().filter(|head| self.set_of(head) == set);
            let entries = ours.filter_map(|head| head.draft_entry);
            let found = by_number(&self.b1, set, "DocEntry", entries).await?;
            drafts.extend(found.into_iter().map(|(entry, draft)| ((set, entry), draft)));
        }
        Ok(drafts)
    }

    /// Whether a request is one of ours. A draft that is gone is for the map to say.
    fn takes(&self, request: &RawJson, draft: Option<&RawJson>) -> Result<bool, Failure> {
        if let Some(approver) = self.approver
            && !has_come_to(approver, request)?
        {
            return Ok(false);
        }
        match (&self.unsynced, draft) {
            (Some(Unsynced { field, no, or_null }), Some(draft)) => Ok(match at(field, draft)? {
                Some(flag) => flag.get::<String>().is_ok_and(|flag| flag == *no),
                None => *or_null,
            }),
            _ => Ok(true),
        }
    }

    fn set_of(&self, head: &Head) -> &str {
        draft_set(head.object_type.as_deref().unwrap_or_default(), &self.transfer_drafts)
    }
}

/// What is needed of a request to complete it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    code: i32,
    object_type: Option<String>,
    draft_entry: Option<i32>,
    #[serde(rename = "OriginatorID")]
    originator_id: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content<'a> {
    request: &'a RawJson,
    draft: Option<&'a RawJson>,
    user: Option<&'a RawJson>,
}

/// Whether a line of the request is this approver's and undecided. Some systems write the number of
/// a user as a text.
fn has_come_to(approver: i32, request: &RawJson) -> Result<bool, Failure> {
    let lines = at("ApprovalRequestLines", request)?.and_then(|lines| lines.get().ok());
    let (user, status) = (Expression::path("UserID"), Expression::path("Status"));
    for line in lines.unwrap_or_else(Vec::<RawJson>::new) {
        let status = status.text(&line)?;
        let is_open = status.is_empty() || status == "ardPending";
        if is_open && user.text(&line)? == approver.to_string() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[async_trait]
impl Source for PendingRequests {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let page = RowPage {
            set: "ApprovalRequests",
            filter: self.filter().to_string(),
            order: Field::new("Code"),
            select: Vec::new(),
            page_size: self.page_size,
            cursor: request.cursor,
        };
        let (rows, next) = page.read(&self.b1).await?;
        let heads: Vec<Head> = rows
            .iter()
            .map(|row| row.get())
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::park(format!("an approval request: {error}")))?;
        let drafts = self.drafts(&heads).await?;
        let people = users(&self.b1, heads.iter().filter_map(|head| head.originator_id)).await?;
        let mut documents = Vec::new();
        for (row, head) in rows.iter().zip(&heads) {
            let draft = head.draft_entry.and_then(|entry| drafts.get(&(self.set_of(head), entry)));
            if !self.takes(row, draft)? {
                continue;
            }
            let user = head.originator_id.and_then(|key| people.get(&key));
            let content = RawJson::of(&Content { request: row, draft, user })
                .map_err(|error| Failure::park(error.to_string()))?;
            documents.push(Document::new(head.code.to_string(), content));
        }
        Ok(SourcePage { documents, next, checkpoint: None })
    }
}
