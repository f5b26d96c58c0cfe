use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ecology_oa::CubeConfig;
use ecology_oa::callback::{AppCodes, Callback};
use erplink::ecology::Ecology;
use erplink::receive::{self, Receiver};
use erplink_sandbox::Sandbox;
use erplink_sandbox::ecology as oa;
use erplink_sandbox::servicelayer::ServiceLayer;
use erplink_sync::{Flow, MemoryStore, Runner};
use tokio::net::TcpListener;

use crate::Failure;

/// A company of the sandbox with an ERP and an OA, where the OA examples play.
#[derive(Debug)]
pub struct Company {
    sandbox: Sandbox,
    /// The ERP.
    pub b1: b1_servicelayer::Client,
    /// The OA.
    pub oa: Ecology,
}

/// What the OA shows with everything that it posts.
const APP_CODE: &str = "demo-app-code-1";

impl Company {
    /// Its name (账套), a key of the ledger.
    pub const NAME: &str = "SBODEMOCN";
    /// Who starts requests: 张三, purchasing.
    pub const BUYER: &str = "15273";

    /// Opens it.
    ///
    /// # Errors
    /// When the machine has no free port.
    pub async fn open() -> Result<Self, Failure> {
        let sandbox = Box::pin(Sandbox::start()).await?;
        let (b1, oa) = (sandbox.b1(), sandbox.ecology());
        let administrator = oa.user_id("sysadmin")?;
        let cube = CubeConfig::new(oa.cube_systemid(), oa.cube_password(), &administrator);
        let client = ecology_oa::Client::builder(oa.url(), oa.appid())
            .credentials(oa.secret(), oa.spk())
            .user(administrator)
            .cube(cube)
            .build()?;
        let oa = Ecology::new(client).callback(Callback::new(AppCodes::new([APP_CODE])?));
        let b1 = b1_servicelayer::Client::builder(b1.root_url())
            .company_db(b1.company_db())
            .credentials(b1.user(), b1.password())
            .build()?;
        Ok(Self { sandbox, b1, oa })
    }

    /// The people of the OA.
    #[must_use]
    pub fn people(&self) -> &oa::Ecology {
        self.sandbox.ecology()
    }

    /// The ERP as its users see it.
    #[must_use]
    pub fn erp(&self) -> &ServiceLayer {
        self.sandbox.b1()
    }

    /// A runner for flows. Its memory ends with the example; a program keeps it in a file.
    ///
    /// # Errors
    /// When the flows do not fit one another.
    pub fn runner(&self, flows: impl IntoIterator<Item = Flow>) -> Result<Runner, Failure> {
        let builder = Runner::builder(MemoryStore::default());
        Ok(flows.into_iter().fold(builder, |builder, flow| builder.flow(flow)).build()?)
    }

    /// Serves a receiver, and has the OA's administrator post to it (数据外发) what `design` says.
    ///
    /// # Errors
    /// When the machine has no free port.
    pub async fn serve(
        &self,
        receiver: Receiver,
        runner: &Runner,
        design: impl FnOnce(&mut oa::Callback),
    ) -> Result<(), Failure> {
        let path = receiver.path().to_owned();
        let opened = receive::open(vec![receiver], runner)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}{path}", listener.local_addr()?);
        println!("OA posts to {url}");
        tokio::spawn(async move { axum::serve(listener, opened.routes).await });
        let mut callback = oa::Callback::new(url, APP_CODE);
        design(&mut callback);
        Ok(self.people().add_callback(callback)?)
    }
}

/// People act, and read answers, while the flows run.
pub async fn meanwhile<T>(runner: &Runner, people: impl Future<Output = T>) -> T {
    let over = AtomicBool::new(false);
    let people = async {
        let outcome = people.await;
        over.store(true, Ordering::Relaxed);
        outcome
    };
    let rounds = async {
        while !over.load(Ordering::Relaxed) {
            runner.run_once().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::join!(people, rounds).0
}
