//! Departments (部门) of Weaver eteams (泛微 eteams, E10) become departments of the ERP, on a timer.
//!
//! ```console
//! cargo run --example eteams_departments      # all in the sandbox
//! ```
//!
//! First the way of the ESB centre (ESB中心): two calls of a connector get a token, what the one
//! answers goes into the next. Then the flow: it reads all departments page by page, finds those
//! that the ERP has by their names, makes the others, and writes again only what changed.
//!
//! Against your own systems, without code: `examples/config/eteams-departments.toml`.

use erplink::b1::{EntityMap, UpsertEntity};
use erplink::eteams::Departments;
use erplink_examples::{Failure, Table};
use erplink_sandbox::Sandbox;
use erplink_sync::map::FieldMap;
use erplink_sync::{Flow, MemoryStore, Runner};
use serde_json::json;
use weaver_eteams::connector::{Connector, SuccessRule};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    count_by_connector(&sandbox).await?;

    let runner = Runner::builder(MemoryStore::default()).flow(departments(&sandbox)?).build()?;
    println!("{}", runner.run_once().await);

    // Next year's organisation: one department more, another code.
    let quality = erplink_sandbox::eteams::Department {
        id: "7040".to_owned(),
        name: "质检部".to_owned(),
        code: "D07".to_owned(),
        parent: "7001".to_owned(),
        ..Default::default()
    };
    sandbox.eteams().put_department(quality);
    sandbox.eteams().edit_department("7038", |storage| "D05-A".clone_into(&mut storage.code))?;
    println!("{}", runner.run_once().await);

    report(&sandbox)
}

/// Code → token → department query, as an ESB flow chains its interfaces.
async fn count_by_connector(sandbox: &Sandbox) -> Result<(), Failure> {
    let eteams = sandbox.eteams();
    let connector = Connector::builder("eteams", eteams.url()).build()?;
    let code = connector
        .get("/oauth2/authorize", SuccessRule::errcode())
        .query("corpid", eteams.corp_id())
        .query("response_type", "code")
        .on_condition_not_met("取 code 失败: {/errmsg}")
        .await?
        .text("/code")?;
    let token = connector
        .post("/oauth2/access_token", SuccessRule::errcode())
        .form([("app_key", eteams.app_key()), ("app_secret", eteams.app_secret())])
        .form([("grant_type", "authorization_code"), ("code", &code)])
        .on_condition_not_met("取 token 失败: {/errmsg}")
        .await?
        .text("/accessToken")?;
    let total = connector
        .post("/api/hrm/restful/queryOrg", SuccessRule::errcode())
        .query("access_token", token)
        .json(&json!({"typeList": ["department"], "current": 1, "pageSize": 1}))
        .on_condition_not_met("部门查询失败: {/message/errmsg}")
        .await?
        .text("/data/total")?;
    println!("eteams has {total} departments");
    Ok(())
}

/// eteams → ERP: read all, write those that are new or changed.
fn departments(sandbox: &Sandbox) -> Result<Flow, Failure> {
    let (b1, eteams) = (sandbox.b1(), sandbox.eteams());
    let client =
        weaver_eteams::Client::builder(eteams.corp_id(), eteams.app_key(), eteams.app_secret())
            .base_url(eteams.url())
            .build()?;
    let b1 = b1_servicelayer::Client::builder(b1.root_url())
        .company_db(b1.company_db())
        .credentials(b1.user(), b1.password())
        .build()?;
    let fields: FieldMap = serde_json::from_value(json!({"main": [
        {"from": "Department.name", "to": "Name", "required": true},
        {"from": "Department.code", "to": "Description"},
    ]}))?;
    Ok(Flow::new("SBODEMOCN", "eteams-departments")
        .poll(Departments::new(&client, 100))
        .map(EntityMap::new(fields.check(&[])?))
        .push(UpsertEntity::new(b1, "Departments", "Code", "Name"))
        .again_when_changed())
}

/// Each department on both sides; an error if one is not where it should be.
fn report(sandbox: &Sandbox) -> Result<(), Failure> {
    let entities = sandbox.b1().list("Departments")?;
    let mut table = Table::new(["eteams", "name", "code", "in the ERP", "description"]);
    let mut astray = 0;
    let departments = sandbox.eteams().departments();
    for one in departments.iter().filter(|one| !one.is_subsidiary && !one.disabled) {
        let same: Vec<_> = entities.iter().filter(|row| row["Name"] == one.name.as_str()).collect();
        let row = same.first().copied().cloned().unwrap_or_default();
        astray += usize::from(same.len() != 1 || row["Description"] != one.code.as_str());
        table.row([&one.id, &one.name, &one.code, &row["Code"], &row["Description"]]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} departments are not where they should be").into()),
    }
}
