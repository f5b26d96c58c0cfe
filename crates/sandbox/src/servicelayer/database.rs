//! What programs beside the Service Layer ask of the same company.

use super::ServiceLayer;
use super::company::COMPANY;
use super::json::Object;
use super::refusal::Refusal;
use super::sql::{Door, Parameters};

/// Why somebody may not log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginProblem {
    Company,
    User,
    Password,
    Locked,
}

/// Why a statement was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqlProblem {
    /// The database says no.
    Refused(String),
    /// The sandbox does not simulate it.
    Unsupported(String),
}

impl ServiceLayer {
    /// Whether the company's user may log in with this password.
    pub(crate) fn admit(
        &self,
        company_db: &str,
        user: &str,
        password: &str,
    ) -> Result<(), LoginProblem> {
        if company_db != COMPANY {
            return Err(LoginProblem::Company);
        }
        let instance = self.shared.lock();
        let found = instance.company.find_by("Users", "UserCode", &user.into());
        let found = found.ok().flatten().ok_or(LoginProblem::User)?;
        if found.text("Locked") == Some("tYES") {
            return Err(LoginProblem::Locked);
        }
        match found.text("UserPassword") == Some(password) {
            true => Ok(()),
            false => Err(LoginProblem::Password),
        }
    }

    /// Runs any SELECT of SAP HANA over the company's tables.
    pub(crate) fn select(&self, text: &str) -> Result<Vec<Object>, SqlProblem> {
        let nothing = Parameters::default();
        let mut instance = self.shared.lock();
        let rows = instance.company.sql(text, Door::Free, &nothing, 0, usize::MAX);
        rows.map_err(|Refusal { status, message, .. }| match status {
            http::StatusCode::NOT_IMPLEMENTED | http::StatusCode::INTERNAL_SERVER_ERROR => {
                SqlProblem::Unsupported(message)
            }
            _ => SqlProblem::Refused(message),
        })
    }
}
