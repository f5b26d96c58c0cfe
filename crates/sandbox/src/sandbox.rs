//! All systems together over one clock.

use axum::Router;

use crate::barcode::{self, Barcode};
use crate::diapi::{self, DiApi};
use crate::dingtalk::{self, DingTalk};
use crate::easst::{self, Easst};
use crate::ecology::{self, Ecology};
use crate::eteams::{self, Eteams};
use crate::jdy::{self, Jdy};
use crate::mes::{self, Mes};
use crate::piaozone::{self, Piaozone};
use crate::plm::{self, Plm};
use crate::server::Server;
use crate::servicelayer::{self, ServiceLayer};
use crate::wecom::{self, WeCom};
use crate::{Clock, Error, management};

/// All simulated systems, running. Dropping it stops them, unless a clone of a handle lives on.
#[derive(Debug)]
pub struct Sandbox {
    clock: Clock,
    b1: ServiceLayer,
    diapi: DiApi,
    dingtalk: DingTalk,
    easst: Easst,
    ecology: Ecology,
    jdy: Jdy,
    eteams: Eteams,
    mes: Mes,
    piaozone: Piaozone,
    wecom: WeCom,
    plm: Plm,
    barcode: Barcode,
    management: Server,
}

impl Sandbox {
    /// Starts all systems on free ports.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the machine has no free port, [`Error::Store`] when the database of a
    /// simulator cannot be set up.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Starts them with options of your own.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The time all systems share.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// SAP Business One Service Layer.
    #[must_use]
    pub fn b1(&self) -> &ServiceLayer {
        &self.b1
    }

    /// The DI API service beside SAP Business One, over the same company.
    #[must_use]
    pub fn diapi(&self) -> &DiApi {
        &self.diapi
    }

    /// DingTalk (钉钉).
    #[must_use]
    pub fn dingtalk(&self) -> &DingTalk {
        &self.dingtalk
    }

    /// 千里聆 (easst), the recognition of invoices (发票识别).
    #[must_use]
    pub fn easst(&self) -> &Easst {
        &self.easst
    }

    /// 泛微 e-cology (Ecology OA).
    #[must_use]
    pub fn ecology(&self) -> &Ecology {
        &self.ecology
    }

    /// Weaver eteams (泛微 eteams, E10).
    #[must_use]
    pub fn eteams(&self) -> &Eteams {
        &self.eteams
    }

    /// Kingdee JDY (精斗云).
    #[must_use]
    pub fn jdy(&self) -> &Jdy {
        &self.jdy
    }

    /// Blacklake MES (黑湖).
    #[must_use]
    pub fn mes(&self) -> &Mes {
        &self.mes
    }

    /// Kingdee Piaozone (发票云), with an EAS beside it.
    #[must_use]
    pub fn piaozone(&self) -> &Piaozone {
        &self.piaozone
    }

    /// WeCom (企业微信).
    #[must_use]
    pub fn wecom(&self) -> &WeCom {
        &self.wecom
    }

    /// Tianyu PLM (天喻 PLM), which pushes to an address of yours.
    #[must_use]
    pub fn plm(&self) -> &Plm {
        &self.plm
    }

    /// The barcode application (条码应用), whose scanners call addresses of yours.
    #[must_use]
    pub fn barcode(&self) -> &Barcode {
        &self.barcode
    }

    /// Base URL of the management port.
    #[must_use]
    pub fn management_url(&self) -> String {
        self.management.url()
    }
}

/// Options of a [`Sandbox`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    b1: servicelayer::Options,
    diapi: diapi::Options,
    dingtalk: dingtalk::Options,
    easst: easst::Options,
    ecology: ecology::Options,
    jdy: jdy::Options,
    eteams: eteams::Options,
    mes: mes::Options,
    piaozone: piaozone::Options,
    wecom: wecom::Options,
    management_port: u16,
}

impl Builder {
    /// How the simulated Service Layer behaves, its port included.
    #[must_use]
    pub fn b1(mut self, options: servicelayer::Options) -> Self {
        self.b1 = options;
        self
    }

