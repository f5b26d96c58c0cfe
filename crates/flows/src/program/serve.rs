use axum::Router;
use axum::routing::get;
use dingtalk::callback::{Callback, Event, router};
use erplink_sync::Runner;
use tokio::net::TcpListener;
use tracing::info;

use super::{Failure, runner};
use crate::config::{Company, Config};
use crate::dingtalk::Events;

/// Runs everything until Ctrl-C; what is in flight is finished.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let runner = runner(config).await?;
    let mut app = Router::new().route("/health", get(|| async { "ok" }));
    for company in &config.companies {
        app = app.merge(receiver(company, &runner)?);
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    info!("listening on {}", listener.local_addr()?);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
    server.abort();
    Ok(())
}

/// `/COMPANY/dingtalk`: the address for the company's event subscription (事件订阅).
fn receiver(company: &Company, runner: &Runner) -> Result<Router, Failure> {
    let mut events = Events::default();
    for flow in &company.flows {
        let (process_code, decisions) = flow.decisions();
        events = events.form(process_code, runner.inlet(&company.name, &decisions)?);
    }
    let callback = &company.dingtalk.callback;
    let owner = company.systems()?.dingtalk.client_id().to_owned();
    let callback = Callback::new(callback.token.clone(), callback.aes_key.clone(), owner)?;
    let path = format!("/{}/dingtalk", company.name);
    info!("the pushes of company {} go to {path}", company.name);
    Ok(router(&path, callback, move |event: Event| {
        let events = events.clone();
        async move { Ok(events.take(event).await?) }
    }))
}
