use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use erplink_sync::Runner;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::{error, info};

use super::{Failure, metrics, store};
use crate::config::Config;
use crate::receive;

/// Runs everything until it is told to stop; what is in flight is finished.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let (builder, receivers) = config.compose()?.runner(store(config).await?);
    let runner = builder.build()?;
    let opened = receive::open(receivers, &runner)?;
    let app = opened.routes.merge(watch(&runner));
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    info!(pushes = ?opened.paths, "listening on {}", listener.local_addr()?);
    let mut beside = JoinSet::new();
    for connection in opened.connections {
        beside.spawn(connection);
    }
    beside.spawn(async move {
        if let Err(problem) = axum::serve(listener, app).await {
            error!("the port is closed: {problem}");
        }
    });
    // Pushes are taken until the last document in flight is finished: they are only stored.
    runner.run_until(stop()).await;
    beside.shutdown().await;
    info!("stopped");
    Ok(())
}

/// `/health`: the program is there. `/ready`: it can work. `/metrics`: how it does.
fn watch(runner: &Runner) -> Router {
    let (ready, figures) = (runner.clone(), runner.clone());
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/ready", get(move || async move { metrics::ready(&ready).await }))
        .route(
            "/metrics",
            get(move || async move {
                let text = metrics::metrics(&figures).await;
                text.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
            }),
        )
}

/// Ctrl-C, or what a service manager sends.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
                return;
            }
            Err(problem) => error!("only Ctrl-C stops the program: {problem}"),
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
