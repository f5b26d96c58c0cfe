use async_trait::async_trait;
use blacklake_mes::decisions::{WorkOrderStep, work_order_step};
use blacklake_mes::work_orders::{
    CloseType, Closed, EditInput, EditOutput, InputLine, OutputLine, WorkOrderEdit,
    WorkOrderImport, WorkOrderStatus,
};
use blacklake_mes::{Client, Decimal, work_orders_v2 as v2};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use serde::Deserialize;

use super::{OrderExport, SYSTEM, extras, failure};

/// Which contract of the MES's work orders (工单) is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// The first, which every site has.
    #[default]
    V1,
    /// The second, where the app was granted it.
    V2,
}

/// How a work order is looked for, first contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// By the conversion of codes to ids (编号转ID), as the guide has it. What it answers for a
    /// code that is not there is not documented: any refusal that is about nothing else counts.
    #[default]
    Code,
    /// By the list, and exactly this code.
    List,
}

/// How a work order is changed, first contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateBy {
    /// By the call that edits: amounts and components. What that call cannot carry (days, fields of
    /// the site's own) goes by an import.
    #[default]
    Edit,
    /// By an import, which creates or changes.
    Import,
}

/// Brings the MES in step with a production order: creates its work order, changes it, or closes it.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    mes: Client,
    contract: Contract,
    look_up: LookUp,
    update_by: UpdateBy,
    create_cancelled: bool,
    close_reason: String,
}

/// A work order that the MES has.
struct Known {
    status: WorkOrderStatus,
    start: Option<DateTime<Utc>>,
    finish: Option<DateTime<Utc>>,
    id: blacklake_mes::id::WorkOrderId,
}

impl ExportOrder {
    /// In this MES.
    #[must_use]
    pub fn new(mes: Client) -> Self {
        Self {
            mes,
            contract: Contract::default(),
            look_up: LookUp::default(),
            update_by: UpdateBy::default(),
            create_cancelled: false,
            close_reason: "ERP取消".to_owned(),
        }
    }

    /// Which contract is spoken. Default the first.
    #[must_use]
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// How a work order is looked for.
    #[must_use]
    pub fn look_up(mut self, look_up: LookUp) -> Self {
        self.look_up = look_up;
        self
    }

    /// How a work order is changed.
    #[must_use]
    pub fn update_by(mut self, update_by: UpdateBy) -> Self {
        self.update_by = update_by;
        self
    }

    /// Whether an order that was cancelled before the MES had it is created all the same, as the
    /// guide does. By default it is only marked.
    #[must_use]
    pub fn create_cancelled(mut self, create: bool) -> Self {
        self.create_cancelled = create;
        self
    }

    /// The reason (关闭原因) with which work orders are closed. Default `ERP取消`.
    #[must_use]
    pub fn close_reason(mut self, reason: impl Into<String>) -> Self {
        self.close_reason = reason.into();
        self
    }

    async fn known(&self, code: &str) -> Result<Option<Known>, Failure> {
        let orders = self.mes.work_orders();
        let (id, status, start, finish) = match (self.contract, self.look_up) {
            (Contract::V1, LookUp::Code) => {
                let found = orders.code_to_id(code).await.map_err(failure)?;
                let Some(id) = found.id() else { return Ok(None) };
                let order = orders.get(id).await.map_err(failure)?.into_inner();
                (id, order.status, order.planned_start_time, order.planned_finish_time)
            }
            (contract, _) => {
                let found = match contract {
                    Contract::V1 => orders.find(code).await,
                    Contract::V2 => self.mes.work_orders_v2().find(code).await,
                };
                let Some(row) = found.map_err(failure)? else { return Ok(None) };
                let row = row.into_inner();
                let (id, status) = (row.work_order_id, row.work_order_status);
                (id, status, row.planned_start_time, row.planned_end_time)
            }
        };
        let status = status.map(|status| status.code).ok_or_else(|| {
            Failure::park(format!("the MES does not show the status (状态) of work order {code}"))
        })?;
        Ok(Some(Known { status, start, finish, id }))
    }

    /// Imports it; whether the answer was lost and the code was found afterwards.
    async fn import(&self, order: OrderExport) -> Result<bool, Failure> {
        let imported = match self.contract {
            Contract::V1 => self.mes.work_orders().import(&import_v1(order)).await,
            Contract::V2 => self.mes.work_orders_v2().import(&import_v2(order)).await,
        };
        imported.map(|imported| imported.was_found_by_code).map_err(failure)
    }

