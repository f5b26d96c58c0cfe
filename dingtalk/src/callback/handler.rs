//! Whoever takes the events, however they came.

use std::future::Future;

use async_trait::async_trait;

use super::Event;

/// Why a handler could not take an event. Logged; the platform is asked to push again.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Takes events, of HTTP pushes and of Stream mode alike. Every
/// `async fn(Event) -> Result<(), HandlerError>` is one.
///
/// **Be quick**: DingTalk waits about a second for the answer to an HTTP push. Store the event,
/// return, work later.
#[async_trait]
pub trait EventHandler: Send + Sync + 'static {
    /// Stores an event. `check_url` never gets here.
    ///
    /// # Errors
    /// Anything: the platform is told that it failed (HTTP 500, `LATER` in Stream mode) and pushes
    /// the event again.
    async fn handle(&self, event: Event) -> Result<(), HandlerError>;
}

#[async_trait]
impl<F, Fut> EventHandler for F
where
    F: Fn(Event) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    async fn handle(&self, event: Event) -> Result<(), HandlerError> {
        self(event).await
    }
}
