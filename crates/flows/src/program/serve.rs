use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::info;

use super::{Failure, store};
use crate::config::Config;
use crate::receive;

/// Runs everything until Ctrl-C; what is in flight is finished.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let (runner, receivers) = config.compose()?.runner(store(config).await?);
    let runner = runner.build()?;
    let opened = receive::open(receivers, &runner)?;
    let app = opened.routes.route("/health", get(|| async { "ok" }));
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    info!("listening on {}: {}", listener.local_addr()?, opened.paths.join(", "));
    let mut beside = JoinSet::new();
    for connection in opened.connections {
        beside.spawn(connection);
    }
    beside.spawn(async move { drop(axum::serve(listener, app).await) });
    runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
    beside.shutdown().await;
    Ok(())
}
