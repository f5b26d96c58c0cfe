//! Departments and people by the newer and the older calls.

use erplink_sandbox::eteams::{Department, Quirks};
use serde_json::json;

use crate::support::{QUERY_EMPLOYEE, QUERY_ORG, ids, stage};

const ALL: [&str; 6] = ["7034", "7035", "7036", "7037", "7038", "9007199254740993"];

#[tokio::test]
async fn departments_are_filtered_and_cut_into_pages() {
    let stage = stage().await;
    let query = async |body| stage.data(QUERY_ORG, body).await;
    let departments = query(json!({"typeList": ["department"], "pageSize": 1000})).await;
    assert_eq!(ids(&departments["data"]), ALL);
    assert_eq!((&departments["current"], &departments["total"]), (&json!(1), &json!(6)));
    assert_eq!(departments["data"][5]["parent"], "7035");
    assert_eq!(departments["data"][1]["name"], "采购部");
    assert!(departments["data"][1].get("extend").is_none());

    let second = query(json!({"typeList": ["department"], "current": 2, "pageSize": 4})).await;
    assert_eq!(ids(&second["data"]), &ALL[4..]);
    assert_eq!(query(json!({"current": 9, "pageSize": 4})).await["data"], json!([]));
    for (body, expected) in [
        (json!({"typeList": ["subcompany"]}), &["7001"][..]),
        (json!({"ids": [7035, "7001"]}), &["7001", "7035"]),
        (json!({"codeList": ["D05"]}), &["7038"]),
        (json!({"parentOrgIds": ["7035"]}), &["9007199254740993"]),
        (json!({"parentCodeList": ["D02"]}), &["9007199254740993"]),
        (json!({"ids": ["7099"]}), &[]),
        (json!({"ids": ["7099"], "containDisableOrg": true}), &["7099"]),
    ] {
        assert_eq!(ids(&query(body.clone()).await["data"]), expected, "{body}");
    }
    let extended = query(json!({"ids": ["7035"], "containExtend": true})).await;
    assert_eq!(extended["data"][0]["extend"]["manager"], "李四");
}

#[tokio::test]
async fn what_a_query_may_not_say_is_refused() {
    let stage = stage().await;
    for (body, expected) in [
        (json!({"parentCodeList": ["D02"], "parentOrgIds": ["1"]}), "不能同时使用"),
        (json!({"pageSize": 1001}), "1000"),
        (json!({"current": 0}), "current"),
        (json!({"typeList": "department"}), "typeList"),
        (json!({"typeList": ["group"]}), "group"),
        (json!({"containExtend": "yes"}), "containExtend"),
        (json!({"pagesize": 10}), "\"pagesize\""),
        (json!([1]), "JSON"),
    ] {
        let (_, message) = stage.refusal(QUERY_ORG, body.clone()).await;
        assert!(message.contains(expected), "{body}: {message}");
    }
    stage.eteams.set_quirks(Quirks { ignore_unknown_members: true, ..Quirks::default() });
    stage.data(QUERY_ORG, json!({"pagesize": 10})).await;
}

#[tokio::test]
async fn people_have_two_ids_and_who_left_is_not_shown() {
    let stage = stage().await;
    let query = async |body| stage.data(QUERY_EMPLOYEE, body).await;
    let all = query(json!({"current": 1, "pageSize": 100, "containUserInfo": true})).await;
    assert_eq!(all["total"], 6);
    assert_eq!(
        (&all["data"][0]["id"], &all["data"][0]["user_id"]),
        (&json!("8001"), &json!("6001"))
    );
    for (body, expected) in [
        (json!({"jobNumList": ["E0002"]}), &["8002"][..]),
        (json!({"mobileList": ["13800000003"]}), &["8003"]),
        (json!({"accurateEmailList": ["lisi@example.com"]}), &["8002"]),
        (json!({"account": "zhouba"}), &["8006"]),
        (json!({"departmentIds": ["7035"]}), &["8002"]),
        (json!({"subcompanyIds": [7001], "positionList": ["采购员"]}), &["8001"]),
        (json!({"account": "wujiu"}), &[]),
    ] {
        assert_eq!(ids(&query(body.clone()).await["data"]), expected, "{body}");
    }
}

#[tokio::test]
async fn the_older_lists_answer_flat() {
    let stage = stage().await;
    stage.eteams.edit_department("7038", |one| one.deleted = true).unwrap();
    let token = stage.token().await;
    let list = async |path: &str| {
        let (_, answer) = stage.get(&format!("{path}access_token={token}")).await;
        assert_eq!(answer["errcode"], "0", "{answer}");
        answer["data"].clone()
    };
    let alive: Vec<_> = ALL.into_iter().filter(|id| *id != "7038").collect();
    assert_eq!(ids(&list("/department/v1/list?").await), alive);
    assert_eq!(ids(&list("/department/v2/list?").await), alive);
    assert_eq!(ids(&list("/department/v2/list?status=0&").await), ["7099"]);
    assert_eq!(ids(&list("/department/v2/list?isDelete=1&").await), ["7038"]);
    assert_eq!(
        list("/department/v2/list?status=all&isDelete=all&").await.as_array().unwrap().len(),
        7
    );
    assert_eq!(ids(&list("/department/v2/list?depid=7035&").await), ["7035"]);
    let users = "/user/v1/departmentUsers?status=normal&depid=7035&fetch_child=";
    assert_eq!(ids(&list(&format!("{users}0&")).await), ["8002"]);
    assert_eq!(ids(&list(&format!("{users}1&")).await), ["8001", "8002"]);
    let (status, answer) =
        stage.get(&format!("/user/v1/departmentUsers?depid=7035&access_token={token}")).await;
    assert_eq!(status, 501, "{answer}");
}

#[tokio::test]
async fn circles_above_departments_end() {
    let stage = stage().await;
    for (id, parent) in [("1", "2"), ("2", "1")] {
        let (id, parent) = (id.to_owned(), parent.to_owned());
        stage.eteams.put_department(Department { id, parent, ..Department::default() });
    }
    stage.eteams.put_employee(erplink_sandbox::eteams::Employee {
        id: "9".to_owned(),
        department: "2".to_owned(),
        ..Default::default()
    });
    let token = stage.token().await;
    let path = format!(
        "/user/v1/departmentUsers?status=normal&depid=1&fetch_child=1&access_token={token}"
    );
    assert_eq!(ids(&stage.get(&path).await.1["data"]), ["9"]);
    let found = stage.data(QUERY_EMPLOYEE, json!({"subcompanyIds": ["1"]})).await;
    assert_eq!(found["total"], 0);
}
