//! Registering a callback by API (注册事件回调接口): the old way, still answered.

use erplink_core::{Idempotency, Secret, open_enum};
use serde::{Deserialize, Serialize};

use crate::client::{Client, Endpoint, Input};
use crate::error::Result;
use crate::lenient;

const SCOPE: &str = "qyapi_base";
/// A second registration is refused with `71006`.
const REGISTER: Endpoint =
    Endpoint::oapi("POST /call_back/register_call_back", Idempotency::Keyed, SCOPE);
const UPDATE: Endpoint =
    Endpoint::oapi("POST /call_back/update_call_back", Idempotency::Idempotent, SCOPE);
const GET: Endpoint =
    Endpoint::oapi("GET /call_back/get_call_back", Idempotency::Safe, SCOPE).answering_secrets();
const DELETE: Endpoint =
    Endpoint::oapi("GET /call_back/delete_call_back", Idempotency::Idempotent, SCOPE);

open_enum! {
    /// A kind of event to subscribe to.
    pub enum CallbackTag {
        /// Approval instances.
        InstanceChange = "bpms_instance_change",
        /// Approval tasks.
        TaskChange = "bpms_task_change",
    }
}

/// A callback to be registered. One address per app.
#[derive(Clone, Debug)]
#[must_use = "hand it to `client.register_callback(…)`"]
pub struct Registration {
    tags: Vec<CallbackTag>,
    token: Secret,
    aes_key: Secret,
    url: String,
}

impl Registration {
    /// A public address without redirects, its token (6 to 63 characters) and AES key (43 letters
    /// and digits). The address has to answer `check_url` while this is called.
    pub fn new(
        url: impl Into<String>,
        token: impl Into<Secret>,
        aes_key: impl Into<Secret>,
        tags: impl IntoIterator<Item = CallbackTag>,
    ) -> Self {
        Self {
            tags: tags.into_iter().collect(),
            token: token.into(),
            aes_key: aes_key.into(),
            url: url.into(),
        }
    }

    fn input(&self) -> Result<Input> {
        #[derive(Serialize)]
        struct Body<'a> {
            call_back_tag: &'a [CallbackTag],
            token: &'a str,
            aes_key: &'a str,
            url: &'a str,
        }
        Input::json(&Body {
            call_back_tag: &self.tags,
            token: self.token.expose(),
            aes_key: self.aes_key.expose(),
            url: &self.url,
        })
    }
}

/// The callback that is registered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Registered {
    /// The kinds of events.
    #[serde(deserialize_with = "lenient::list")]
    pub call_back_tag: Vec<CallbackTag>,
    /// The token.
    pub token: Option<Secret>,
    /// The AES key.
    pub aes_key: Option<Secret>,
    /// The address.
    #[serde(deserialize_with = "lenient::text")]
    pub url: Option<String>,
}

impl Client {
    /// `POST /call_back/register_call_back`: registers the callback of the app.
    ///
    /// Permission `qyapi_base`. Events are then sealed for the **corp id**, not the Client ID.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](erplink_core::ErrorKind::AlreadyExists) for `71006`; `71008` to
    /// `71013` when the address does not answer as it has to.
    pub async fn register_callback(&self, registration: &Registration) -> Result<()> {
        self.call_done(&REGISTER, registration.input()?).await
    }

    /// `POST /call_back/update_call_back`: replaces the callback of the app.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `71007`.
    pub async fn update_callback(&self, registration: &Registration) -> Result<()> {
        self.call_done(&UPDATE, registration.input()?).await
    }

    /// `GET /call_back/get_call_back`: the callback that is registered.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `71007`.
    pub async fn registered_callback(&self) -> Result<Registered> {
        self.call(&GET, Input::default()).await
    }

    /// `GET /call_back/delete_call_back`: removes the callback of the app.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `71007`.
    pub async fn delete_callback(&self) -> Result<()> {
        self.call_done(&DELETE, Input::default()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_may_be_repeated() {
        assert_eq!(REGISTER.idempotency, Idempotency::Keyed);
        assert_eq!(UPDATE.idempotency, Idempotency::Idempotent);
        assert_eq!(GET.idempotency, Idempotency::Safe);
        assert_eq!(DELETE.idempotency, Idempotency::Idempotent);
    }
}
