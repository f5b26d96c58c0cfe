//! A bare client, and what most tests start from.

use std::time::Duration;

use erplink_sandbox::Clock;
use erplink_sandbox::mes::{Mes, Options, Quirks};
use serde_json::{Value, json};

pub(crate) const ROUTE: &str = "/api/openapi/domain/web/v1/route";
pub(crate) const ACCOUNT_LOGIN: &str = "/api/openapi/domain/web/v1/system/_refreshToken";
pub(crate) const APP_LOGIN: &str = "/api/openapi/domain/api/v1/access_token/_get_access_token";
pub(crate) const IMPORT_MATERIAL: &str = "/material/open/v1/material/_doimport";
pub(crate) const LIST_MATERIALS: &str = "/material/open/v1/material/_list";
pub(crate) const IMPORT_ORDER: &str = "/med/open/v1/work_order/_doImport";
pub(crate) const CLOSE: &str = "/med/open/v1/work_order/batch_close";
pub(crate) const ORDER: &str = "/med/open/v1/work_order/base/_detail";
pub(crate) const PLAN: &str = "/med/open/v1/work_order/process_plan/_detail";
pub(crate) const CODE_TO_ID: &str = "/custom-object/open/v1/object_service/_code_to_id";
pub(crate) const REPORTS: &str = "/mfg/open/v1/progress_report/_list";
pub(crate) const FEEDING: &str = "/mfg/open/v1/feed_record/feed_record/_detail";
pub(crate) const FEEDINGS: &str = "/mfg/open/v1/feed_record/_list";

/// A platform, its clock, and a client with a token.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) mes: Mes,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

pub(crate) async fn stage() -> Stage {
    stage_with(Quirks::default()).await
}

pub(crate) async fn stage_with(quirks: Quirks) -> Stage {
    let clock = Clock::new();
    let options = Options { quirks, ..Options::default() };
    let mes = Mes::start(clock.clone(), options).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stage = Stage { clock, mes, http, token: String::new() };
    let answer = stage.log_in(APP_LOGIN).await;
    stage.token = answer["data"]["appAccessToken"].as_str().unwrap().to_owned();
    stage
}

impl Stage {
    pub(crate) async fn log_in(&self, path: &str) -> Value {
        let mut body = json!({
            "appKey": self.mes.app_key(), "appSecret": self.mes.app_secret(),
        });
        if path == ACCOUNT_LOGIN {
            body["factoryNumber"] = json!(self.mes.factory_number());
        }
        self.send(path, &body).await.1
    }

    /// Status and JSON of a request to this path, query included.
    pub(crate) async fn send(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.mes.url()));
        let request = request.header("content-type", "application/json; charset=utf-8");
        let response = request.body(body.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    /// The whole envelope of a business call.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Value {
        let (status, answer) =
            self.send(&format!("{ROUTE}{path}?access_token={}", self.token), body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The data of a business call that succeeds.
    pub(crate) async fn data(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, &body).await;
        assert_eq!(answer["code"], 200, "{answer}");
        assert_eq!(answer["message"], "成功");
        answer["data"].clone()
    }

    /// Sub-code and message of a business call that is refused.
    pub(crate) async fn refusal(&self, path: &str, body: Value) -> (String, String) {
        let answer = self.call(path, &body).await;
        assert_eq!(answer["code"], 400, "{answer}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        (text("subCode"), text("message"))
    }

    pub(crate) async fn id_of(&self, code: &str) -> i64 {
        let body = json!({"code": code, "objectCode": "ProductionOrder"});
        self.data(CODE_TO_ID, body).await["id"].as_i64().unwrap()
    }

    pub(crate) async fn import(&self, order: Value) -> i64 {
        self.data(IMPORT_ORDER, order).await["workOrderId"].as_i64().unwrap()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Milliseconds of the simulated clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

/// An import of 100 机箱 with two components, as an ERP writes it.
pub(crate) fn order(code: &str) -> Value {
    json!({
        "code": code, "workOrderType": "普通",
        "planStartTime": "2022-11-21 00:00:00", "planFinishTime": "2022-11-24 00:00:00",
        "outputMaterialOpenCOs": [{
            "lineSeq": "0", "mainFlag": "1", "mainFlagInt": 1, "materialCode": "FG-001",
            "plannedAmount": "100", "workOrderCode": code,
        }],
        "inputMaterialOpenCOs": [
            {"seq": "10", "materialCode": "RM-001", "unitName": "张", "workOrderCode": code,
             "subInputAmountNumerator": "2", "subInputAmountDenominator": "1"},
            {"seq": "20", "materialCode": "RM-003", "workOrderCode": code,
             "subInputAmountNumerator": "0.25", "subInputAmountDenominator": "1"},
        ],
    })
}
