//! The clients of 千里聆 and of Piaozone against their simulators, which share no code with them.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::time::Duration;

use easst_invoice::{Encoding, FieldPointers, Picture};
use erplink_sandbox::easst::{self, Invoice, pdf, picture};
use erplink_sandbox::piaozone::{self as simulated, ExpiredToken};
use erplink_sandbox::{Fault, Sandbox};
use http::Method;
use piaozone::expense::ExpenseStatus;
use piaozone::imaging::FileType;
use piaozone::invoices::Gateway;
use piaozone::{EncType, ErrorKind, RetryPolicy, TimestampUnit};
use serde_json::json;

fn reader(sandbox: &Sandbox) -> easst_invoice::ClientBuilder {
    let app = sandbox.easst();
    easst_invoice::Client::builder(app.app_id(), app.app_secret()).base_url(app.url())
}

fn verifier(sandbox: &Sandbox) -> piaozone::ClientBuilder {
    let app = sandbox.piaozone();
    let client = piaozone::Client::builder(app.client_id(), app.client_secret());
    client.encrypt_key(app.encrypt_key()).base_url(app.url())
}

#[tokio::test]
async fn what_the_simulator_draws_is_read_digit_for_digit() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let amount = "12345678901234567890.10".parse().unwrap();
    let invoice = Invoice { amount, ..Invoice::numbered("24312000000000000042") };
    for encoding in [Encoding::Json, Encoding::Form] {
        let client = reader(&sandbox).encoding(encoding).build().unwrap();
        for placement in
            [easst::Placement::Top, easst::Placement::InResult, easst::Placement::InData]
        {
            let quirks = easst::Quirks { placement, ..easst::Quirks::default() };
            sandbox.easst().set_quirks(quirks);
            for file in
                [picture(std::slice::from_ref(&invoice)), pdf(std::slice::from_ref(&invoice))]
            {
                let read = client.recognize(&Picture::new(file)).await.unwrap();
                let first = &read.result()[0];
                assert!(first.as_str().contains(r#""totalAmount":12345678901234567890.10,"#));
                assert_eq!(read.commodity_info().len(), 1, "{placement:?}");
            }
        }
    }
    sandbox.easst().set_quirks(easst::Quirks { amounts_as_text: true, ..Default::default() });
    let client = reader(&sandbox).build().unwrap();
    let read = client.recognize(&Picture::new(picture(&[invoice]))).await.unwrap();
    let found = FieldPointers::new([("amount", "/result/0/totalAmount")]).read(&read);
    assert_eq!(found["amount"].as_str(), r#""12345678901234567890.10""#);
    let exact = read.decimal("/result/0/totalAmount").unwrap().unwrap();
    assert_eq!(exact.to_string(), "12345678901234567890.10");
}

#[tokio::test]
async fn a_slow_recognition_is_given_up_and_was_billed() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let client = reader(&sandbox).repeat(false).retry(RetryPolicy::never()).build().unwrap();
    let client = client.with_timeout(Duration::from_millis(200));
    sandbox.easst().delay_next_answer(Duration::from_secs(5));
    let file = Picture::new(picture(&[Invoice::default()]));
    let error = client.recognize(&file).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Timeout && error.may_have_taken_effect(), "{error}");
    assert_eq!(sandbox.easst().recognized().len(), 1);
}

#[tokio::test]
async fn every_signature_and_unit_fetches_a_token() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    for enc_type in EncType::ALL {
        for unit in [TimestampUnit::Milliseconds, TimestampUnit::Seconds] {
            let timestamp_unit = match unit {
                TimestampUnit::Seconds => simulated::TimestampUnit::Seconds,
                _ => simulated::TimestampUnit::Milliseconds,
            };
            let only = Some(enc_type.number());
            let quirks = simulated::Quirks { timestamp_unit, enc_type: only, ..Default::default() };
            sandbox.piaozone().set_quirks(quirks);
            let client = verifier(&sandbox).enc_type(enc_type).timestamp_unit(unit);
            client.build().unwrap().log_in().await.unwrap();
        }
    }
    assert_eq!(sandbox.piaozone().token_count(), 6);
    let wrong = verifier(&sandbox).enc_type(EncType::Md5).build().unwrap();
    assert_eq!(wrong.log_in().await.unwrap_err().kind(), ErrorKind::Auth);
}

