//! Tianyu PLM (天喻 PLM), as far as it shows: it pushes approved items, bills of material and routings
//! to an address, and reads the answer as its target interface (目标接口) is set up.
//!
//! ```
//! use erplink_sandbox::plm::{Family, TargetInterface};
//! use serde_json::json;
//!
//! # async fn run(sandbox: &erplink_sandbox::Sandbox, url: &str) -> Result<(), erplink_sandbox::Error> {
//! let plm = sandbox.plm();
//! plm.configure(Family::Item, TargetInterface::new(url).app_code("code-for-the-plm"));
//! let push = plm.push_item(&json!({"ItemCode": "test1234", "ItemName": "item1234"})).await?;
//! assert!(push.is_success(), "{}", push.shown);
//! # Ok(())
//! # }
//! ```

mod management;
mod target;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use target::{BatchShape, TargetInterface};

pub(crate) use management::management;

use crate::caller::{Caller, OnTheirWay};
use crate::{Clock, Error};

/// What is pushed: an object family (对象族) of the PLM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// 物料.
    Item,
    /// 物料清单.
    Bom,
    /// 工艺路线.
    Routing,
}

/// One request of the PLM and what its user saw.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// What was pushed.
    pub family: Family,
    /// When, on the simulated clock.
    pub at: DateTime<Utc>,
    /// What was posted.
    pub body: String,
    /// The HTTP status of the answer, if there was an answer.
    pub http_status: Option<u16>,
    /// The body of the answer.
    pub answer: String,
    /// Whether the PLM takes it for done.
    pub success: bool,
    /// What the user of the PLM saw: the message of the answer, or why there is none.
    pub shown: String,
}

impl Push {
    /// Whether the PLM takes it for done.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.success
    }
}

/// The simulated PLM. Clones are the same PLM.
#[derive(Debug, Clone)]
pub struct Plm {
    clock: Clock,
    caller: Caller,
    on_their_way: OnTheirWay,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    targets: BTreeMap<Family, TargetInterface>,
    pushes: Vec<Push>,
}

impl Plm {
    pub(crate) fn new(clock: Clock) -> Self {
        let (caller, on_their_way) = (Caller::new(), OnTheirWay::new());
        Self { clock, caller, on_their_way, state: Arc::default() }
    }

    /// Sets up the target interface of a family.
    pub fn configure(&self, family: Family, target: TargetInterface) {
        self.state().targets.insert(family, target);
    }

    /// An item (物料) was approved.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] without a target interface. A failed push is none: see [`Push::shown`].
    pub async fn push_item(&self, item: &Value) -> Result<Push, Error> {
        self.push_one(Family::Item, item).await
    }

    /// A bill of material (物料清单) was approved.
    ///
    /// # Errors
    ///
    /// As [`push_item`](Self::push_item).
    pub async fn push_bom(&self, bom: &Value) -> Result<Push, Error> {
        self.push_one(Family::Bom, bom).await
    }

    /// A routing (工艺路线) was approved.
    ///
    /// # Errors
    ///
    /// As [`push_item`](Self::push_item).
    pub async fn push_routing(&self, routing: &Value) -> Result<Push, Error> {
        self.push_one(Family::Routing, routing).await
    }

    async fn push_one(&self, family: Family, row: &Value) -> Result<Push, Error> {
        let mut pushes = self.push(family, std::slice::from_ref(row)).await?;
        pushes.pop().ok_or_else(|| Error::NotFound("no row to push".to_owned()))
    }

    /// Several objects were approved together: one request, or one for each where the target
    /// interface pushes them singly (单条推送).
    ///
    /// # Errors
    ///
    /// As [`push_item`](Self::push_item).
    pub async fn push(&self, family: Family, rows: &[Value]) -> Result<Vec<Push>, Error> {
        let target = self.target(family)?;
        let mut pushes = Vec::new();
        for body in target.bodies(rows) {
            pushes.push(self.send(family, &target, body).await);
        }
        Ok(pushes)
    }

    /// Objects are approved one after the other, while whoever approved does something else; see
    /// [`settled`](Self::settled) and [`pushes`](Self::pushes). Only within a runtime.
    ///
    /// # Errors
    ///
    /// As [`push_item`](Self::push_item), for the first of them.
    pub fn push_later(&self, objects: Vec<(Family, Value)>) -> Result<(), Error> {
        if let Some((family, _)) = objects.first() {
            self.target(*family)?;
        }
        let (plm, on_its_way) = (self.clone(), self.on_their_way.begin());
        tokio::spawn(async move {
            for (family, object) in objects {
                drop(plm.push_one(family, &object).await);
            }
            drop(on_its_way);
        });
        Ok(())
    }

    /// Waits until nothing is on its way.
    pub async fn settled(&self) {
        self.on_their_way.none().await;
    }

    fn target(&self, family: Family) -> Result<TargetInterface, Error> {
        self.state()
            .targets
            .get(&family)
            .cloned()
            .ok_or_else(|| Error::NotFound(format!("no target interface is set up for {family:?}")))
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn pushes(&self) -> Vec<Push> {
        self.state().pushes.clone()
    }

    async fn send(&self, family: Family, target: &TargetInterface, body: String) -> Push {
        let at = self.clock.now();
        let headers = target.headers();
        let answered =
            self.caller.post(target.url(), headers, body.clone(), target.deadline()).await;
        let push = match answered {
            Err(why) => Push {
                family,
                at,
                body,
                http_status: None,
                answer: String::new(),
                success: false,
                shown: why,
            },
            Ok((status, answer)) => {
                let (success, shown) = target.judge(&answer);
                Push { family, at, body, http_status: Some(status), answer, success, shown }
            }
        };
        self.state().pushes.push(push.clone());
        push
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