    /// How the simulated DI API service behaves, its port included.
    #[must_use]
    pub fn diapi(mut self, options: diapi::Options) -> Self {
        self.diapi = options;
        self
    }

    /// How the simulated DingTalk behaves, its ports included.
    #[must_use]
    pub fn dingtalk(mut self, options: dingtalk::Options) -> Self {
        self.dingtalk = options;
        self
    }

    /// How the simulated 千里聆 behaves, its port included.
    #[must_use]
    pub fn easst(mut self, options: easst::Options) -> Self {
        self.easst = options;
        self
    }

    /// How the simulated Ecology behaves, its port included.
    #[must_use]
    pub fn ecology(mut self, options: ecology::Options) -> Self {
        self.ecology = options;
        self
    }

    /// How the simulated eteams behaves, its port included.
    #[must_use]
    pub fn eteams(mut self, options: eteams::Options) -> Self {
        self.eteams = options;
        self
    }

    /// How the simulated JDY behaves, its port included.
    #[must_use]
    pub fn jdy(mut self, options: jdy::Options) -> Self {
        self.jdy = options;
        self
    }

    /// How the simulated MES behaves, its port included.
    #[must_use]
    pub fn mes(mut self, options: mes::Options) -> Self {
        self.mes = options;
        self
    }

    /// How the simulated Piaozone behaves, its ports included.
    #[must_use]
    pub fn piaozone(mut self, options: piaozone::Options) -> Self {
        self.piaozone = options;
        self
    }

    /// How the simulated WeCom behaves, its port included.
    #[must_use]
    pub fn wecom(mut self, options: wecom::Options) -> Self {
        self.wecom = options;
        self
    }

    /// Port of the management interface; 0 (the default): any free one.
    #[must_use]
    pub fn management_port(mut self, port: u16) -> Self {
        self.management_port = port;
        self
    }

    /// Starts all systems.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when a port is taken, [`Error::Store`] when the database of a simulator
    /// cannot be set up.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let clock = Clock::new();
        let b1 = ServiceLayer::start(clock.clone(), self.b1).await?;
        let diapi = DiApi::start(clock.clone(), b1.clone(), self.diapi).await?;
        let dingtalk = DingTalk::start(clock.clone(), self.dingtalk).await?;
        let easst = Easst::start(clock.clone(), self.easst).await?;
        let ecology = Ecology::start(clock.clone(), self.ecology).await?;
        let jdy = Jdy::start(clock.clone(), self.jdy).await?;
        let eteams = Eteams::start(clock.clone(), self.eteams).await?;
        let mes = Mes::start(clock.clone(), self.mes).await?;
        let piaozone = Piaozone::start(clock.clone(), self.piaozone).await?;
        let wecom = WeCom::start(clock.clone(), self.wecom).await?;
        let (plm, barcode) = (Plm::new(clock.clone()), Barcode::new(clock.clone()));
        let routes = Router::new()
            .merge(management::clock(clock.clone()))
            .nest("/b1", servicelayer::management(b1.clone()))
            .nest("/diapi", diapi::management(diapi.clone()))
            .nest("/dingtalk", dingtalk::management(dingtalk.clone()))
            .nest("/easst", easst::management(easst.clone()))
            .nest("/ecology", ecology::management(ecology.clone()))
            .nest("/jdy", jdy::management(jdy.clone()))
            .nest("/eteams", eteams::management(eteams.clone()))
            .nest("/mes", mes::management(mes.clone()))
            .nest("/piaozone", piaozone::management(piaozone.clone()))
            .nest("/wecom", wecom::management(wecom.clone()))
            .nest("/plm", plm::management(plm.clone()))
            .nest("/barcode", barcode::management(barcode.clone()))
            .fallback(management::no_such_route);
        let management = Server::start(self.management_port, clock.clone(), |_| routes).await?;
        Ok(Sandbox {
            clock,
            b1,
            diapi,
            dingtalk,
            easst,
            ecology,
            eteams,
            jdy,
            mes,
            piaozone,
            wecom,
            plm,
            barcode,
            management,
        })
    }
}