#[tokio::test]
async fn an_expired_token_is_renewed_within_the_call() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    sandbox.piaozone().put_invoice(Invoice::numbered("7"));
    let client = verifier(&sandbox).build().unwrap();
    let elements = json!({ "invoiceNo": "7" });
    for expired_token in [ExpiredToken::Code, ExpiredToken::Http401] {
        let quirks = simulated::Quirks { expired_token, ..Default::default() };
        sandbox.piaozone().set_quirks(quirks);
        sandbox.piaozone().expire_tokens();
        for gateway in [Gateway::M3, Gateway::M13] {
            let found = client.invoices().check(gateway, &elements).await.unwrap();
            assert!(found.data().as_str().contains(r#""totalAmount":1130.11"#), "{}", found.data());
        }
    }
    assert_eq!(sandbox.piaozone().token_count(), 2);
}

#[tokio::test]
async fn an_invoice_whose_answer_is_lost_is_issued_once_and_found() {
    for committed in [true, false] {
        let sandbox = Box::pin(Sandbox::start()).await.unwrap();
        let client = verifier(&sandbox).build().unwrap();
        sandbox.piaozone().faults().push(match committed {
            true => Fault::reset_after(Method::POST, "/create"),
            false => Fault::never_answer(Method::POST, "/create"),
        });
        let wanted = json!({ "invoiceNo": "24312000000000000001", "buyerName": "买方" });
        let hasty = client.with_timeout(Duration::from_millis(500));
        let error = hasty.invoices().create(&wanted).await.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");
        let look = json!({ "invoiceNo": "24312000000000000001" });
        let found = client.invoices().check(Gateway::M3, &look).await;
        assert_eq!(found.is_ok(), committed);
        if !committed {
            client.invoices().create(&wanted).await.unwrap();
        }
        assert_eq!(sandbox.piaozone().invoices().len(), 1);
    }
}

#[tokio::test]
async fn pictures_are_verified_and_some_of_them_fail() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let known = Invoice::numbered("7");
    sandbox.piaozone().put_invoice(known.clone());
    let imaging = verifier(&sandbox).build().unwrap().imaging();
    let bad = Invoice { illegible: true, ..Invoice::numbered("9") };
    let all = picture(&[known.clone(), Invoice::numbered("8"), bad]);
    let codes = |answer: &piaozone::Answer| -> Vec<String> {
        let code = |item: &piaozone::RawJson| {
            item.get::<serde_json::Value>().unwrap()["errcode"].as_str().unwrap().to_owned()
        };
        answer.items().iter().map(code).collect()
    };
    assert_eq!(codes(&imaging.check_all(&all).await.unwrap()), ["0000", "2001", "2006"]);
    assert_eq!(codes(&imaging.recognize_all(&all).await.unwrap()), ["0000", "0000", "2006"]);
    imaging.check(&picture(std::slice::from_ref(&known)), FileType::Jpg).await.unwrap();
    imaging.check_pdf(&pdf(&[known])).await.unwrap();
    let error = imaging.check(b"a letter", FileType::Pdf).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code(), "2004");
}

#[tokio::test]
async fn expense_forms_hold_their_invoices() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    sandbox.piaozone().put_invoice(Invoice::numbered("7"));
    let expense = verifier(&sandbox).build().unwrap().expense();
    let entry = json!({ "expenseId": "B 1", "invoiceNos": ["7"] });
    expense.cache(&entry).await.unwrap();
    expense.save(&entry).await.unwrap();
    let booked = json!({ "expenseId": "B 1", "expenseStatus": ExpenseStatus::Booked });
    expense.set_status(&booked).await.unwrap();
    let bound = expense.invoices([("expenseId", "B 1")]).await.unwrap();
    assert!(bound.items()[0].as_str().contains(r#""expenseStatus":65"#));
    expense.delete(&entry).await.unwrap();
    assert!(expense.invoices([("expenseId", "B 1")]).await.unwrap().items().is_empty());
    assert!(expense.user_key(&json!({})).await.unwrap().json::<String>().is_ok());
    assert!(expense.link_key(&json!({})).await.unwrap().json::<String>().is_ok());
}
