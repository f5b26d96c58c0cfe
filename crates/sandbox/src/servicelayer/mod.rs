//! SAP Business One Service Layer.

use std::sync::Arc;

use axum::Router;

use crate::server::Server;
use crate::{Clock, Error, management as shared};

/// How the simulated Service Layer behaves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port; 0: any free one.
    pub port: u16,
}

/// A running simulated Service Layer. Clones share it.
#[derive(Clone, Debug)]
pub struct ServiceLayer {
    server: Arc<Server>,
}

impl ServiceLayer {
    /// Starts the server.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let server = Server::start(options.port, clock, |_| Router::new()).await?;
        Ok(Self { server: Arc::new(server) })
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> serde_json::Value {
        serde_json::json!({ "root_url": self.server.url() })
    }
}

/// The routes below `/b1` of the management port.
pub fn management(b1: ServiceLayer) -> Router {
    shared::server(b1.server.faults().clone(), b1.server.calls().clone())
}
