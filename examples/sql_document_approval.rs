//! Purchase orders (采购订单) that a query finds are approved on the platform of the company:
//! Weaver OA (泛微), DingTalk (钉钉) or WeCom (企业微信).
//!
//! ```console
//! cargo run --example sql_document_approval                         # Weaver OA, in the sandbox
//! cargo run --example sql_document_approval -- --target dingtalk
//! cargo run --example sql_document_approval -- --target wecom
//! cargo run --example sql_document_approval -- --target wecom --config FILE      # your systems
//! ```
//!
//! 1. A query, stored in the ERP (`SQLQueries`), finds the orders that are not sent yet, and a
//!    second one their lines.
//! 2. Each order becomes a form, and the order gets its flag and the form's id.
//! 3. People decide; the result goes into the order that has the form's id: `Y` or `N`.
//!
//! Only the middle of the first flow and the end of the second differ from platform to platform.
//! Connections come from a configuration of the `erplink` program, which does the same without
//! code: `ecology-sql-approval.toml`, `dingtalk-sql-approval.toml`, `dingtalk-sql-diapi.toml` (the DI API
//! service runs the queries there) and `wecom-document-approval.toml` under `examples/config/`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ecology_oa::callback::{Push, ResultMap};
use erplink::b1::{KeyType, Place, ResultField, StoredQueries, WriteBack};
use erplink::dingtalk::{self, AskInstance, DingTalk, StartApproval};
use erplink::ecology::{
    self, AskRequest, Ecology, RequestEnd, RequestMap, Returned, StartRequest, ended_request,
};
use erplink::receive;
use erplink::scenario::{Composition, Systems};
use erplink::sql::{SqlDocuments, SqlQuery};
use erplink::wecom::{self, AskForm, DocumentOf, SubmitApproval, WeCom};
use erplink_examples::story::{SCENARIOS, Scenario};
use erplink_examples::{Failure, ScenarioStage, Table};
use erplink_sync::map::Expression;
use erplink_sync::store::JobFilter;
use erplink_sync::{Flow, FlowId, Runner};
use serde_json::{Value, json};

const ORDERS: &str = "purchase-orders";
const RESULTS: &str = "purchase-order-results";

/// Which orders are not sent yet, with what their forms say and who starts them.
const MAIN: &str = r#"
    select T0.DocEntry, T0.DocNum, T0.CardCode, T0.CardName, T0.DocDueDate, T0.DocTotal,
        T0."U_UserID", T0."U_BMID"
    from OPOR T0
    where ifnull(T0."U_ISSYN", 'N') = 'N'
    order by T0.DocEntry"#;

/// Their lines.
const DETAIL: &str = r#"
    select T1.DocEntry, T1.ItemCode, T1.Quantity, T1.Price
    from POR1 T1 inner join OPOR T0 on T0.DocEntry = T1.DocEntry
    where ifnull(T0."U_ISSYN", 'N') = 'N'
    order by T1.DocEntry, T1.LineNum"#;

/// A push may get lost: then the platform is asked.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// A platform on which people decide.
struct Target {
    name: &'static str,
    /// The field of the order for the form's id.
    id_field: &'static str,
    /// The story of its people in the sandbox.
    story: &'static str,
    flows: fn(&Target, company: &str, &Systems) -> Result<Composition, Failure>,
}

const TARGETS: &[Target] = &[
    Target {
        name: "ecology",
        id_field: "U_REQUESTID",
        story: "documents by SQL to Weaver OA",
        flows: by_ecology,
    },
    Target {
        name: "dingtalk",
        id_field: "U_instanceID",
        story: "documents by SQL to DingTalk",
        flows: by_dingtalk,
    },
    Target {
        name: "wecom",
        id_field: "U_SPNO",
        story: "documents by flag and by SQL to WeCom",
        flows: by_wecom,
    },
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (target, file) = arguments()?;
    let mut stage = ScenarioStage::new(target.story()?, file.as_deref()).await?;
    let (company, systems) = (stage.company().name.clone(), stage.company().systems.clone());
    let composition = (target.flows)(target, &company, &systems)?;
    let (builder, receivers) = composition.runner(stage.ledger().await?);
    let runner = builder.build()?;
    stage.serve(receive::open(receivers, &runner)?).await?;
    stage.run(&runner).await?;
    report(systems.b1()?, &runner, &company).await
}

