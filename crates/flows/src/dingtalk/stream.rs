use std::time::Duration;

use dingtalk::Client;
use dingtalk::callback::EventHandler;
use tracing::error;

/// How long to wait after what only a person can mend.
const PAUSE: Duration = Duration::from_secs(60);

/// Receives in Stream mode (Stream 模式) until it is dropped.
///
/// The listener connects again by itself. It ends where that cannot help, such as with a secret
/// that is refused; somebody may give the secret back in the console, so it is tried again.
/// Decisions of the time without a connection come from the reconciliation of their flows.
pub(super) async fn listen(client: Client, handler: impl EventHandler + Clone) {
    loop {
        let listener = client.stream().on_event(handler.clone());
        if let Err(problem) = listener.run(std::future::pending()).await {
            let wait = PAUSE.as_secs();
            error!("no events of DingTalk, trying again in {wait} s: {problem}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
