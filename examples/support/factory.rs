use blacklake_mes::callback::Callback;
use erplink::mes::Mes;
use erplink::receive::{self, Receiver};
use erplink_sandbox::Sandbox;
use erplink_sandbox::mes;
use erplink_sandbox::servicelayer::ServiceLayer;
use erplink_sync::{Flow, MemoryStore, Runner};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Failure;

/// A company of the sandbox with an ERP and a factory, where the MES examples play.
#[derive(Debug)]
pub struct Factory {
    sandbox: Sandbox,
    /// The ERP.
    pub b1: b1_servicelayer::Client,
    /// The MES.
    pub mes: Mes,
}

/// The key (回调内容密钥) that the MES's portal shows.
const CALLBACK_KEY: &str = "demo-callback-content-key";

impl Factory {
    /// Its name (账套), a key of the ledger.
    pub const NAME: &str = "SBODEMOCN";
    /// The production order that is released: 100 机箱. Its work order has the same number.
    pub const ORDER: &str = "1";

    /// Opens it.
    ///
    /// # Errors
    /// When the machine has no free port.
    pub async fn open() -> Result<Self, Failure> {
        let sandbox = Box::pin(Sandbox::start()).await?;
        let (b1, mes) = (sandbox.b1(), sandbox.mes());
        let mes = blacklake_mes::Client::builder(mes.url(), mes.app_key(), mes.app_secret())
            .factory_number(mes.factory_number())
            .rate(200, 200) // the sandbox's quota is not a real one's
            .build()?;
        let mes = Mes::new(mes).callback(Callback::new(CALLBACK_KEY));
        let b1 = b1_servicelayer::Client::builder(b1.root_url())
            .company_db(b1.company_db())
            .credentials(b1.user(), b1.password())
            .build()?;
        Ok(Self { sandbox, b1, mes })
    }

    /// The people of the shop floor, and what they see.
    #[must_use]
    pub fn people(&self) -> &mes::Mes {
        self.sandbox.mes()
    }

    /// The ERP as its users see it.
    #[must_use]
    pub fn erp(&self) -> &ServiceLayer {
        self.sandbox.b1()
    }

    /// Documents of a set that were made of this id of the MES.
    ///
    /// # Errors
    /// When there is no such set.
    pub fn booked(&self, set: &str, id: &str) -> Result<Vec<Value>, Failure> {
        let all = self.erp().list(set)?;
        Ok(all.into_iter().filter(|document| document["NumAtCard"] == id).collect())
    }

    /// A runner for a flow. Its memory ends with the example; a program keeps it in a file.
    ///
    /// # Errors
    /// When the flow's numbers do not fit one another.
    pub fn runner(&self, flow: Flow) -> Result<Runner, Failure> {
        Ok(Runner::builder(MemoryStore::default()).flow(flow).build()?)
    }

    /// Serves the receiver of a flow, and saves its address in the MES's portal, which checks it.
    ///
    /// # Errors
    /// When the machine has no free port.
    pub async fn serve(&self, receiver: Receiver, runner: &Runner) -> Result<(), Failure> {
        let path = receiver.path().to_owned();
        let opened = receive::open(vec![receiver], runner)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}{path}", listener.local_addr()?);
        println!("the MES pushes to {url}");
        tokio::spawn(async move { axum::serve(listener, opened.routes).await });
        Ok(Box::pin(self.people().configure_callback(&url, CALLBACK_KEY)).await?)
    }
}
