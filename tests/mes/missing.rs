//! What the factory does not simulate, it says; and a member that it does not know is an error.

use blacklake_mes::materials::{BatchNumberFilter, BatchNumberForm, MaterialImport, UnitForm};
use blacklake_mes::production::InventoryFilter;
use blacklake_mes::{Error, RawJson};
use erplink_sandbox::mes::Quirks;
use serde_json::json;

use crate::Factory;

fn is_loud<T>(what: &str, outcome: Result<T, Error>) {
    let Err(error) = outcome else { panic!("{what}: no error") };
    let text = error.to_string();
    assert!(text.contains("the sandbox does not simulate"), "{what}: {text}");
}

#[tokio::test]
async fn calls_that_are_not_simulated_are_refused_by_name() {
    let factory = Factory::new().await;
    let client = factory.client();
    let materials = client.materials();
    let (orders, second) = (client.work_orders(), client.work_orders_v2());
    let production = client.production();
    let body = json!({"taskId": 1});
    let batches = materials.batch_numbers(BatchNumberFilter::new()).next().await.unwrap();
    is_loud("batch numbers", batches);
    let batch = BatchNumberForm::new(1_i64, "B-1");
    is_loud("save a batch number", materials.save_batch_number(&batch).await);
    is_loud("change a batch number", materials.update_batch_number(&batch).await);
    is_loud("import a unit", materials.import_unit(&UnitForm::new("打")).await);
    is_loud("change a unit", materials.update_unit(&UnitForm::new("打")).await);
    is_loud("create an order by ids", orders.create_by_ids(&body).await);
    is_loud("change an order by ids", orders.update_by_ids(&body).await);
    is_loud("submit drafts", second.submit_drafts(&RawJson::of(&body).unwrap()).await);
    let inventory = production.inventory(InventoryFilter::new()).next().await.unwrap();
    is_loud("inventory", inventory);
    is_loud("store", production.store(&body).await);
    is_loud("report, old form", production.report_old(&body).await);
    is_loud("reportable materials", production.reportable_materials(1_i64).await);
}

#[tokio::test]
async fn a_misspelt_member_is_found_unless_the_platform_is_lenient() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    let misspelt =
        || MaterialImport::new("N-1", "新", "个").extra("specifcation", RawJson::text("600"));
    let refused = materials.import(&misspelt()).await;
    assert!(refused.as_ref().unwrap_err().to_string().contains("specifcation"), "{refused:?}");
    assert!(materials.find("N-1").await.unwrap().is_none());
    let lenient = Quirks { ignore_unknown_members: true, ..Quirks::default() };
    factory.mes().set_quirks(lenient);
    materials.import(&misspelt()).await.unwrap();
    assert_eq!(materials.find("N-1").await.unwrap().unwrap().specification, "");
}

#[tokio::test]
async fn every_other_path_goes_through_the_raw_hatch() {
    let factory = Factory::new().await;
    let raw = factory.client().raw();
    let body = json!({"objectCode": "ProductionOrder", "codeList": ["1"]});
    let answer =
        raw.read("/dev/open/v1/object_service/batch_code_to_id").json(&body).await.unwrap();
    assert!(answer.data().as_str().contains("pairList"), "{answer:?}");
}
