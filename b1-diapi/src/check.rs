//! Does the connection work, and if not, which setting is wrong?

use std::fmt;

use erplink_core::{ErrorKind, Idempotency};

use crate::client::Client;
use crate::error::{ApiError, Error};
use crate::exec::exchange;

/// A setting of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Setting {
    /// The address, tenant prefix included.
    Root,
    /// The company database (公司数据库).
    CompanyDb,
    /// The user.
    User,
    /// Its password.
    Password,
}

impl Setting {
    /// Its name in a [`Config`](crate::Config).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::CompanyDb => "company_db",
            Self::User => "user",
            Self::Password => "password",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A connection that does not work, and the settings that may be the reason.
#[derive(Clone, Debug)]
pub struct CheckError {
    suspects: Vec<Setting>,
    hint: Option<&'static str>,
    error: Error,
}

impl CheckError {
    /// The settings to look at. One if the service said which, several if it did not, none if
    /// the fault lies elsewhere.
    #[must_use]
    pub fn suspects(&self) -> &[Setting] {
        &self.suspects
    }

    /// What happened.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.suspects.is_empty() {
            let names: Vec<_> =
                self.suspects.iter().map(|setting| format!("`{setting}`")).collect();
            write!(f, "check {}: ", names.join(", "))?;
        }
        write!(f, "{}", self.error)?;
        match self.hint {
            Some(hint) => write!(f, " [{hint}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CheckError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl Client {
    /// Logs in anew and sends an empty statement: the service's complaint about it
    /// ([`ApiError::EMPTY_SQL`]) proves that address, company, user and password are right.
    ///
    /// # Errors
    /// With the settings that may be wrong.
    pub async fn check(&self) -> Result<(), CheckError> {
        self.login().await.map_err(|error| self.blame(error))?;
        let exchange = exchange("", Idempotency::Safe, None).map_err(|error| self.blame(error))?;
        match self.run(&exchange).await {
            Err(error) if is_empty_sql(&error) => Ok(()),
            Err(error) => Err(self.blame(error)),
            Ok(_) => Ok(()),
        }
    }

    fn blame(&self, error: Error) -> CheckError {
        let message = error.api_error().map(ApiError::message).unwrap_or_default();
        let suspects = match error.kind() {
            ErrorKind::Auth => named(message),
            ErrorKind::Connect | ErrorKind::Decode | ErrorKind::Timeout | ErrorKind::Io => {
                vec![Setting::Root]
            }
            _ => Vec::new(),
        };
        let hint = match error.kind() {
            ErrorKind::Auth if suspects.contains(&Setting::User) && !self.user().contains('\\') => {
                Some(r"in the Huawei cloud a user is written S-ERP\NAME")
            }
            ErrorKind::Session => {
                Some("the login worked, its session was refused: do all cookies pass the gateway?")
            }
            ErrorKind::Api => Some("the login worked, the empty statement was answered otherwise"),
            _ => None,
        };
        CheckError { suspects, hint, error }
    }
}

fn is_empty_sql(error: &Error) -> bool {
    error.api_error().is_some_and(|api| api.message().contains(ApiError::EMPTY_SQL))
}

/// The settings that the message of a refused login names; all three if it names none.
fn named(message: &str) -> Vec<Setting> {
    const WORDS: [(Setting, &[&str]); 3] = [
        (Setting::CompanyDb, &["company", "database", "公司", "账套", "数据库"]),
        (Setting::User, &["user", "用户", "账号", "帐号"]),
        (Setting::Password, &["password", "密码", "口令"]),
    ];
    let message = message.to_lowercase();
    let all = WORDS.iter();
    let found: Vec<_> = all
        .clone()
        .filter(|(_, words)| words.iter().any(|word| message.contains(word)))
        .map(|(setting, _)| *setting)
        .collect();
    if found.is_empty() { all.map(|(setting, _)| *setting).collect() } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_tells_which_setting_it_is() {
        use Setting::{CompanyDb, Password, User};
        for (message, expected) in [
            ("公司数据库不存在", vec![CompanyDb]),
            ("用户名或密码错误", vec![User, Password]),
            ("Invalid user", vec![User]),
            ("Wrong PASSWORD", vec![Password]),
            ("-107", vec![CompanyDb, User, Password]),
            ("", vec![CompanyDb, User, Password]),
        ] {
            assert_eq!(named(message), expected, "{message}");
        }
    }
}