/// The orders that the query finds.
fn orders(b1: &b1_servicelayer::Client) -> SqlDocuments {
    let query = |name: &str, text: &str| SqlQuery { name: name.to_owned(), text: text.to_owned() };
    let rows = Arc::new(StoredQueries::new(b1.clone()));
    SqlDocuments::new(rows, query("purchase-orders", MAIN), "DocEntry")
        .detail(query("purchase-order-lines", DETAIL))
}

impl Target {
    /// The order is sent, and this is its form.
    fn mark(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let order = Place::Document {
            set: "PurchaseOrders".to_owned(),
            key: "DocEntry".to_owned(),
            key_type: KeyType::Numeric,
        };
        WriteBack::new(b1.clone(), order).flag("U_ISSYN", "Y").id_field(self.id_field)
    }

    /// The field for the result, in the order that has the form's id.
    fn result(&self, b1: &b1_servicelayer::Client) -> ResultField {
        ResultField::new(b1.clone(), "PurchaseOrders", "DocEntry", self.id_field, "U_SUCCESS")
    }
}

/// S07 to S09. What OA posts is part of a person's click, and answered when the work is done.
fn by_ecology(target: &Target, company: &str, systems: &Systems) -> Result<Composition, Failure> {
    const WORKFLOW: i64 = 785;
    let (b1, app) = (systems.b1()?, Ecology::of(systems)?);
    let client = app.client();
    let fields = serde_json::from_value(json!({
        "user": "Document.U_UserID",
        "fields": [
            {"from": "Document.DocEntry", "to": "docentry"},
            {"from": "Document.DocNum", "to": "docnum"},
            {"from": "Document.CardCode", "to": "cardcode"},
            {"from": "Document.DocTotal", "to": "amount"},
        ],
        "lines": {"to": "formtable_main_1360_dt1", "fields": [
            {"from": "ItemCode", "to": "itemcode"},
            {"from": "Quantity", "to": "qty"},
            {"from": "Price", "to": "price"},
        ]},
    }))?;
    let outbound = Flow::new(company, ORDERS)
        .poll(orders(b1))
        .map(RequestMap::new(fields))
        .push(StartRequest::new(client.clone(), WORKFLOW, "采购订单"))
        .mark(target.mark(b1))
        .awaits(RESULTS, AskRequest::new(client.clone(), Returned::default()), PATIENCE);
    let inbound = Flow::new(company, RESULTS)
        .receive()
        .push(ecology::MarkResult::new(target.result(b1)))
        .answers(ORDERS)
        .answers_a_person();
    let end = |push: &Push| {
        let result = ResultMap::default().read(push)?;
        Ok(ended_request(&result.request_id, &RequestEnd::from(&result)))
    };
    Ok(Composition {
        flows: vec![outbound, inbound],
        receivers: vec![app.receiver(company, "oa-purchase-orders", RESULTS, end)],
        ..Composition::default()
    })
}

/// S13 to S16.
fn by_dingtalk(target: &Target, company: &str, systems: &Systems) -> Result<Composition, Failure> {
    const FORM: &str = "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536";
    let (b1, app) = (systems.b1()?, DingTalk::of(systems)?);
    let client = app.client();
    let fields = serde_json::from_value(json!({
        "originator_user": "Document.U_UserID",
        "originator_dept": "Document.U_BMID",
        "fields": [
            {"from": "采购订单 {Document.DocNum}，{Document.CardName}", "to": "备注"},
            {"from": "Document.DocDueDate", "to": "需求日期", "format": "date"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
        ]},
    }))?;
    // A form whose creation has an unknown outcome is looked up by this control.
    let form = dingtalk::FormMap::new("Document", fields)
        .source(Expression::path("Document.DocEntry"), "来源单号");
    let outbound = Flow::new(company, ORDERS)
        .poll(orders(b1))
        .map(form)
        .push(StartApproval::new(client.clone(), FORM))
        .mark(target.mark(b1))
        .awaits(RESULTS, AskInstance::new(client.clone()), PATIENCE);
    let inbound = Flow::new(company, RESULTS)
        .receive()
        .push(dingtalk::MarkResult::new(client.clone(), target.result(b1)))
        .answers(ORDERS);
    Ok(Composition {
        flows: vec![outbound, inbound],
        receivers: vec![app.receiver(company, FORM, RESULTS)],
        ..Composition::default()
    })
}

