//! DingTalk (钉钉).

use std::sync::Arc;

use axum::Router;

use crate::server::Server;
use crate::{Clock, Error, management as shared};

/// Where the simulated DingTalk listens.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port of the new API; 0: any free one.
    pub api_port: u16,
    /// Port of the old API (`oapi`); 0: any free one.
    pub oapi_port: u16,
}

/// A running simulated DingTalk. Clones share it.
#[derive(Clone, Debug)]
pub struct DingTalk {
    api: Arc<Server>,
    oapi: Arc<Server>,
}

impl DingTalk {
    /// Starts both servers.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when a port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let api = Server::start(options.api_port, clock.clone(), |_| Router::new()).await?;
        let oapi = Server::start(options.oapi_port, clock, |_| Router::new()).await?;
        Ok(Self { api: Arc::new(api), oapi: Arc::new(oapi) })
    }

    /// Base URL of the new API.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.api.url()
    }

    /// Base URL of the old API.
    #[must_use]
    pub fn oapi_url(&self) -> String {
        self.oapi.url()
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> serde_json::Value {
        serde_json::json!({ "api_url": self.api_url(), "oapi_url": self.oapi_url() })
    }
}

/// The routes below `/dingtalk` of the management port.
pub fn management(dingtalk: DingTalk) -> Router {
    let api = shared::server(dingtalk.api.faults().clone(), dingtalk.api.calls().clone());
    let oapi = shared::server(dingtalk.oapi.faults().clone(), dingtalk.oapi.calls().clone());
    Router::new().nest("/api", api).nest("/oapi", oapi)
}
