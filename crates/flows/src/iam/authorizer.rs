use std::time::Duration;

use erplink_core::Secret;
use serde_json::{Value, json};
use tracing::warn;

use super::{Iam, IamBuilder, Result};

/// The longest time for which the gateway keeps an answer.
const KEPT_BY_GATEWAY: Duration = Duration::from_secs(3600);

/// The custom authorizer of an API (自定义认证, back-end authentication): it hands the gateway a token,
/// which the gateway sends on as `x-auth-token`.
///
/// The gateway keeps an answer for up to an hour, so every token is good for longer than that. Where
/// there is no such token, whatever the reason, the answer is `deny`.
#[derive(Clone, Debug)]
pub struct Authorizer(Iam);

impl Authorizer {
    /// Answers with the tokens of this user.
    ///
    /// # Errors
    /// As [`IamBuilder::build`].
    pub fn new(iam: IamBuilder) -> Result<Self> {
        iam.good_for(KEPT_BY_GATEWAY).build().map(Self)
    }

    /// The answer of the function. It holds the token: keep it out of logs.
    pub async fn answer(&self) -> Value {
        match self.0.token().await {
            Ok(token) => allow(&token),
            Err(error) => {
                warn!("the authorizer denies: {error}");
                deny("no token")
            }
        }
    }
}

/// `{"statusCode":200,…}` whose body says `allow`, with a token for the back end.
#[must_use]
pub fn allow(token: &Secret) -> Value {
    answer(&json!({ "status": "allow", "context": { "token": token.expose() } }))
}

/// `{"statusCode":200,…}` whose body says `deny`. The message goes to the caller.
#[must_use]
pub fn deny(message: &str) -> Value {
    answer(&json!({ "status": "deny", "context": { "message": message } }))
}

/// The gateway wants the body as a text with JSON in it.
fn answer(body: &Value) -> Value {
    json!({
        "statusCode": 200,
        "headers": { "Content-Type": "application/json" },
        "body": body.to_string(),
    })
}
