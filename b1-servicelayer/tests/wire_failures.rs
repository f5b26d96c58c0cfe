//! What failures say: whose 503 it was, and never a secret.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use b1_servicelayer::entities::Document;
use b1_servicelayer::{Decision, ErrorKind};
use support::{Erp, error, json};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn the_balancers_503_is_unprocessed_where_it_is_trusted() {
    let page = || ResponseTemplate::new(503).set_body_string("<html>Service Unavailable</html>");
    let order = || Document { card_code: Some("C1".into()), ..Default::default() };
    let erp = Erp::with(|builder| builder.trust_unavailable(true)).await;
    erp.answer(page()).await.answer(json(201, r#"{"DocEntry":1}"#)).await;
    erp.client.orders().create(&order()).await.unwrap();
    assert_eq!(erp.calls().await.len(), 2);
    for trust in [true, false] {
        let erp = Erp::with(|builder| builder.trust_unavailable(trust)).await;
        for _ in 0..3 {
            erp.answer(page()).await;
        }
        let failed = erp.client.orders().create(&order()).await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Server);
        assert_eq!(failed.may_have_taken_effect(), !trust, "{failed}");
        assert_eq!(erp.calls().await.len(), if trust { 3 } else { 1 });
        // The Service Layer's own word is another matter, and so are 502 and 504.
        for answer in [error(503, -1), ResponseTemplate::new(502), ResponseTemplate::new(504)] {
            let erp = Erp::with(|builder| builder.trust_unavailable(trust)).await;
            erp.answer(answer).await;
            let failed = erp.client.orders().create(&order()).await.unwrap_err();
            assert!(failed.may_have_taken_effect(), "{failed}");
            assert_eq!(erp.calls().await.len(), 1);
        }
    }
}

#[tokio::test]
async fn an_echoed_password_is_masked() {
    let erp = Erp::start().await;
    let echo = r#"{"error":{"code":206,"message":"Bad patch content: \"ApproverPassword\":\"s3cret\\\"pw\""}}"#;
    erp.answer(json(400, echo)).await;
    let decision = Decision::approve().on_behalf_of("u", "s3cret\"pw");
    let decide = erp.client.approval_requests().key(17).decide(decision);
    assert!(!format!("{decide:?}").contains("s3cret"));
    let failed = decide.await.unwrap_err();
    let shown = format!("{failed} {failed:?}");
    assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
    let raw = erp.client.raw().post("Users?x=hush-hush").json(&[("UserPassword", "hush-hush")]);
    let service = erp.client.service("X_Y", &[("Password", "hush-hush")]);
    erp.answer(json(200, "hush-hush").append_header("set-cookie", "A=hush-hush")).await;
    let answer = erp.client.raw().get("X").await.unwrap();
    let shown = format!("{raw:?} {service:?} {answer:?}");
    assert!(shown.contains("GET X") && !shown.contains("hush"), "{shown}");
}
