//! Callbacks against vectors that other people's code produced, and against arbitrary input.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use dingtalk::callback::{
    Callback, CallbackError, EnvelopeError, Event, InstanceChange, InstanceResultKind, TaskChange,
    TaskResultKind,
};
use erplink_core::Secret;
use erplink_core::callback::Envelope;
use proptest::prelude::*;
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("fixtures/callback-vectors.json")).unwrap()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} in {vector}"))
}

fn query(vector: &Value, names: &[&str], overrides: &Value) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in names {
        let value = overrides[*name].as_str().unwrap_or_else(|| match *name {
            "msg_signature" => text(vector, "signature"),
            name => text(vector, name),
        });
        query.append_pair(name, value);
    }
    query.finish()
}

const ALL: &[&str] = &["signature", "msg_signature", "timestamp", "nonce"];

fn body(encrypt: &str) -> Vec<u8> {
    json!({ "encrypt": encrypt, "other": 1 }).to_string().into_bytes()
}

fn callback(vector: &Value) -> Callback {
    Callback::new(text(vector, "token"), text(vector, "aes_key"), text(vector, "key")).unwrap()
}

#[test]
fn opens_what_others_sealed_and_seals_the_same_bytes() {
    let mut signed = 0;
    for vector in vectors()["positive"].as_array().unwrap() {
        let token = vector["token"].as_str().unwrap_or("unknown");
        let envelope = Envelope::new(token, &Secret::new(text(vector, "aes_key"))).unwrap();
        let encrypt = text(vector, "encrypt");
        let opened = envelope.decrypt(encrypt).unwrap();
        assert_eq!(opened.message(), text(vector, "plaintext"), "{}", vector["id"]);
        assert_eq!(opened.owner(), text(vector, "key"));
        if vector["verify_signature"] == json!(true) {
            signed += 1;
            let (timestamp, nonce) = (text(vector, "timestamp"), text(vector, "nonce"));
            let owners = [text(vector, "key")];
            envelope.open(text(vector, "signature"), timestamp, nonce, encrypt, &owners).unwrap();
            let random: Vec<u8> = (0..32)
                .step_by(2)
                .map(|at| u8::from_str_radix(&text(vector, "random_hex")[at..at + 2], 16).unwrap())
                .collect();
            let sealed = envelope.seal_with_prefix(
                random.try_into().unwrap(),
                text(vector, "plaintext"),
                owners[0],
                timestamp,
                nonce,
            );
            if vector["provenance"] == json!("generated-by-peer") {
                assert_eq!(sealed.encrypt, encrypt, "{}", vector["id"]);
                assert_eq!(sealed.signature, text(vector, "signature"));
            }
        }
    }
    assert_eq!(signed, 11);
}

#[test]
fn refuses_what_is_wrong_with_the_expected_reason() {
    for vector in vectors()["negative"].as_array().unwrap() {
        let error = callback(vector)
            .receive(&query(vector, ALL, &Value::Null), &body(text(vector, "encrypt")))
            .unwrap_err();
        let found = match error {
            CallbackError::Crypto(EnvelopeError::Signature) => "signature_mismatch",
            CallbackError::Crypto(EnvelopeError::Base64) => "base64",
            CallbackError::Crypto(EnvelopeError::CiphertextLength) => "ciphertext_length",
            CallbackError::Crypto(EnvelopeError::Padding) => "padding",
            CallbackError::Crypto(EnvelopeError::Length) => "length",
            CallbackError::Crypto(EnvelopeError::Owner) => "key_mismatch",
            CallbackError::Crypto(EnvelopeError::Utf8) => "utf8",
            other => panic!("{}: {other}", vector["id"]),
        };
        let expected = vector["expect_error"].as_array().unwrap();
        assert!(expected.contains(&json!(found)), "{}: {found}", vector["id"]);
    }
}

#[test]
fn refuses_unusable_keys_when_it_is_built() {
    for vector in vectors()["config"].as_array().unwrap() {
        assert!(Callback::new("token", text(vector, "aes_key"), "owner").is_err());
    }
    let symbols = "!".repeat(43);
    assert!(Callback::new("token", symbols.as_str(), "owner").is_err());
}

