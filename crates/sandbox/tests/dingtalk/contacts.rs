//! Users and departments of the old API.

use erplink_sandbox::dingtalk::{Options, Quirks};
use serde_json::json;

use crate::support::{BUYER, PURCHASING, PURCHASING_HEAD, send, stage, stage_with};

#[tokio::test]
async fn an_originator_is_found_by_mobile_number() {
    let stage = stage().await;
    let found =
        stage.old_post("/topapi/v2/user/getbymobile", &json!({"mobile": "13800000002"})).await;
    assert_eq!(found["result"]["userid"], PURCHASING_HEAD, "leading zeros stay");
    let user = stage.old_post("/topapi/v2/user/get", &json!({"userid": PURCHASING_HEAD})).await;
    assert_eq!(user["errcode"], 0);
    assert_eq!(user["result"]["name"], "李四");
    assert_eq!(user["result"]["dept_id_list"], json!([PURCHASING]));
    assert_eq!(user["result"]["leader_in_dept"], json!([{"dept_id": PURCHASING, "leader": true}]));
    let union_id = user["result"]["unionid"].clone();
    let back = stage.old_post("/topapi/user/getbyunionid", &json!({"unionid": union_id})).await;
    assert_eq!(back["result"], json!({"contact_type": 0, "userid": PURCHASING_HEAD}));
}

#[tokio::test]
async fn the_department_tree_can_be_walked() {
    let stage = stage().await;
    let top = stage.old_post("/topapi/v2/department/listsub", &json!({})).await;
    let names: Vec<_> = top["result"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["采购部", "销售部", "仓储部", "财务部"]);
    let below = json!({"dept_id": PURCHASING});
    let ids = stage.old_post("/topapi/v2/department/listsubid", &below).await;
    assert_eq!(ids["result"]["dept_id_list"], json!([417_223_060]));
    let department = stage.old_post("/topapi/v2/department/get", &below).await;
    assert_eq!(department["result"]["parent_id"], 1);
    assert_eq!(department["result"]["dept_manager_userid_list"], json!([PURCHASING_HEAD]));
    let users = stage.old_post("/topapi/user/listid", &below).await;
    assert_eq!(users["result"]["userid_list"], json!([PURCHASING_HEAD, BUYER]));
    let parents =
        stage.old_post("/topapi/v2/department/listparentbyuser", &json!({"userid": BUYER})).await;
    assert_eq!(
        parents["result"]["parent_list"],
        json!([
            {"parent_dept_id_list": [PURCHASING, 1]},
            {"parent_dept_id_list": [417_223_060, PURCHASING, 1]},
        ])
    );
}

#[tokio::test]
async fn what_is_not_found_has_a_code() {
    let stage = stage().await;
    for (path, body, code) in [
        ("/topapi/v2/user/get", json!({"userid": "nobody"}), 60121),
        ("/topapi/v2/user/get", json!({"userid": "left0099"}), 60121),
        ("/topapi/v2/user/get", json!({}), 400_002),
        ("/topapi/v2/user/getbymobile", json!({"mobile": "13811111111"}), 60121),
        ("/topapi/v2/user/getbymobile", json!({"mobile": "12"}), 40104),
        ("/topapi/user/getbyunionid", json!({"unionid": "x"}), 60121),
        ("/topapi/v2/department/get", json!({"dept_id": 5}), 60003),
        ("/topapi/v2/department/listparentbyuser", json!({"userid": "nobody"}), 33012),
    ] {
        assert_eq!(stage.old_post(path, &body).await["errcode"], code, "{path} {body}");
    }
}

#[tokio::test]
async fn forms_are_understood_as_well() {
    let stage = stage().await;
    let url = format!(
        "{}/topapi/v2/department/get?access_token={}",
        stage.dingtalk.oapi_url(),
        stage.token
    );
    let form = stage.http.post(url).header("content-type", "application/x-www-form-urlencoded");
    let (_, body) = send(form.body(format!("dept_id={PURCHASING}&language=zh_CN"))).await;
    assert_eq!(body["result"]["name"], "采购部");
}

#[tokio::test]
async fn answers_can_be_spelt_like_the_vendors_samples() {
    let quirks = Quirks { stringly_contacts: true, ..Quirks::default() };
    let stage = stage_with(Options { quirks, ..Options::default() }).await;
    let user = stage.old_post("/topapi/v2/user/get", &json!({"userid": PURCHASING_HEAD})).await;
    assert_eq!(user["errcode"], "0");
    assert_eq!(user["result"]["active"], "true");
    assert_eq!(user["result"]["dept_id_list"], format!("[{PURCHASING}]"));
    assert_eq!(user["result"]["leader_in_dept"]["leader"], "true");
}
