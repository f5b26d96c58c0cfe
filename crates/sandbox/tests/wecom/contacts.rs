//! Members and departments.

use erplink_sandbox::wecom::{Department, Limits, Quirks, User};
use serde_json::json;

use crate::support::{refused, stage};

const BY_MOBILE: &str = "/cgi-bin/user/getuserid";
const BY_EMAIL: &str = "/cgi-bin/user/get_userid_by_email";

#[tokio::test]
async fn a_member_is_found_whatever_the_case_of_the_userid() {
    let stage = stage().await;
    let user = stage.get("/cgi-bin/user/get?userid=LiSi").await;
    assert_eq!(user["userid"], "lisi");
    assert_eq!((&user["name"], &user["position"]), (&json!("李四"), &json!("采购经理")));
    assert_eq!((&user["department"], &user["is_leader_in_dept"]), (&json!([2]), &json!([1])));
    assert_eq!((&user["main_department"], &user["status"]), (&json!(2), &json!(1)));
    assert!(user.get("mobile").is_none(), "new apps do not see it");
    stage.wecom.set_quirks(Quirks { show_private_members: true, ..Quirks::default() });
    assert_eq!(stage.get("/cgi-bin/user/get?userid=lisi").await["mobile"], "13800000002");
    assert_eq!(refused(&stage.get("/cgi-bin/user/get?userid=nobody").await).0, 60111);
    assert_eq!(refused(&stage.get("/cgi-bin/user/get").await).0, 40058);
    assert_eq!(stage.get("/cgi-bin/user/get?userid=wujiu").await["status"], 5);
}

#[tokio::test]
async fn a_userid_is_looked_up_by_mobile_and_mail() {
    let stage = stage().await;
    let found = stage.post(BY_MOBILE, &json!({"mobile": "13800000001"})).await;
    assert_eq!(found["userid"], "zhangsan");
    let found = stage.post(BY_EMAIL, &json!({"email": "lisi@example.com"})).await;
    assert_eq!(found["userid"], "lisi");
    let private = json!({"email": "lisi@example.com", "email_type": 2});
    assert_eq!(stage.refusal(BY_EMAIL, &private).await.0, 46004);
    let left = json!({"mobile": "13800000099"});
    assert_eq!(stage.refusal(BY_MOBILE, &left).await.0, 46004, "who has left is not found");
    assert_eq!(stage.refusal(BY_MOBILE, &json!({"mobile": "1"})).await.0, 40058);
}

#[tokio::test]
async fn too_many_wrong_numbers_close_the_lookup_for_a_day() {
    let stage = stage().await;
    stage.wecom.set_limits(Limits { wrong_lookups_per_day: 1, ..Limits::default() });
    let wrong = json!({"mobile": "13900000000"});
    for _ in 0..2 {
        assert_eq!(stage.refusal(BY_MOBILE, &wrong).await.0, 46004);
    }
    let right = json!({"mobile": "13800000001"});
    assert_eq!(stage.refusal(BY_MOBILE, &right).await.0, 45009);
}

#[tokio::test]
async fn an_app_sees_its_visible_range_alone() {
    let stage = stage().await;
    stage.wecom.set_visible_users(&["ZhangSan"]);
    assert_eq!(stage.get("/cgi-bin/user/get?userid=zhangsan").await["errcode"], 0);
    assert_eq!(refused(&stage.get("/cgi-bin/user/get?userid=lisi").await).0, 60011);
    assert_eq!(stage.refusal(BY_MOBILE, &json!({"mobile": "13800000002"})).await.0, 46004);
    let members = stage.get("/cgi-bin/user/simplelist?department_id=2").await;
    assert_eq!(members["userlist"].as_array().unwrap().len(), 1);
    stage.wecom.show_all_users();
    assert_eq!(stage.get("/cgi-bin/user/get?userid=lisi").await["errcode"], 0);
}

#[tokio::test]
async fn departments_are_lists_of_their_own_members() {
    let stage = stage().await;
    let names = stage.get("/cgi-bin/user/simplelist?department_id=2").await;
    let names: Vec<_> =
        names["userlist"].as_array().unwrap().iter().map(|u| &u["userid"]).collect();
    assert_eq!(names, ["lisi", "zhangsan"]);
    let details = stage.get("/cgi-bin/user/list?department_id=6").await;
    assert_eq!(details["userlist"][0]["position"], "采购员");
    let below = stage.get("/cgi-bin/department/simplelist?id=2").await;
    let ids: Vec<_> = below["department_id"].as_array().unwrap().iter().map(|d| &d["id"]).collect();
    assert_eq!(ids, [2, 6]);
    let all = stage.get("/cgi-bin/department/list").await;
    assert_eq!(all["department"].as_array().unwrap().len(), 6);
    let one = stage.get("/cgi-bin/department/get?id=6").await;
    assert_eq!(
        (&one["department"]["name"], &one["department"]["parentid"]),
        (&json!("采购一组"), &json!(2))
    );
    assert_eq!(refused(&stage.get("/cgi-bin/department/get?id=99").await).0, 60123);
    assert_eq!(refused(&stage.get("/cgi-bin/user/list?department_id=x").await).0, 40058);
}

#[tokio::test]
async fn all_ids_come_page_by_page_once_per_department() {
    let mut stage = stage().await;
    stage.wecom.put_department(Department { id: 7, name: "研发部".into(), parent: 1, order: 1 });
    stage.wecom.put_user(User::new("A.B-c_1@d", "新人", "13800000011", &[7, 2]));
    stage.token = stage.token_for(&stage.wecom.contacts_secret()).await;
    let (mut cursor, mut all) = (String::new(), Vec::new());
    loop {
        let page =
            stage.post("/cgi-bin/user/list_id", &json!({"cursor": cursor, "limit": 3})).await;
        all.extend(page["dept_user"].as_array().unwrap().clone());
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    // Six present members, one in two departments, and the new one in two.
    assert_eq!(all.len(), 9);
    assert!(all.contains(&json!({"userid": "A.B-c_1@d", "department": 7})));
}
