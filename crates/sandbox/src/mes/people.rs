//! What people do in the MES: planners dispatch, pause, finish and close orders; workers report and
//! feed; engineers keep materials.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::execution::entry::{Feed, Report};
use super::execution::{reports, shop};
use super::refusal::{Refusal, SubCode};
use super::work_order::{close, detail};
use super::world::{World, millis};
use super::{Mes, execution};
use crate::Error;
use crate::servicelayer::json::Object;

impl Mes {
    fn on_order<T>(
        &self,
        code: &str,
        act: impl FnOnce(&mut World, i64, i64) -> Result<T, Refusal>,
    ) -> Result<T, Error> {
        self.platform.act(|world, now| {
            let order = world.work_order_coded(code).ok_or_else(|| missing("work order", code))?.id;
            act(world, order, millis(now)).map_err(refused)
        })
    }

    /// A planner dispatches an order (下发): every operation gets a task.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such order, [`Error::Refused`] when its state forbids it.
    pub fn dispatch(&self, work_order: &str) -> Result<(), Error> {
        self.on_order(work_order, |world, order, at| shop::dispatch(world, order, at).map(drop))
    }

    /// A worker reports production (报工), and the callback hears of it. `report` is a quantity, or a
    /// [`Report`]. An order that nobody dispatched is dispatched first.
    ///
    /// Returns `id` of the row in the report list; 0 for a report that [`Report::fails`].
    ///
    /// # Errors
    ///
    /// As for [`Mes::dispatch`]; also when there is no such operation.
    pub fn report(&self, work_order: &str, report: impl Into<Report>) -> Result<i64, Error> {
        let report = report.into();
        self.on_order(work_order, |world, order, at| {
            shop::report(world, order, &report, at).map(Option::unwrap_or_default)
        })
    }

    /// A worker feeds a component (投料), and the callback hears of it. `feed` is a quantity, or a
    /// [`Feed`].
    ///
    /// Returns `feedRecordDetailId`; 0 for a feeding that [`Feed::fails`].
    ///
    /// # Errors
    ///
    /// As for [`Mes::dispatch`]; also when the material is no component of the order.
    pub fn feed(
        &self,
        work_order: &str,
        material: &str,
        feed: impl Into<Feed>,
    ) -> Result<i64, Error> {
        let feed = feed.into();
        self.on_order(work_order, |world, order, at| {
            shop::feed(world, order, material, &feed, at).map(Option::unwrap_or_default)
        })
    }

    /// A worker takes a feeding back (投料撤回), whole or in part. Returns the id of the withdrawal.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when there is no such feeding, or less is left of it.
    pub fn retract(&self, feed_record_detail_id: i64, quantity: Decimal) -> Result<i64, Error> {
        self.platform.act(|world, now| {
            let outcome = shop::retract(world, feed_record_detail_id, quantity, millis(now));
            outcome.map_err(refused)
        })
    }

    /// A planner ends an order (结束), with its tasks.
    ///
    /// # Errors
    ///
    /// As for [`Mes::dispatch`].
    pub fn finish(&self, work_order: &str) -> Result<(), Error> {
        self.on_order(work_order, shop::finish)
    }

    /// A planner closes an order (关闭), normally (close type 1).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such order, [`Error::Refused`] for the reasons for which
    /// `batch_close` fails.
    pub fn close(&self, work_order: &str) -> Result<(), Error> {
        self.on_order(work_order, |world, order, at| {
            match close::obstacle(world, world.work_order(order)?, 1) {
                Some(reason) => Err(Refusal::state(reason)),
                None => shop::close(world, order, 1, at),
            }
        })
    }

    /// A planner pauses an order (暂停): nothing can be reported or fed.
    ///
    /// # Errors
    ///
    /// As for [`Mes::dispatch`].
    pub fn pause(&self, work_order: &str) -> Result<(), Error> {
        self.on_order(work_order, |world, order, at| shop::pause(world, order, true, at))
    }

    /// A planner lets a paused order go on.
    ///
    /// # Errors
    ///
    /// As for [`Mes::dispatch`].
    pub fn resume(&self, work_order: &str) -> Result<(), Error> {
        self.on_order(work_order, |world, order, at| shop::pause(world, order, false, at))
    }

    /// Something keeps an order open: closing it fails with this reason.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such order.
    pub fn hold(&self, work_order: &str, reason: &str) -> Result<(), Error> {
        self.set_hold(work_order, Some(reason.to_owned()))
    }

