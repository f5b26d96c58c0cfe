use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which user of which account, and what the token is for.
///
/// ```
/// let config: erplink::iam::Config = serde_json::from_str(r#"{
///     "user": "flow-caller",
///     "password": "secret",
///     "domain": "hw12345678",
///     "scope": { "project": "cn-north-4" }
/// }"#)?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The address of IAM. Default `https://iam.cn-north-4.myhuaweicloud.com`; each region has its
    /// own, `https://iam.myhuaweicloud.com` is for all.
    #[serde(default = "endpoint")]
    pub endpoint: String,
    /// The IAM user (IAM用户). A HUAWEI ID cannot get a token with its password.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The account that owns the user (租户名).
    pub domain: String,
    /// What the token is for. Default the project `cn-north-4`.
    #[serde(default)]
    pub scope: Scope,
    /// Connections, timeouts, certificates, proxy.
    #[serde(default)]
    pub http: TransportConfig,
}

/// What a token is for: one project, or the whole account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The project of this name (a region, or a region and a name of your own).
    Project(String),
    /// The project of this id.
    ProjectId(String),
    /// The account of this name.
    Domain(String),
    /// The account of this id.
    DomainId(String),
    /// The account of the user.
    Account,
}

impl Default for Scope {
    fn default() -> Self {
        Self::Project("cn-north-4".to_owned())
    }
}

fn endpoint() -> String {
    "https://iam.cn-north-4.myhuaweicloud.com".to_owned()
}

impl Config {
    /// A user of an account (租户名), for the project `cn-north-4`.
    pub fn new(
        user: impl Into<String>,
        password: impl Into<Secret>,
        domain: impl Into<String>,
    ) -> Self {
        Self {
            endpoint: endpoint(),
            user: user.into(),
            password: password.into(),
            domain: domain.into(),
            scope: Scope::default(),
            http: TransportConfig::default(),
        }
    }

    /// The first setting that is empty.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let settings = [
            ("user", self.user.is_empty()),
            ("password", self.password.is_empty()),
            ("domain", self.domain.is_empty()),
        ];
        settings.into_iter().find_map(|(name, is_empty)| is_empty.then_some(name))
    }

    /// The body of `POST /v3/auth/tokens`.
    pub(super) fn body(&self) -> Value {
        let user = json!({
            "name": self.user,
            "password": self.password.expose(),
            "domain": { "name": self.domain },
        });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let mut auth = json!({ "identity": identity });
        let scope = match &self.scope {
            Scope::Project(name) => json!({ "project": { "name": name } }),
            Scope::ProjectId(id) => json!({ "project": { "id": id } }),
            Scope::Domain(name) => json!({ "domain": { "name": name } }),
            Scope::DomainId(id) => json!({ "domain": { "id": id } }),
            Scope::Account => return json!({ "auth": auth }),
        };
        auth["scope"] = scope;
        json!({ "auth": auth })
    }
}
