use std::path::Path;

use erplink::receive::Opened;
use erplink::wecom::WeCom;
use erplink_sandbox::Sandbox;
use erplink_sandbox::wecom::Callback;
use erplink_sync::{Runner, SqliteStore};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{Failure, WeComSettings};

/// Where a WeCom example plays: in the sandbox, or against the systems of a configuration file.
#[derive(Debug)]
pub struct Office {
    settings: WeComSettings,
    sandbox: Option<Sandbox>,
}

impl Office {
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
            [] => Self::sandbox_office().await,
            [flag, file] if flag == "--config" => {
                Ok(Self { settings: WeComSettings::read(Path::new(file))?, sandbox: None })
            }
            _ => Err("usage: [--config FILE]; without it everything runs in the sandbox".into()),
        }
    }

    async fn sandbox_office() -> Result<Self, Failure> {
        let sandbox = Box::pin(Sandbox::start()).await?;
        let (b1, wecom) = (sandbox.b1(), sandbox.wecom());
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
            "wecom": {
                "corp_id": wecom.corp_id(),
                "secret": wecom.secret(),
                "api_base": wecom.url(),
            },
            "callback": {
                "token": "sandboxToken123",
                "aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
            },
            "draft_template": wecom.template_id("采购申请草稿审批")?,
            "document_template": wecom.template_id("采购申请审批")?,
        }))?;
        Ok(Self { settings, sandbox: Some(sandbox) })
    }

    /// Addresses, accounts, templates.
    #[must_use]
    pub fn settings(&self) -> &WeComSettings {
        &self.settings
    }

    /// The sandbox with its people; `None` against real systems, where real people act.
    #[must_use]
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// The ledger: what became of each document. In the sandbox it goes away with the office.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn ledger(&self) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open(&self.settings.ledger).await?)
    }

    /// The app with its callback (接收消息).
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn app(&self) -> Result<WeCom, Failure> {
        let client = wecom::Client::from_config(&self.settings.wecom)?;
        let keys = &self.settings.callback;
        let (token, aes_key) = (keys.token.clone(), keys.aes_key.clone());
        let callback = wecom::callback::Callback::new(token, aes_key, client.corp_id())?;
        Ok(WeCom::new(client).callback(callback))
    }

    /// Serves the receiver of WeCom's pushes, and tells the sandbox's WeCom where it is.
    ///
    /// # Errors
    /// When the address is taken, or WeCom's check of it fails.
    pub async fn serve(&self, receivers: Opened) -> Result<(), Failure> {
        let listener = TcpListener::bind(self.settings.listen).await?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}{}", receivers.paths.join(", "));
        println!("WeCom's pushes go to {url}");
        tokio::spawn(async move { axum::serve(listener, receivers.routes).await });
        if let Some(sandbox) = &self.sandbox {
            let keys = &self.settings.callback;
            let callback = Callback::new(url, keys.token.expose(), keys.aes_key.expose());
            Box::pin(sandbox.wecom().configure_callback(callback)).await?;
        }
        Ok(())
    }

    /// Runs the flows until the play in the sandbox is over, or until Ctrl-C.
    ///
    /// # Errors
    /// Those of the play.
    pub async fn run(
        &self,
        runner: &Runner,
        play: impl AsyncFnOnce(&Sandbox) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut played = Ok(());
        let until = async {
            match &self.sandbox {
                Some(sandbox) => played = play(sandbox).await,
                None => drop(tokio::signal::ctrl_c().await),
            }
        };
        runner.run_until(until).await;
        played
    }
}

impl Drop for Office {
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