#[test]
fn takes_the_signature_under_either_name() {
    let vectors = vectors();
    let positive = vectors["positive"].as_array().unwrap();
    for vector in vectors["envelope"].as_array().unwrap() {
        let push = positive.iter().find(|push| push["id"] == vector["ref"]).unwrap();
        let names: Vec<&str> =
            vector["query"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let result = callback(push)
            .receive(&query(push, &names, &vector["override"]), &body(text(push, "encrypt")));
        match text(vector, "expect") {
            "ok" => assert!(result.is_ok(), "{}: {result:?}", vector["id"]),
            _ => assert!(matches!(result, Err(CallbackError::Envelope(_))), "{}", vector["id"]),
        }
    }
}

fn push(id: &str) -> Value {
    let vectors = vectors();
    vectors["positive"].as_array().unwrap().iter().find(|v| v["id"] == json!(id)).unwrap().clone()
}

#[test]
fn reads_the_events_of_the_vectors() {
    let vector = push("gen-12-instance-finish");
    let received = callback(&vector)
        .receive(&query(&vector, ALL, &Value::Null), &body(text(&vector, "encrypt")))
        .unwrap();
    let Event::Instance(event) = received.event else { panic!("{:?}", received.event) };
    assert_eq!(event.change, InstanceChange::Finished(Some(InstanceResultKind::Agree)));
    let sent: Value = serde_json::from_str(text(&vector, "plaintext")).unwrap();
    assert_eq!(json!(event.process_instance_id), sent["processInstanceId"]);
    assert_eq!(event.raw.as_str(), text(&vector, "plaintext"));
    assert_eq!(received.timestamp, text(&vector, "timestamp"));

    let vector = push("gen-13-task-redirect-corpid-key");
    let received = callback(&vector)
        .receive(&query(&vector, ALL, &Value::Null), &body(text(&vector, "encrypt")))
        .unwrap();
    let Event::Task(event) = received.event else { panic!("{:?}", received.event) };
    assert_eq!(event.change, TaskChange::Finished(Some(TaskResultKind::Redirect)));
}

#[test]
fn answers_check_url_with_an_encrypted_success_for_the_owner_that_matched() {
    let vector = push("gen-04-check-url");
    let callback = Callback::new(text(&vector, "token"), text(&vector, "aes_key"), "another")
        .unwrap()
        .accept_owner(text(&vector, "key"));
    let received = callback
        .receive(
            &query(&vector, &["signature", "timestamp", "nonce"], &Value::Null),
            &body(text(&vector, "encrypt")),
        )
        .unwrap();
    assert_eq!(received.event, Event::CheckUrl);

    let reply: Value = serde_json::from_str(received.reply.body()).unwrap();
    assert_eq!(reply.as_object().unwrap().len(), 4);
    let envelope =
        Envelope::new(text(&vector, "token"), &Secret::new(text(&vector, "aes_key"))).unwrap();
    let opened = envelope
        .open(
            text(&reply, "msg_signature"),
            text(&reply, "timeStamp"),
            text(&reply, "nonce"),
            text(&reply, "encrypt"),
            &[text(&vector, "key")],
        )
        .unwrap();
    assert_eq!(opened.message(), "success");
}

#[test]
fn bounds_the_body_before_anything_else() {
    let vector = push("gen-04-check-url");
    let error = callback(&vector).body_limit(10).receive("", &[b'{'; 11]).unwrap_err();
    assert_eq!(error, CallbackError::TooLarge { found: 11, limit: 10 });
    assert_eq!(error.status().as_u16(), 413);
}

#[test]
fn reads_escaped_base64_and_refuses_other_bodies() {
    let vector = push("gen-12-instance-finish");
    let query = query(&vector, ALL, &Value::Null);
    let escaped = format!(r#"{{"encrypt":"{}"}}"#, text(&vector, "encrypt").replace('/', "\\/"));
    callback(&vector).receive(&query, escaped.as_bytes()).unwrap();
    for body in ["", "[]", "{}", r#"{"encrypt":1}"#, "encrypt=1", "\u{feff}{}"] {
        let error = callback(&vector).receive(&query, body.as_bytes()).unwrap_err();
        assert!(matches!(error, CallbackError::Envelope(_)), "{body}: {error}");
        assert_eq!(error.status().as_u16(), 400);
    }
}

const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";

#[test]
fn prints_neither_token_nor_key_nor_message() {
    let callback = Callback::new("planted-token", AES_KEY, "owner").unwrap();
    let envelope = Envelope::new("planted-token", &Secret::new(AES_KEY)).unwrap();
    let sealed = envelope.seal("\"planted-message\"", "owner", "1", "2").unwrap();
    let query = format!("signature={}&timestamp=1&nonce=2", sealed.signature);
    let error = callback.receive(&query, &body(&sealed.encrypt)).unwrap_err();
    let printed = format!("{callback:?} {error}");
    assert!(!printed.contains("planted") && !printed.contains(AES_KEY), "{printed}");
}

proptest! {
    #[test]
    fn any_query_and_body_are_answered(query in ".*", body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let callback = Callback::new("token", AES_KEY, "owner").unwrap();
        prop_assert!(callback.receive(&query, &body).is_err());
    }

    #[test]
    fn any_signed_text_is_answered(encrypt in "[A-Za-z0-9+/=]{0,200}") {
        let callback = Callback::new("token", AES_KEY, "owner").unwrap();
        let envelope = Envelope::new("token", &Secret::new(AES_KEY)).unwrap();
        let query = format!("signature={}&timestamp=1&nonce=2", envelope.sign("1", "2", &encrypt));
        prop_assert!(callback.receive(&query, &body(&encrypt)).is_err());
    }

    #[test]
    fn what_is_sealed_is_received(
        title in ".*",
        timestamp in "[0-9]{0,13}",
        nonce in "[ -~]{0,16}",
        owner in "[a-z0-9]{1,40}",
    ) {
        let callback = Callback::new("token", AES_KEY, owner.as_str()).unwrap();
        let envelope = Envelope::new("token", &Secret::new(AES_KEY)).unwrap();
        let message = json!({
            "EventType": "bpms_instance_change", "processInstanceId": "p", "type": "start", "title": title,
        })
        .to_string();
        let sealed = envelope.seal(&message, &owner, &timestamp, &nonce).unwrap();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("msg_signature", &sealed.signature)
            .append_pair("timestamp", &timestamp)
            .append_pair("nonce", &nonce)
            .finish();
        let received = callback.receive(&query, &body(&sealed.encrypt)).unwrap();
        let raw = received.event.raw().unwrap();
        prop_assert_eq!(raw.as_str(), message.as_str());
    }
}

#[cfg(feature = "axum")]
mod router {
    use std::sync::{Arc, Mutex};

    use super::*;
    use dingtalk::callback::router;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Serves the router on a free port and posts one push to it.
    async fn post(app: axum::Router, query: &str, body: &[u8]) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /cb?{query} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        answer
    }

    #[tokio::test]
    async fn hands_events_to_the_handler_and_answers() {
        let vector = push("gen-12-instance-finish");
        let (query, body) = (query(&vector, ALL, &Value::Null), body(text(&vector, "encrypt")));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let app = |fail: bool| {
            let seen = seen.clone();
            router("/cb", callback(&vector), move |event: Event| {
                seen.lock().unwrap().push(event);
                async move { if fail { Err("the store is full".into()) } else { Ok(()) } }
            })
        };
        let answer = post(app(false), &query, &body).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("application/json"),
            "{answer}"
        );
        assert!(answer.contains("\"timeStamp\""), "{answer}");
        assert_eq!(seen.lock().unwrap().len(), 1);

        let answer = post(app(true), &query, &body).await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");

        let answer = post(app(false), &query.replace("nonce=", "nonce=x"), &body).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.ends_with("\r\n\r\n"), "{answer}");
        let answer = post(app(false), &query, b"{}").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert_eq!(seen.lock().unwrap().len(), 2, "refused pushes do not get to the handler");

        let check = push("gen-04-check-url");
        let query = super::query(&check, ALL, &Value::Null);
        let answer = post(app(true), &query, &super::body(text(&check, "encrypt"))).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(seen.lock().unwrap().len(), 2, "check_url is answered by the router itself");
    }
}
