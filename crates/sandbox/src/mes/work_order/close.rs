//! `POST …/work_order/batch_close`: some may fail, and the answer is a success all the same.

use super::{Status, WorkOrder};
use crate::mes::execution::shop;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

pub(in crate::mes) const V1: &[&str] = &["operateReason", "workOrderCloseType", "workOrderIdList"];
pub(in crate::mes) const V2: &[&str] =
    &["operateReason", "workOrderCloseType", "workOrderIdList", "workOrderCodeList"];

pub(in crate::mes) fn batch(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let kind = fields.required_int("workOrderCloseType")?;
    if !matches!(kind, 1 | 2) {
        return Err(fields.invalid("workOrderCloseType", "只能为1(正常关闭)或2(异常关闭)"));
    }
    let ids = fields.ints("workOrderIdList")?;
    // The ids win over the codes.
    let codes = if ids.is_empty() { fields.texts("workOrderCodeList")? } else { Vec::new() };
    if ids.is_empty() && codes.is_empty() {
        return Err(fields.absent("workOrderIdList"));
    }
    let named = codes.into_iter().map(|code| (world.work_order_coded(code).map(|o| o.id), code));
    let named: Vec<_> = named.collect();
    let wanted = ids.into_iter().map(|id| (Some(id), "")).chain(named);
    let (mut closed, mut failures) = (0, Vec::new());
    for (id, name) in wanted {
        let order = id.and_then(|id| world.work_orders.get(&id));
        let reason = match order {
            None => Some("工单不存在".to_owned()),
            Some(order) => obstacle(world, order, kind),
        };
        match (id, reason) {
            (Some(id), None) => {
                shop::close(world, id, kind, request.at())?;
                closed += 1;
            }
            (id, reason) => failures.push(object! {
                "workOrderId": id,
                "workOrderCode": order.map_or(name, |order| order.code.as_str()),
                "failedReason": reason,
            }),
        }
    }
    let failed = i64::try_from(failures.len()).unwrap_or(i64::MAX);
    Ok(object! {"successAmount": closed, "failAmount": failed, "failResults": failures}.into())
}

/// Why an order cannot be closed.
pub(in crate::mes) fn obstacle(world: &World, order: &WorkOrder, kind: i64) -> Option<String> {
    if let Some(reason) = &order.hold {
        return Some(reason.clone());
    }
    match order.status {
        Status::Closed => Some("工单已关闭".to_owned()),
        Status::Executing if kind == 1 && !world.quirks.close_while_executing => {
            Some("存在执行中的任务".to_owned())
        }
        _ => None,
    }
}