    /// Takes back what [`Mes::hold`] did.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such order.
    pub fn release(&self, work_order: &str) -> Result<(), Error> {
        self.set_hold(work_order, None)
    }

    fn set_hold(&self, work_order: &str, hold: Option<String>) -> Result<(), Error> {
        self.on_order(work_order, |world, order, _| {
            world.work_order_mut(order)?.hold = hold;
            Ok(())
        })
    }

    /// An engineer stops a material (停用): orders cannot use it any more.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such material.
    pub fn stop_material(&self, code: &str) -> Result<(), Error> {
        self.switch_material(code, false)
    }

    /// An engineer enables a material again (启用).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such material.
    pub fn start_material(&self, code: &str) -> Result<(), Error> {
        self.switch_material(code, true)
    }

    fn switch_material(&self, code: &str, on: bool) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let material = world.materials.values_mut().find(|material| material.code == code);
            let material = material.ok_or_else(|| missing("material", code))?;
            material.enabled = on;
            material.updated_at = millis(now);
            Ok(())
        })
    }

    /// A material as the list shows it, and the last import of it (`written`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such material.
    pub fn material(&self, code: &str) -> Result<Value, Error> {
        self.platform.look(|world, _| {
            let material = world.material_coded(code).ok_or_else(|| missing("material", code))?;
            Ok(to_value(&material.row(world).with("written", material.written.clone())))
        })
    }

    /// Codes of all materials.
    #[must_use]
    pub fn materials(&self) -> Vec<String> {
        self.platform
            .look(|world, _| world.materials.values().map(|one| one.code.clone()).collect())
    }

    /// A work order as its detail shows it; its products and components with what was reported and
    /// fed (`outputs`, `inputs`), and its `processes`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such order.
    pub fn work_order(&self, code: &str) -> Result<Value, Error> {
        self.platform.look(|world, _| {
            let order = world.work_order_coded(code).ok_or_else(|| missing("work order", code))?;
            let shown = detail::header(world, order)
                .with("outputs", detail::output_rows(world, order))
                .with("inputs", detail::input_rows(world, order))
                .with("processes", detail::process_rows(order));
            Ok(to_value(&shown))
        })
    }

    /// Codes of all work orders.
    #[must_use]
    pub fn work_orders(&self) -> Vec<String> {
        self.platform
            .look(|world, _| world.work_orders.values().map(|order| order.code.clone()).collect())
    }

    /// All production reports as the list shows them, oldest first.
    #[must_use]
    pub fn reports(&self) -> Vec<Value> {
        self.platform.look(|world, _| {
            world.reports.iter().map(|report| to_value(&reports::row(world, report))).collect()
        })
    }

    /// `feedRecordDetailId`, code of the order and of the material, and amount of every feeding.
    #[must_use]
    pub fn feedings(&self) -> Vec<Value> {
        self.platform.look(|world, _| {
            world.feedings.iter().map(|feeding| feeding_line(world, feeding)).collect()
        })
    }

    /// Waits until there is a work order with this code.
    pub async fn wait_for_work_order(&self, code: &str) {
        self.platform.wait_for(|world, _| world.work_order_coded(code).map(drop)).await;
    }
}

fn feeding_line(world: &World, feeding: &execution::Feeding) -> Value {
    let order = world.work_orders.get(&feeding.work_order).map(|order| order.code.as_str());
    let material = world.materials.get(&feeding.material).map(|material| material.code.as_str());
    json!({
        "id": feeding.id, "workOrderCode": order, "materialCode": material,
        "amount": feeding.amount.normalize().to_string(),
        "retracted": feeding.retracted.normalize().to_string(),
    })
}

pub(super) fn to_value(object: &Object) -> Value {
    serde_json::from_str(&object.to_string()).unwrap_or(Value::Null)
}

pub(super) fn missing(what: &str, code: &str) -> Error {
    Error::NotFound(format!("the MES has no {what} {code:?}"))
}

pub(super) fn refused(refusal: Refusal) -> Error {
    let code = match refusal.sub_code {
        SubCode::Whole(text) => text,
        SubCode::Name(name) => name.to_owned(),
        SubCode::None => refusal.code.to_string(),
    };
    Error::Refused { system: "the MES", code, message: refusal.message }
}
