use std::path::Path;
use std::time::Duration;

use erplink::receive::Opened;
use erplink_sandbox::Sandbox;
use erplink_sandbox::dingtalk::{Callback, StreamSubscription};
use erplink_sync::SqliteStore;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{Failure, Settings};

/// Where an example plays: in the sandbox, or against the systems of a configuration file.
#[derive(Debug)]
pub struct Stage {
    settings: Settings,
    sandbox: Option<Sandbox>,
}

impl Stage {
    /// Takes `--config FILE` from the command line; without it, starts the sandbox.
    ///
    /// # Errors
    /// When the arguments or the file are wrong, or the machine has no free port.
    pub async fn from_args() -> Result<Self, Failure> {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
        let args: Vec<String> = std::env::args().skip(1).collect();
        match args.as_slice() {
            [] => Self::sandbox_stage().await,
            [flag, file] if flag == "--config" => {
                Ok(Self { settings: Settings::read(Path::new(file))?, sandbox: None })
            }
            _ => Err("usage: [--config FILE]; without it everything runs in the sandbox".into()),
        }
    }

    async fn sandbox_stage() -> Result<Self, Failure> {
        let sandbox = Box::pin(Sandbox::start()).await?;
        let (b1, dingtalk) = (sandbox.b1(), sandbox.dingtalk());
        // The same shape as the file: the sandbox takes no shortcut through the clients.
        let settings = serde_json::from_value(json!({
            "listen": "127.0.0.1:0",
            "ledger": std::env::temp_dir().join(format!("erplink-example-{}", std::process::id())),
            "b1": {
                "root": b1.root_url(),
                "company_db": b1.company_db(),
                "user": b1.user(),
                "password": b1.password(),
                "language": 15,
            },
            "dingtalk": {
                "client_id": dingtalk.client_id(),
                "client_secret": dingtalk.client_secret(),
                "agent_id": dingtalk.agent_id(),
                "api_base": dingtalk.api_url(),
                "oapi_base": dingtalk.oapi_url(),
            },
            "callback": {
                "token": "sandboxToken123",
                "aes_key": "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus",
            },
            "purchase": { "process_code": dingtalk.process_code("采购申请")? },
            "quotation": {
                "process_codes":
                    [dingtalk.process_code("业务报价")?, dingtalk.process_code("采购核价明细")?],
            },
        }))?;
        Ok(Self { settings, sandbox: Some(sandbox) })
    }

    /// Addresses, accounts, forms.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The sandbox with its people; `None` against real systems, where real people act.
    #[must_use]
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// How long the sandbox may take for a step.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// The ledger: what became of each document. In the sandbox it goes away with the stage.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn ledger(&self) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open(&self.settings.ledger).await?)
    }

    /// Serves the receiver of DingTalk's pushes, and tells the sandbox's DingTalk where it is: at an
    /// address, or behind a Stream connection.
    ///
    /// # Errors
    /// When the address is taken, or DingTalk's check of it fails.
    pub async fn serve(&self, receivers: Opened) -> Result<(), Failure> {
        let by_stream = !receivers.connections.is_empty();
        for connection in receivers.connections {
            tokio::spawn(connection);
        }
        if by_stream {
            println!("DingTalk's pushes come over a connection of ours");
            if let Some(sandbox) = &self.sandbox {
                sandbox.dingtalk().subscribe_stream(StreamSubscription::default());
            }
            return Ok(());
        }
        let listener = TcpListener::bind(self.settings.listen).await?;
        let address = listener.local_addr()?;
        let path = receivers.paths.join(", ");
        println!("DingTalk's pushes go to http://{address}{path}");
        tokio::spawn(async move { axum::serve(listener, receivers.routes).await });
        if let Some(sandbox) = &self.sandbox {
            let callback = self.settings.callback()?;
            let (token, aes_key) = (callback.token.expose(), callback.aes_key.expose());
            let url = format!("http://{address}{path}");
            sandbox.dingtalk().configure_callback(Callback::new(url, token, aes_key)).await?;
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.sandbox.is_none() {
            return;
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut file = self.settings.ledger.clone().into_os_string();
            file.push(suffix);
            drop(std::fs::remove_file(file));
        }
    }
}

/// Looks again and again until it is so.
///
/// # Errors
/// When it is not so after [`Stage::PATIENCE`], or looking fails.
pub async fn wait_for(
    mut is_so: impl AsyncFnMut() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let deadline = tokio::time::Instant::now() + Stage::PATIENCE;
    while !is_so().await? {
        if tokio::time::Instant::now() > deadline {
            return Err("the sandbox waited in vain for a document".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
