//! From a configuration file to flows and receivers, as the program does it.

use std::path::{Path, PathBuf};

use axum::Router;
use dingtalk::callback::{Callback, Event, router};
use erplink::config::Config;
use erplink::dingtalk::Events;
use erplink_sync::{Runner, RunnerBuilder};

use crate::Failure;
use crate::systems::{Address, SECRETS};

/// Writes a configuration and the secrets of the sandbox into a folder, with the addresses at
/// which the systems listen now. Returns the path of the configuration.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_config(folder: &Path, text: &str, addresses: &[Address]) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder.join("secrets"))?;
    for (name, secret) in SECRETS {
        std::fs::write(folder.join("secrets").join(name), secret)?;
    }
    let text = addresses
        .iter()
        .fold(text.to_owned(), |text, address| text.replace(address.fixed, &address.now));
    let file = folder.join("erplink.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// All flows of a configuration on one runner, and the receivers of what platforms push.
///
/// # Errors
/// When a setting cannot work.
pub fn compose(config: &Config, builder: RunnerBuilder) -> Result<(Runner, Router), Failure> {
    let mut builder = builder;
    for company in &config.companies {
        for flow in company.flows(&company.systems()?) {
            builder = builder.flow(flow);
        }
    }
    let runner = builder.build()?;
    let mut receivers = Router::new();
    for company in &config.companies {
        let mut events = Events::default();
        for flow in &company.flows {
            let (process_code, decisions) = flow.decisions();
            events = events.form(process_code, runner.inlet(&company.name, &decisions)?);
        }
        let callback = &company.dingtalk.callback;
        let owner = company.systems()?.dingtalk.client_id().to_owned();
        let callback = Callback::new(callback.token.clone(), callback.aes_key.clone(), owner)?;
        let path = format!("/{}/dingtalk", company.name);
        receivers = receivers.merge(router(&path, callback, move |event: Event| {
            let events = events.clone();
            async move { Ok(events.take(event).await?) }
        }));
    }
    Ok((runner, receivers))
}
