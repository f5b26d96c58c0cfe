use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use ecology_oa::hrm::UserKey;
use ecology_oa::workflow::{CreateRequest, DetailTable, Field};
use ecology_oa::{Client, ErrorKind};
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::UserIs;
use super::form::{Form, FormField};

/// Starts a request (流程) for a mapped document.
///
/// OA knows no key against creating twice: the title ends with the document's key, and a create
/// with an unknown outcome is looked up by it.
#[derive(Clone, Debug)]
pub struct StartRequest {
    oa: Client,
    workflow_id: i64,
    request_name: String,
    look_back: TimeDelta,
}

impl StartRequest {
    /// Requests of this workflow, called `request_name-KEY`; looks seven days back.
    #[must_use]
    pub fn new(oa: Client, workflow_id: i64, request_name: impl Into<String>) -> Self {
        let request_name = request_name.into();
        Self { oa, workflow_id, request_name, look_back: TimeDelta::days(7) }
    }

    /// How many days back a request with an unknown outcome is looked for: longer than the program
    /// is ever down.
    #[must_use]
    pub fn look_back(mut self, days: u32) -> Self {
        self.look_back = TimeDelta::days(days.into());
        self
    }

    fn title(&self, document: &Outgoing) -> String {
        format!("{}-{}", self.request_name, document.reference())
    }

    /// The client as the user who starts the request: only that user finds it again.
    async fn acting(&self, form: &Form) -> Result<Client, Failure> {
        let Some(user) = &form.user else { return Ok(self.oa.clone()) };
        let key = match form.user_is {
            UserIs::Id => return Ok(self.oa.as_user(user)),
            UserIs::WorkCode => UserKey::WorkCode(user.clone()),
            UserIs::LoginId => UserKey::LoginId(user.clone()),
        };
        let found = self.oa.hrm().find_user(&key).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::Conflict => Failure::park(error),
            _ => error.into(),
        })?;
        let id = found.id.ok_or_else(|| Failure::park(format!("the OA user {user} has no id")))?;
        Ok(self.oa.as_user(id))
    }
}

fn field(field: &FormField) -> Field {
    Field::text(&field.name, &field.value)
}

#[async_trait]
impl Target for StartRequest {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let form: Form = document.read()?;
        let mut request = form
            .fields
            .iter()
            .map(field)
            .fold(CreateRequest::new(self.workflow_id, self.title(document)), CreateRequest::field);
        if let Some(detail) = &form.detail {
            let table = match detail.table.as_str() {
                "" => DetailTable::unnamed(),
                name => DetailTable::new(name),
            };
            let rows = detail.rows.iter().map(|row| row.iter().map(field).collect::<Vec<_>>());
            request = request.detail(rows.fold(table, DetailTable::row));
        }
        let oa = self.acting(&form).await?;
        Ok(Pushed::new(oa.workflow().create(&request).await?))
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let form: Form = document.read()?;
        let oa = self.acting(&form).await?;
        let since = Utc::now() - self.look_back;
        match oa.workflow().find_created(&self.title(document), since).await {
            Ok(Some(id)) => Ok(Found::Yes(Pushed::new(id))),
            Ok(None) => Ok(Found::No),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                Ok(Found::CannotTell(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
