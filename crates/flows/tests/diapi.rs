//! Documents by SQL of the DI API service: configuration, check, and the rows.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use erplink::config::{Config, Loader};
use erplink::diapi::{self, FreeQueries};
use erplink::sql::{SqlQuery, SqlRows};
use erplink_sandbox::Sandbox;
use serde_json::json;
use stage::LedgerFile;

/// A company whose purchase orders go to DingTalk by SQL.
fn config(sandbox: &Sandbox) -> String {
    let (b1, dingtalk) = (sandbox.b1(), sandbox.dingtalk());
    format!(
        r#"[[companies]]
name = "SBODEMOCN"
[companies.b1]
root = "{}"
company_db = "SBODEMOCN"
user = 'S-ERP\LLB'
password = "${{PASSWORD}}"
[companies.diapi]
root = "{}"
company_db = "SBODEMOCN"
user = 'S-ERP\LLB'
password = "${{PASSWORD}}"
concurrency = 2
procedures = ["PICK_BATCHES"]
[companies.dingtalk]
client_id = "{}"
client_secret = "${{CLIENT_SECRET}}"
api_base = "{}"
oapi_base = "{}"
receive = "stream"
[[companies.flows]]
name = "orders"
scenario = "dingtalk-document-approval"
process_code = "{}"
object_type = "PurchaseOrders"
fields = [{{ from = "Document.DocNum", to = "备注" }}]
[companies.flows.sql]
source = "di-api"
main = '''select "DocEntry", "DocNum" from OPOR where "CANCELED" = 'N' '''
"#,
        b1.root_url(),
        sandbox.diapi().root_url(),
        dingtalk.client_id(),
        dingtalk.api_url(),
        dingtalk.oapi_url(),
        dingtalk.process_code("采购申请").unwrap(),
    )
}

fn read(text: &str, sandbox: &Sandbox) -> Result<Config, String> {
    let file = LedgerFile::new();
    std::fs::write(file.path(), text).unwrap();
    let (password, secret) = (sandbox.b1().password(), sandbox.dingtalk().client_secret());
    let loader = Loader::default().environment(move |name| match name {
        "PASSWORD" => Some(password.to_owned()),
        "CLIENT_SECRET" => Some(secret.clone()),
        _ => None,
    });
    loader.read(file.path()).map_err(|problems| problems.to_string())
}

/// What is wrong, each with what was looked at.
async fn problems(text: &str, sandbox: &Sandbox) -> Vec<(String, String)> {
    let config = read(text, sandbox).unwrap();
    let findings = Box::pin(config.companies[0].check()).await;
    let wrong = findings.into_iter().filter_map(|one| Some((one.what, one.problem?)));
    wrong.filter(|(what, _)| what.starts_with("diapi") || what.starts_with("queries")).collect()
}

#[tokio::test]
async fn the_check_names_the_wrong_setting() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let good = config(&sandbox);
    assert_eq!(problems(&good, &sandbox).await, []);
    let (head, diapi) = good.split_once("[companies.diapi]").unwrap();
    for (from, to, told) in [
        ("\"SBODEMOCN\"", "\"SBODEMO\"", "check `company_db`"),
        ("S-ERP\\LLB", "S-ERP\\LBL", "check `user`"),
        ("${PASSWORD}", "${CLIENT_SECRET}", "check `password`"),
        ("/6160", "/6161", "check `root`"),
        ("\"DocEntry\", \"", "\"Nothing\", \"", "check `sql`"),
        ("\"DocEntry\", \"", "DocEntry, \"", "has no column DocEntry; it has DOCENTRY"),
        ("select ", "delete ", "refused by the read-only guard"),
    ] {
        assert!(diapi.contains(from), "{from}");
        let wrong = format!("{head}[companies.diapi]{}", diapi.replacen(from, to, 1));
        let found = problems(&wrong, &sandbox).await;
        assert!(found.iter().any(|(_, problem)| problem.contains(told)), "{told}: {found:?}");
    }
}

#[tokio::test]
async fn a_company_without_the_service_is_told_so() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let text = config(&sandbox);
    let (head, rest) = text.split_once("[companies.diapi]").unwrap();
    let (_, rest) = rest.split_once("[companies.dingtalk]").unwrap();
    let config = read(&format!("{head}[companies.dingtalk]{rest}"), &sandbox).unwrap();
    let problem = config.compose().unwrap_err().to_string();
    assert!(problem.contains("the company has no `diapi`"), "{problem}");
}

#[tokio::test]
async fn rows_are_those_of_the_database_digit_for_digit() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let line = json!({"ItemCode": "RM-001", "Quantity": "0.125", "UnitPrice": "1.1"});
    let order = json!({"CardCode": "V001", "DocumentLines": [line]});
    let entry = sandbox.b1().create("PurchaseOrders", &order).unwrap()["DocEntry"].to_string();
    let config = read(&config(&sandbox), &sandbox).unwrap();
    let rows = FreeQueries::new(diapi::of(&config.companies[0].systems).unwrap().clone());
    assert_eq!(rows.system(), "diapi");
    // A colon in a text is no parameter.
    let text = format!(
        "select \"DocEntry\", \"Quantity\", ':x' as \"T\" from POR1 where \"DocEntry\" = {entry}"
    );
    let read = rows.rows(&SqlQuery { name: String::new(), text }).await.unwrap();
    assert_eq!(read[0].as_str(), format!(r#"{{"DocEntry":{entry},"Quantity":0.125,"T":":x"}}"#));
    let call = SqlQuery { name: String::new(), text: "CALL PICK_BATCHES('a')".to_owned() };
    let failure = rows.rows(&call).await.unwrap_err();
    assert!(
        failure.message().contains("stored procedures"),
        "allowed, and not simulated: {failure:?}"
    );
}
