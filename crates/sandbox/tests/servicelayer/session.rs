//! Login, cookies, expiry.

use std::time::Duration;

use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::support::{Client, v1};

#[tokio::test]
async fn a_login_answers_as_the_real_server() {
    let sandbox = Sandbox::start().await.unwrap();
    for (version, context, end) in [
        ("v1", "odata.metadata", "/6160/b1s/v1/$metadata#B1Sessions/@Element"),
        ("v2", "@odata.context", "/6160/b1s/v2/$metadata#B1Sessions/$entity"),
    ] {
        let mut client = Client::new(&sandbox.b1().root_url(), version);
        let answer = client.log_in(sandbox.b1()).await.expect(200);
        let body = answer.json();
        let id = body["SessionId"].as_str().unwrap();
        assert!(body[context].as_str().unwrap().ends_with(end), "{body}");
        assert_eq!(body["Version"], "1000190");
        assert_eq!(body["SessionTimeout"], 30);
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, [&*format!("B1SESSION={id};HttpOnly;"), "ROUTEID=.node1; path=/b1s"]);
    }
    assert_eq!(sandbox.b1().login_count(), 2);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let (sandbox, client) = v1().await;
    let b1 = sandbox.b1();
    for body in [
        json!({"CompanyDB": "SBODEMOCN ", "UserName": b1.user(), "Password": b1.password()}),
        json!({"CompanyDB": "OTHER", "UserName": b1.user(), "Password": b1.password()}),
        json!({"CompanyDB": "SBODEMOCN", "UserName": "nobody", "Password": b1.password()}),
        json!({"CompanyDB": "SBODEMOCN", "UserName": b1.user(), "Password": "wrong"}),
        json!({"CompanyDB": "SBODEMOCN"}),
    ] {
        client.post("Login", body).await.refused(401, 100_000_027);
    }
    let locked = json!({
        "CompanyDB": "SBODEMOCN", "UserName": "S-ERP\\LOCKED", "Password": "Gone-1234",
    });
    client.post("Login", locked).await.refused(401, 100_000_055);
    assert_eq!(b1.login_count(), 1);
}

#[tokio::test]
async fn a_session_ends_after_thirty_idle_minutes() {
    let (sandbox, client) = v1().await;
    for _ in 0..3 {
        sandbox.clock().advance(Duration::from_secs(29 * 60));
        client.get("Items").await.expect(200);
    }
    sandbox.clock().advance(Duration::from_secs(31 * 60));
    let answer = client.get("Items").await.refused(401, 301);
    let message = &answer.json()["error"]["message"];
    assert_eq!(message["value"], "Invalid session or session already timeout.");
    client.get("Items").await.refused(401, 301);
}

#[tokio::test]
async fn sessions_end_by_logout_and_by_hand() {
    let (sandbox, mut client) = v1().await;
    client.act("Logout").await.expect(204);
    client.act("Logout").await.refused(401, 301);
    client.log_in(sandbox.b1()).await.expect(200);
    sandbox.b1().expire_sessions();
    client.get("Items").await.refused(401, 301);
    client.log_in(sandbox.b1()).await.expect(200);
    let ids = sandbox.b1().session_ids();
    assert!(sandbox.b1().kill_session(&ids[0]));
    client.get("Items").await.refused(401, 301);
    client.cookies.clear();
    client.get("Items").await.refused(401, 301);
}

#[tokio::test]
async fn after_a_failover_the_session_lives_on_with_a_new_route() {
    let (sandbox, client) = v1().await;
    assert_eq!(client.get("Items").await.expect(200).header("set-cookie"), "");
    sandbox.b1().fail_over();
    let answer = client.get("Items").await.expect(200);
    assert_eq!(answer.header("set-cookie"), "ROUTEID=.node2; path=/b1s");
}

#[tokio::test]
async fn only_the_tenants_path_leads_to_the_service() {
    let (sandbox, mut client) = v1().await;
    let with_prefix = sandbox.b1().root_url();
    let server = with_prefix.strip_suffix("/6160").unwrap().to_owned();
    client.base = format!("{server}/b1s/v1");
    assert!(client.get("Items").await.expect(404).text.starts_with("<html>"));
    client.base = server;
    let pong = client.get("ping/").await.expect(200).json();
    assert_eq!(
        (pong["message"].as_str(), pong["sender"].as_str()),
        (Some("pong"), Some("load balancer"))
    );
    assert!(pong["timestamp"].is_string());
    assert_eq!(client.get("ping/node/1").await.expect(200).json()["sender"], "node1");
    let missing = client.get("ping/node/5").await.expect(503).json();
    assert_eq!(missing["message"], "node 5 does not exist");
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let (_sandbox, client) = v1().await;
    for (method, path) in [
        (Method::GET, "SQLViews('V')"),
        (Method::POST, "Attachments2"),
        (Method::GET, "$crossjoin(Orders,BusinessPartners)"),
        (Method::GET, "Orders?$apply=aggregate(DocTotal%20with%20sum%20as%20T)"),
        (Method::POST, "CompanyService_GetCompanyInfo"),
        (Method::POST, "Orders(1)/CreateCancellationDocument"),
    ] {
        let answer = client.send(method, path, &[], Some("{}")).await.expect(501);
        let message = answer.json()["error"]["message"]["value"].as_str().unwrap().to_owned();
        assert!(message.contains("does not simulate"), "{message}");
    }
    for header in ["B1S-Schema", "B1S-WCFCompatible"] {
        client.send(Method::GET, "Items", &[(header, "true")], None).await.expect(501);
    }
}
