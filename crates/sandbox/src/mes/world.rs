//! Everything the simulated platform remembers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::callback::Subscription;
use super::catalog::{Attribute, Category, Named, Route, Unit};
use super::execution::{Feeding, ReportRow, Retraction, Task};
use super::ids::Ids;
use super::limits::{Limits, Meter};
use super::material::Material;
use super::push::{Event, PushLog};
use super::quirks::Quirks;
use super::refusal::Refusal;
use super::tokens::Tokens;
use super::work_order::WorkOrder;

pub(super) struct World {
    pub(super) ids: Ids,
    pub(super) org_id: i64,
    pub(super) tokens: Tokens,
    pub(super) meter: Meter,
    pub(super) limits: Limits,
    pub(super) quirks: Quirks,
    /// Paths that the app was not granted.
    pub(super) revoked: BTreeSet<String>,
    /// Members that the account may not see.
    pub(super) hidden: Vec<String>,
    /// What waits for the next call of a path.
    pub(super) arranged: VecDeque<Arranged>,

    pub(super) units: Vec<Unit>,
    pub(super) categories: Vec<Category>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) warehouses: Vec<Named>,
    pub(super) locations: Vec<Named>,
    pub(super) departments: Vec<Named>,
    pub(super) workers: Vec<Named>,
    /// Definitions of operations (工序).
    pub(super) operations: Vec<Named>,
    /// Routes (工艺路线) by the code of the product.
    pub(super) routes: Vec<Route>,
    pub(super) materials: BTreeMap<i64, Material>,
    pub(super) work_orders: BTreeMap<i64, WorkOrder>,
    pub(super) tasks: BTreeMap<i64, Task>,
    /// In the order in which they were made.
    pub(super) reports: Vec<ReportRow>,
    pub(super) feedings: Vec<Feeding>,
    pub(super) retractions: Vec<Retraction>,

    pub(super) subscription: Option<Subscription>,
    /// Events not yet handed to the pusher.
    pub(super) events: Vec<Event>,
    pub(super) push_log: PushLog,
}

/// What a test arranged for the next call of a path.
#[derive(Debug, Clone)]
pub(super) struct Arranged {
    pub(super) path: String,
    pub(super) what: Arrangement,
}

#[derive(Debug, Clone)]
pub(super) enum Arrangement {
    /// Not carried out.
    Refuse(Refusal),
    /// Carried out; only the answer is a refusal.
    RefuseAfterCommit(Refusal),
    /// Carried out; the answer comes so much later, in real time.
    DelayAfterCommit(Duration),
}

impl World {
    pub(super) fn unit(&self, id: i64) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    pub(super) fn unit_named(&self, name: &str) -> Result<&Unit, Refusal> {
        let unit = self.units.iter().find(|unit| unit.name == name && unit.enabled);
        unit.ok_or_else(|| {
            Refusal::named("UNIT_NOT_EXIST", format!("单位【{name}】不存在或已停用"))
        })
    }

    pub(super) fn material(&self, id: i64) -> Result<&Material, Refusal> {
        self.materials.get(&id).ok_or_else(|| Refusal::missing(format!("物料 {id} 不存在")))
    }

    pub(super) fn material_coded(&self, code: &str) -> Option<&Material> {
        self.materials.values().find(|material| material.code == code)
    }

    /// A material that orders may use.
    pub(super) fn usable_material(&self, code: &str) -> Result<&Material, Refusal> {
        let material = self.material_coded(code);
        material.filter(|material| material.enabled).ok_or_else(|| {
            Refusal::named("MATERIAL_NOT_EXIST", format!("物料【{code}】不存在或已停用"))
        })
    }

    pub(super) fn work_order(&self, id: i64) -> Result<&WorkOrder, Refusal> {
        self.work_orders.get(&id).ok_or_else(|| no_order(&id.to_string()))
    }

    pub(super) fn work_order_mut(&mut self, id: i64) -> Result<&mut WorkOrder, Refusal> {
        self.work_orders.get_mut(&id).ok_or_else(|| no_order(&id.to_string()))
    }

    pub(super) fn work_order_coded(&self, code: &str) -> Option<&WorkOrder> {
        self.work_orders.values().find(|order| order.code == code)
    }

    /// The refusal or delay a test arranged for this call.
    pub(super) fn take_arranged(
        &mut self,
        path: &str,
        wanted: impl Fn(&Arrangement) -> bool,
    ) -> Option<Arrangement> {
        let is_it = |one: &Arranged| path.ends_with(&one.path) && wanted(&one.what);
        let index = self.arranged.iter().position(is_it)?;
        self.arranged.remove(index).map(|one| one.what)
    }
}

pub(super) fn no_order(name: &str) -> Refusal {
    Refusal::missing(format!("工单【{name}】不存在"))
}

/// Epoch milliseconds, as every time of an answer.
pub(super) fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
