//! The demo corp fits the demo company of Service Layer.

use erplink_sandbox::Sandbox;
use serde_json::Value;

#[tokio::test]
async fn the_fax_numbers_of_the_erp_are_userids_with_the_same_mobile_numbers() {
    let sandbox = Sandbox::start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let wecom = sandbox.wecom();
    let ask = |request: reqwest::RequestBuilder| async move {
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let url = format!(
        "{}/cgi-bin/gettoken?corpid={}&corpsecret={}",
        wecom.url(),
        wecom.corp_id(),
        wecom.secret()
    );
    let token = ask(http.get(url)).await["access_token"].as_str().unwrap().to_owned();
    let mut checked = 0;
    for key in ["1", "2", "3"] {
        let user = sandbox.b1().get("Users", key).unwrap();
        let (fax, mobile) = (user["FaxNumber"].as_str().unwrap(), &user["MobilePhoneNumber"]);
        let url = format!("{}/cgi-bin/user/getuserid?access_token={token}", wecom.url());
        let body = serde_json::json!({"mobile": mobile}).to_string();
        assert_eq!(ask(http.post(url).body(body)).await["userid"], fax);
        let url = format!("{}/cgi-bin/user/get?access_token={token}&userid={fax}", wecom.url());
        assert_eq!(ask(http.get(url)).await["name"], user["UserName"]);
        checked += 1;
    }
    assert_eq!(checked, 3);
}

#[tokio::test]
async fn every_template_has_the_control_that_carries_the_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let connection = sandbox.wecom().connection();
    let templates = connection["template_ids"].as_object().unwrap();
    assert_eq!(templates.len(), 6);
    for (name, id) in templates {
        let key = if name.contains("草稿") { "草稿单号" } else { "单据编号" };
        let mut values = serde_json::json!({key: "16"});
        if name == "采购订单审批" {
            values["总金额"] = serde_json::json!("1.00");
        }
        let id = id.as_str().unwrap();
        let sp_no = sandbox.wecom().submit(id, "zhangsan", &values).unwrap();
        sandbox.wecom().approve_to_the_end(&sp_no).unwrap();
        assert_eq!(sandbox.wecom().form(&sp_no).unwrap()["sp_status"], 2, "{name}");
    }
}