/// S45 and S46.
fn by_wecom(target: &Target, company: &str, systems: &Systems) -> Result<Composition, Failure> {
    const TEMPLATE: &str = "3TkaPurchaseOrder6KvVqHhTnRz5e8BsJ2YxQaaa";
    let (b1, app) = (systems.b1()?, WeCom::of(systems)?);
    let client = app.client();
    let fields = serde_json::from_value(json!({
        "applicant": "Document.U_UserID",
        "fields": [
            {"from": "Document.CardCode", "to": "供应商编码"},
            {"from": "Document.CardName", "to": "供应商名称"},
            {"from": "Document.DocTotal", "to": "总金额"},
        ],
        "lines": {"to": "订单明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
            {"from": "Price", "to": "单价"},
        ]},
    }))?;
    // A form whose creation has an unknown outcome is looked up by this control.
    let number = (Expression::path("Document.DocNum"), "单据编号");
    let form = wecom::FormMap::new("Document", number, fields)
        .summary(Expression::parse("采购订单 {Document.DocNum}")?);
    let outbound = Flow::new(company, ORDERS)
        .poll(orders(b1))
        .map(form)
        .push(SubmitApproval::new(client.clone(), TEMPLATE))
        .mark(target.mark(b1))
        .awaits(RESULTS, AskForm::new(client.clone()), PATIENCE);
    let result = wecom::MarkResult::new(client.clone(), target.result(b1), DocumentOf::Number);
    let inbound = Flow::new(company, RESULTS).receive().push(result).answers(ORDERS);
    Ok(Composition {
        flows: vec![outbound, inbound],
        receivers: vec![app.receiver(company, TEMPLATE, RESULTS)],
        ..Composition::default()
    })
}

/// Each order's way, from the ledger and the ERP; an error if one has no result.
async fn report(
    b1: &b1_servicelayer::Client,
    runner: &Runner,
    company: &str,
) -> Result<(), Failure> {
    let flow = Some(FlowId::new(company, ORDERS));
    let jobs = runner.store().list(JobFilter { flow, ..JobFilter::default() }).await?;
    let mut table = Table::new(["order", "form", "sent", "result"]);
    let mut undecided = 0;
    for job in jobs {
        let path = format!("PurchaseOrders({})", job.key.document);
        let order: Value = b1.raw().get(&path).await?.json()?;
        let field = |name: &str| order[name].as_str().unwrap_or_default();
        undecided += usize::from(field("U_SUCCESS").is_empty());
        let form = job.target_id.unwrap_or_default();
        table.row([&job.key.document, &form, &field("U_ISSYN"), &field("U_SUCCESS")]);
    }
    println!("{table}");
    match undecided {
        0 => Ok(()),
        _ => Err(format!("{undecided} orders have no result").into()),
    }
}

impl Target {
    fn story(&self) -> Result<&'static Scenario, Failure> {
        let story = SCENARIOS.iter().find(|scenario| scenario.name == self.story);
        story.ok_or_else(|| format!("there is no story `{}`", self.story).into())
    }
}

fn arguments() -> Result<(&'static Target, Option<PathBuf>), Failure> {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    let usage = format!("usage: --target {} [--config FILE]", names.join("|"));
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, file) = match args.as_slice() {
        [] => ("ecology", None),
        [target, name] if target == "--target" => (name.as_str(), None),
        [target, name, config, file] if target == "--target" && config == "--config" => {
            (name.as_str(), Some(file.into()))
        }
        _ => return Err(usage.into()),
    };
    let target = TARGETS.iter().find(|target| target.name == name);
    Ok((target.ok_or(usage)?, file))
}
