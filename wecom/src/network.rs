//! Addresses for firewalls (IP段).

use erplink_core::Idempotency;

use crate::client::{Client, Endpoint, Input};
use crate::error::Result;
use crate::tree::Tree;

const CALLBACK_ADDRESSES: Endpoint = Endpoint::new("GET /cgi-bin/getcallbackip", Idempotency::Safe);
const API_ADDRESSES: Endpoint = Endpoint::new("GET /cgi-bin/get_api_domain_ip", Idempotency::Safe);

impl Client {
    /// `GET /cgi-bin/getcallbackip`: the addresses callbacks come from (获取企业微信回调IP段).
    ///
    /// Entries may end in a wildcard (`101.226.103.*`). They change: ask daily.
    ///
    /// # Errors
    /// As every call.
    pub async fn callback_addresses(&self) -> Result<Vec<String>> {
        self.read(&CALLBACK_ADDRESSES, Input::default(), |answer| {
            Ok(Tree::new(answer).get("ip_list").texts())
        })
        .await
    }

    /// `GET /cgi-bin/get_api_domain_ip`: the addresses of the API itself (获取企业微信接口IP段).
    ///
    /// # Errors
    /// As every call.
    pub async fn api_addresses(&self) -> Result<Vec<String>> {
        self.read(&API_ADDRESSES, Input::default(), |answer| {
            Ok(Tree::new(answer).get("ip_list").texts())
        })
        .await
    }
}