    async fn update(&self, order: OrderExport, known: &Known) -> Result<(), Failure> {
        let is_days = known.start == Some(in_china(order.start))
            && known.finish == Some(in_china(order.finish));
        let can_edit = is_days && order.more.is_empty();
        if self.contract == Contract::V1 && self.update_by == UpdateBy::Edit && can_edit {
            return self.mes.work_orders().update(&edit(&order)).await.map_err(failure);
        }
        match self.import(order).await? {
            false => Ok(()),
            // It was there before: that says nothing about the change.
            true => Err(Failure::unknown("the answer to the change was lost")),
        }
    }

    async fn close(&self, known: &Known) -> Result<(), Failure> {
        let (kind, reason) = (CloseType::Normal, self.close_reason.as_str());
        let closed = match self.contract {
            Contract::V1 => self.mes.work_orders().close_one(known.id, kind, reason).await,
            Contract::V2 => {
                let orders = self.mes.work_orders_v2();
                let closed = orders.batch_close([known.id], kind, reason).await;
                closed.and_then(Closed::complete)
            }
        };
        closed.map_err(failure)
    }
}

#[async_trait]
impl Target for ExportOrder {
    fn system(&self) -> &str {
        SYSTEM
    }

    /// The state in the MES is read first, and every step from it may be made twice.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let order: OrderExport = document.read()?;
        let code = order.code.clone();
        let known = self.known(&code).await?;
        let status = known.as_ref().map(|known| known.status);
        let step = work_order_step(status, order.is_cancelled, self.create_cancelled);
        match (step, &known) {
            (WorkOrderStep::Create, _) => drop(self.import(order).await?),
            (WorkOrderStep::Update, Some(known)) => self.update(order, known).await?,
            (WorkOrderStep::Close, Some(known)) => self.close(known).await?,
            _ => {}
        }
        Ok(Pushed::new(code))
    }
}

/// Midnight in China, whose clock the ERP and the MES go by.
fn in_china(day: NaiveDate) -> DateTime<Utc> {
    (midnight(day) - TimeDelta::hours(8)).and_utc()
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// Lines of by-products, behind the main product on line 0.
fn numbered(
    by_products: Vec<super::order::Component>,
) -> impl Iterator<Item = (i64, String, Decimal)> {
    (1..).zip(by_products).map(|(line, one)| (line, one.item, one.amount))
}

fn import_v1(order: OrderExport) -> WorkOrderImport {
    let OrderExport { code, start, finish, product, amount, components, by_products, .. } = order;
    let more = numbered(by_products)
        .map(|(line, item, amount)| OutputLine::by_product(line, item, amount));
    let outputs = std::iter::once(OutputLine::main(product, amount)).chain(more);
    let inputs =
        components.into_iter().map(|one| InputLine::new(one.line, one.item).per(one.amount, 1));
    let import = WorkOrderImport::new(code, midnight(start), midnight(finish), outputs);
    let import = import.inputs(inputs);
    extras(order.more).fold(import, |import, (name, value)| import.extra(name, value))
}

fn import_v2(order: OrderExport) -> v2::WorkOrderImport {
    let OrderExport { code, start, finish, product, amount, components, by_products, .. } = order;
    let more = numbered(by_products)
        .map(|(line, item, amount)| v2::Output::by_product(line, item, amount));
    let outputs = std::iter::once(v2::Output::main(product, amount)).chain(more);
    let inputs =
        components.into_iter().map(|one| v2::Input::new(one.line, one.item).per(one.amount, 1));
    let import = v2::WorkOrderImport::new(code, in_china(start), in_china(finish), outputs);
    let import = import.inputs(inputs);
    extras(order.more).fold(import, |import, (name, value)| import.extra(name, value))
}

fn edit(order: &OrderExport) -> WorkOrderEdit {
    let output = |line: i64, is_main: bool, item: &str, amount: Decimal| {
        EditOutput::default().line(line).main(is_main).material(item).amount(amount)
    };
    let main = std::iter::once(output(0, true, &order.product, order.amount));
    let more = (1..).zip(&order.by_products);
    let more = more.map(|(line, one)| output(line, false, &one.item, one.amount));
    let inputs = order.components.iter().map(|one| {
        let input = EditInput::default().seq(one.line).material(&one.item);
        input.numerator(one.amount).denominator(1)
    });
    WorkOrderEdit::new(&order.code).outputs(main.chain(more)).inputs(inputs)
}
