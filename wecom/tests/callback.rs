//! Callbacks against vectors that other people's code produced, and against arbitrary input.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use erplink_core::Secret;
use erplink_core::callback::Envelope;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{vector, vectors};
use wecom::approvals::{ChangeEvent, Decision, EngineStatus, FormStatus, NodeType};
use wecom::callback::{
    App, AppEventKind, ApprovalEvent, Callback, CallbackError, EnvelopeError, Event, FormState,
    Verdict,
};

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} in {vector}"))
}

fn callback(vector: &Value) -> Callback {
    let key = text(vector, "encodingAesKey");
    Callback::new(text(vector, "token"), key, text(vector, "receiveid")).unwrap()
}

fn list(name: &str) -> Vec<Value> {
    vectors()[name].as_array().unwrap().clone()
}

#[test]
fn takes_every_good_vector_and_seals_the_same_bytes() {
    let (mut checks, mut posts, mut sealed_alike) = (0, 0, 0);
    for vector in list("positive") {
        let id = text(&vector, "id");
        match text(&vector, "kind") {
            "verify_url" => {
                checks += 1;
                let reply = callback(&vector).check(text(&vector, "query")).unwrap();
                assert_eq!(reply, text(&vector, "reply"), "{id}");
            }
            kind @ ("post_xml" | "post_json") => {
                posts += 1;
                let strict = callback(&vector);
                let (query, body) = (text(&vector, "query"), text(&vector, "body").as_bytes());
                if kind == "post_json" {
                    let refused = strict.receive(query, body).unwrap_err();
                    assert!(matches!(refused, CallbackError::Envelope(_)), "JSON is an option");
                }
                let received = strict.accept_json().receive(query, body).unwrap();
                assert_eq!(received.event.raw(), text(&vector, "plaintext"), "{id}");
                assert_eq!(received.receive_id, text(&vector, "receiveid"));
            }
            "signature" => {
                let token = text(&vector, "token");
                let key = Secret::new("a".repeat(43));
                let envelope = Envelope::new(token, &key).unwrap();
                let signature = envelope.sign(
                    text(&vector, "timestamp"),
                    text(&vector, "nonce"),
                    text(&vector, "encrypt"),
                );
                assert_eq!(signature, text(&vector, "signature"), "{id}");
            }
            "reply_xml" => {}
            other => panic!("{other}"),
        }
        let Some(prefix) = vector["random16_hex"].as_str() else { continue };
        let prefix: Vec<u8> = (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(&prefix[at..at + 2], 16).unwrap())
            .collect();
        let key = Secret::new(text(&vector, "encodingAesKey"));
        let envelope = Envelope::new(text(&vector, "token"), &key).unwrap();
        let sealed = envelope.seal_with_prefix(
            prefix.try_into().unwrap(),
            text(&vector, "plaintext"),
            text(&vector, "receiveid"),
            text(&vector, "timestamp"),
            text(&vector, "nonce"),
        );
        sealed_alike += 1;
        assert_eq!(sealed.encrypt, text(&vector, "encrypt"), "{id}");
        assert_eq!(sealed.signature, text(&vector, "signature"), "{id}");
    }
    assert_eq!((checks, posts), (4, 10));
    assert!(sealed_alike >= 12, "{sealed_alike}");
}

#[test]
fn refuses_every_bad_vector_for_the_expected_reason() {
    for vector in list("negative") {
        let (id, key) = (text(&vector, "id"), text(&vector, "encodingAesKey"));
        let expected = text(&vector, "expect");
        let made = Callback::new(text(&vector, "token"), key, text(&vector, "receiveid"));
        if expected == "bad_key" {
            assert!(made.is_err(), "{id}");
            continue;
        }
        let body = text(&vector, "body").as_bytes();
        let error = made.unwrap().receive(text(&vector, "query"), body).unwrap_err();
        let class = match &error {
            CallbackError::Crypto(EnvelopeError::Signature) => "signature_mismatch",
            CallbackError::Crypto(EnvelopeError::Owner) => "receiveid_mismatch",
            CallbackError::Crypto(EnvelopeError::Base64) => "bad_base64",
            CallbackError::Crypto(EnvelopeError::CiphertextLength) => "bad_block_length",
            CallbackError::Crypto(EnvelopeError::Padding) => "bad_padding",
            CallbackError::Crypto(EnvelopeError::Length) if expected == "too_short" => "too_short",
            CallbackError::Crypto(EnvelopeError::Length) => "bad_length",
            CallbackError::MissingEncrypt => "missing_encrypt",
            CallbackError::DuplicateElement(_) => "duplicate_element",
            CallbackError::Doctype => "xml_forbidden_dtd",
            other => panic!("{id}: {other}"),
        };
        assert_eq!(class, expected, "{id}");
        assert_eq!(error.status(), 400, "nobody learns which check failed");
    }
}

#[test]
fn asks_for_each_parameter_once() {
    let vector = vector("positive", "official-verify-url");
    let (callback, query) = (callback(&vector), text(&vector, "query"));
    for name in ["msg_signature", "timestamp", "nonce", "echostr"] {
        let without: Vec<_> =
            query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        let error = callback.check(&without.join("&")).unwrap_err();
        assert_eq!(error, CallbackError::MissingParameter(name));
        let error = callback.check(&format!("{query}&{name}=1")).unwrap_err();
        assert_eq!(error, CallbackError::DuplicateParameter(name));
    }
    // A `+` that was sent as it is, and one that a proxy took for a space.
    for plus in ["+", "%20"] {
        let raw = query.replace("%2B", plus);
        assert_ne!(raw, query);
        assert_eq!(callback.check(&raw).unwrap(), text(&vector, "reply"), "{plus}");
    }
}

#[test]
fn takes_envelopes_however_they_are_laid_out() {
    let vector = vector("positive", "gen-chinese");
    let callback = callback(&vector);
    let encrypt = text(&vector, "encrypt");
    for body in [
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml>\n <AgentID>1</AgentID>\n <Encrypt>\n{encrypt}\n</Encrypt></xml>"
        ),
        format!(
            "\u{feff}<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><New a=\"b\"><x/></New></xml>"
        ),
        format!("<root><Encrypt><!-- c -->{encrypt}</Encrypt></root>"),
    ] {
        let received = callback.receive(text(&vector, "query"), body.as_bytes()).unwrap();
        assert_eq!(received.event.raw(), text(&vector, "plaintext"));
    }
    for (body, expected) in [
        (format!("<xml><a><Encrypt>{encrypt}</Encrypt></a></xml>"), CallbackError::MissingEncrypt),
        ("<xml><Encrypt/></xml>".to_owned(), CallbackError::MissingEncrypt),
        ("<xml>text</xml>".to_owned(), CallbackError::MissingEncrypt),
        (
            format!("<xml><Encrypt>{encrypt}</Encrypt>"),
            CallbackError::Envelope("it is not well-formed XML"),
        ),
        (String::new(), CallbackError::Envelope("it is not well-formed XML")),
        (
            format!("<xml><Encrypt>&x;{encrypt}</Encrypt></xml>"),
            CallbackError::Envelope("it uses an entity"),
        ),
    ] {
        let error = callback.receive(text(&vector, "query"), body.as_bytes()).unwrap_err();
        assert_eq!(error, expected, "{body}");
    }
    let error = callback.receive(text(&vector, "query"), b"\xff\xfe").unwrap_err();
    assert_eq!(error, CallbackError::Envelope("it is not UTF-8"));
    let error = callback.clone().body_limit(10).receive("", &[b'<'; 11]).unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error),
        (413, CallbackError::TooLarge { found: 11, limit: 10 })
    );
}

/// What a push with this message carries: query and body.
fn push(app: &Value, message: &str, agent_id: &str) -> (String, String) {
    let key = Secret::new(text(app, "encodingAesKey"));
    let envelope = Envelope::new(text(app, "token"), &key).unwrap();
    let sealed = envelope.seal(message, text(app, "receiveid"), "1751335200", "n1").unwrap();
    let query = format!("msg_signature={}&timestamp=1751335200&nonce=n1", sealed.signature);
    let body = format!(
        "<xml><ToUserName>x</ToUserName><AgentID>{agent_id}</AgentID><Encrypt>{}</Encrypt></xml>",
        sealed.encrypt
    );
    (query, body)
}

fn some_app() -> Value {
    vector("positive", "gen-chinese")
}

fn event_of(message: &str) -> Event {
    let app = some_app();
    let (query, body) = push(&app, message, "1000002");
    callback(&app).receive(&query, body.as_bytes()).unwrap().event
}

#[test]
fn a_document_type_in_the_message_is_refused_too() {
    let app = some_app();
    let message =
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><xml><Event>&f;</Event></xml>";
    let (query, body) = push(&app, message, "1");
    let error = callback(&app).receive(&query, body.as_bytes()).unwrap_err();
    assert_eq!(error, CallbackError::Doctype);
}

#[test]
fn a_message_that_cannot_be_read_is_kept() {
    for message in [
        "",
        "hello",
        "<xml>",
        "<xml/>",
        "{\"Event\": :x}",
        "<xml><Event>sys_approval_change</Event></xml>",
        "<xml><Event>sys_approval_change</Event><ApprovalInfo><SpNo>1</SpNo></ApprovalInfo></xml>",
        "<xml><Event>open_approval_change</Event><ApprovalInfo/></xml>",
    ] {
        let event = event_of(message);
        assert!(matches!(event, Event::Unreadable(_)), "{event:?}");
        assert_eq!(event.raw(), message);
    }
}

fn approval(vector: &Value) -> ApprovalEvent {
    let callback_vector = &vector["callback"];
    let body = text(callback_vector, "body").as_bytes();
    let received = callback(callback_vector).receive(text(callback_vector, "query"), body).unwrap();
    assert_eq!(received.event.raw(), text(vector, "xml"));
    match received.event {
        Event::Approval(event) => *event,
        other => panic!("{other:?}"),
    }
}

/// The event in the words of the vectors.
fn digest(event: &ApprovalEvent) -> Value {
    let progress = &event.progress;
    let all = || progress.records.iter().flat_map(|record| &record.opinions);
    let by_user = |value: &dyn Fn(&wecom::approvals::Opinion) -> Value| {
        let pairs = all().map(|one| (one.userid.clone(), value(one)));
        Value::Object(pairs.collect())
    };
    json!({
        "event": event.meta.event,
        "agent_id": event.meta.agent_id.map(|id| id.to_string()),
        "sp_no": event.sp_no,
        "sp_status": event.status,
        "change": event.change,
        "template_id": event.template_id,
        "applyer": event.applicant.as_ref().map(|one| &one.userid),
        "final": event.status.is_final(),
        "outcome": match event.decision() {
            Decision::Approved => json!("approved"),
            Decision::Rejected => json!("rejected"),
            _ => Value::Null,
        },
        "records": progress.records.len(),
        "record_attr": progress.records.iter().map(|one| one.attr).collect::<Vec<_>>(),
        "approvers": all().map(|one| &one.userid).collect::<Vec<_>>(),
        "approver_status": by_user(&|one| json!(one.status)),
        "speech": by_user(&|one| json!(one.speech)),
        "attachments": by_user(&|one| json!(one.attachments)),
        "last_sptime": progress.last_time().map(|at| at.timestamp()),
        "notifyers": progress.cc,
        "nodes": progress.nodes.len(),
        "node_types": progress.nodes.iter().map(|node| node.kind).collect::<Vec<_>>(),
        "apv_rel": progress.nodes.iter().map(|node| node.mode).collect::<Vec<_>>(),
        "comments": progress.comments.len(),
    })
}

#[test]
fn reads_every_approval_event_of_the_vectors() {
    for vector in list("approval_change_events") {
        let event = approval(&vector);
        let digest = digest(&event);
        for (name, expected) in vector["expect"].as_object().unwrap() {
            let mut found = digest[name].clone();
            if let (Some(found), Some(expected)) = (found.as_object_mut(), expected.as_object()) {
                found.retain(|user, _| expected.contains_key(user));
            }
            assert_eq!(&found, expected, "{name} of {}", vector["id"]);
        }
        // The same people in the view of the nodes, wherever it is there.
        let approvers = event.progress.opinions().filter(|one| one.status.is_some());
        assert!(approvers.count() >= event.progress.records.len());
    }
}

fn message(info: &str) -> String {
    format!(
        "<xml><ToUserName>ww</ToUserName><FromUserName>sys</FromUserName><CreateTime>1751335200</CreateTime>\
         <MsgType>event</MsgType><Event>sys_approval_change</Event><AgentID>1000002</AgentID>\
         <ApprovalInfo>{info}</ApprovalInfo></xml>"
    )
}

fn approval_of(info: &str) -> ApprovalEvent {
    match event_of(&message(info)) {
        Event::Approval(event) => *event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn knows_every_kind_of_change() {
    for change in [1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 14, 15] {
        let event = approval_of(&format!(
            "<SpNo>1</SpNo><SpStatus>1</SpStatus><StatuChangeEvent>{change}</StatuChangeEvent>"
        ));
        let found = event.change.unwrap();
        assert_eq!(found.number(), change);
        assert!(ChangeEvent::KNOWN.contains(&found));
    }
    assert_eq!(ChangeEvent::KNOWN.len(), 13);
    for status in [1, 2, 3, 4, 6, 7, 10] {
        let event = approval_of(&format!("<SpNo>1</SpNo><SpStatus>{status}</SpStatus>"));
        assert!(FormStatus::KNOWN.contains(&event.status));
        assert_eq!(event.status.is_final(), status != 1);
        assert_eq!(event.change, None);
    }
    let odd =
        approval_of("<SpNo>1</SpNo><SpStatus>99</SpStatus><StatuChangeEvent>77</StatuChangeEvent>");
    assert_eq!(odd.status, FormStatus::Unknown(99));
    assert_eq!(odd.change, Some(ChangeEvent::Unknown(77)));
    assert_eq!(odd.decision(), Decision::Unknown);
}

#[test]
fn reads_events_of_all_ages_and_spellings() {
    let number = |info: &str| approval_of(info).sp_no;
    assert_eq!(number("<SpNoStr>007</SpNoStr><SpNo>7</SpNo><SpStatus>1</SpStatus>"), "007");
    assert_eq!(number("<SpNo>202507010001</SpNo><SpStatus>1</SpStatus>"), "202507010001");
    assert_eq!(number("<SpNoStr></SpNoStr><SpNo>7</SpNo><SpStatus>1</SpStatus>"), "7");
    assert_eq!(number("<SpNoStr>局1</SpNoStr><SpStatus>1</SpStatus>"), "局1");
    let event = approval_of(
        "<spno>1</spno><SPSTATUS>1</SPSTATUS><ProcessList><NodeList><NodeType>3</NodeType>\
         <SubNodeList><UserInfo><UserID>a</UserID></UserInfo><SpYj>14</SpYj><SpTime>1751335200</SpTime>\
         <MediaIds>m1</MediaIds></SubNodeList></NodeList></ProcessList>\
         <Comments><CommentUserInfo><UserId>b</UserId></CommentUserInfo><CommentTime>5</CommentTime>\
         <CommentContent>c</CommentContent><CommentId>6750538708562308220</CommentId><Attach>x</Attach>\
         <Attach>y</Attach></Comments>",
    );
    let node = &event.progress.nodes[0];
    assert_eq!(node.kind, NodeType::Handler);
    assert_eq!(node.opinions[0].userid, "a");
    assert_eq!(node.opinions[0].time.unwrap().timestamp(), 1_751_335_200);
    assert_eq!(node.opinions[0].attachments, ["m1"]);
    let comment = &event.progress.comments[0];
    assert_eq!((comment.id.as_str(), comment.userid.as_str()), ("6750538708562308220", "b"));
    assert_eq!(comment.attachments, ["x", "y"]);
    // The same event as JSON.
    let json = r#"{"Event":"sys_approval_change","CreateTime":1,"AgentID":"5",
        "ApprovalInfo":{"SpNo":7,"SpStatus":2,"Notifyer":{"UserId":"w"}}}"#;
    let Event::Approval(event) = event_of(json) else { panic!() };
    assert_eq!((event.sp_no.as_str(), event.progress.cc.as_slice()), ("7", &["w".to_owned()][..]));
}

#[test]
fn reads_the_other_events() {
    let event = event_of(
        "<xml><Event>open_approval_change</Event><ApprovalInfo><ThirdNo>B1-1</ThirdNo>\
         <OpenSpStatus>2</OpenSpStatus><ApplyUserId>a</ApplyUserId><ApprovalNodes><ApprovalNode>\
         <NodeStatus>2</NodeStatus><NodeAttr>1</NodeAttr><Items><Item><ItemUserid>b</ItemUserid>\
         </Item><Item><ItemUserId>c</ItemUserId></Item></Items></ApprovalNode></ApprovalNodes>\
         <approverstep>1</approverstep></ApprovalInfo></xml>",
    );
    let Event::Engine(engine) = event else { panic!("{event:?}") };
    assert_eq!((engine.form.status, engine.form.step), (EngineStatus::Passed, Some(1)));
    let people: Vec<_> = engine.form.nodes[0].items.iter().map(|one| one.userid.as_str()).collect();
    assert_eq!(people, ["b", "c"]);
    for kind in AppEventKind::KNOWN {
        let event = event_of(&format!(
            "<xml><Event>{kind}</Event><EffectTime>1751335200</EffectTime></xml>"
        ));
        let Event::App(app) = event else { panic!("{event:?}") };
        assert_eq!(&app.kind, kind);
        assert_eq!(app.effective.unwrap().timestamp(), 1_751_335_200);
    }
    let event = event_of("<xml><MsgType>event</MsgType><Event>change_contact</Event></xml>");
    assert_eq!(event.meta().unwrap().event, "change_contact");
    assert!(matches!(event, Event::Other(_)));
}

#[test]
fn the_key_tells_events_apart_and_repetitions_not() {
    let key = |info: &str| event_of(&message(info)).dedup_key();
    let base = "<SpNo>1</SpNo><SpStatus>1</SpStatus><StatuChangeEvent>2</StatuChangeEvent>";
    assert_eq!(key(base), key(&format!("{base}<SpName>x</SpName>")));
    let comment = |id| format!("{base}<Comments><CommentId>{id}</CommentId></Comments>");
    for other in [
        base.replace("<SpNo>1", "<SpNo>2"),
        base.replace("<SpStatus>1", "<SpStatus>2"),
        base.replace("Event>2", "Event>3"),
        comment(7),
        comment(8),
    ] {
        assert_ne!(key(base), key(&other), "{other}");
    }
    assert_ne!(key(&comment(7)), key(&comment(8)));
    let other_time = message(base).replace("1751335200", "1751335201");
    let other_app = message(base).replace("1000002", "1000003");
    assert_ne!(event_of(&other_time).dedup_key(), key(base));
    assert_ne!(event_of(&other_app).dedup_key(), key(base));
}

#[test]
fn an_older_event_does_not_undo_a_decision() {
    let events: Vec<_> = list("approval_change_events").iter().map(approval).collect();
    let (agreed, passed) = (&events[1], &events[2]);
    assert_eq!(FormState::of(passed).judge(agreed), Verdict::Stale);
    assert_eq!(FormState::of(agreed).judge(passed), Verdict::Apply);
}

#[test]
fn serves_several_apps_on_one_address() {
    let one = some_app();
    let two = vector("positive", "official-post-xml");
    let app = |vector: &Value, agent_id| {
        let key = text(vector, "encodingAesKey");
        App::new(text(vector, "token"), key, text(vector, "receiveid")).unwrap().agent_id(agent_id)
    };
    let callback = Callback::from(app(&one, 1)).with_app(app(&two, 2));
    for vector in [&one, &two] {
        // Named rightly, wrongly, not at all: the signature decides.
        for agent_id in ["1", "2", "3", ""] {
            let (query, body) = push(vector, "<xml><Event>x</Event></xml>", agent_id);
            let received = callback.receive(&query, body.as_bytes()).unwrap();
            assert_eq!(received.receive_id, text(vector, "receiveid"));
        }
    }
    let check = vector("positive", "official-verify-url");
    assert_eq!(callback.check(text(&check, "query")).unwrap(), text(&check, "reply"));
    // The second app's key does not open what is sealed for the first one's corp.
    let mut mixed = two.clone();
    mixed["receiveid"] = one["receiveid"].clone();
    let (query, body) = push(&mixed, "<xml/>", "1");
    let error = callback.receive(&query, body.as_bytes()).unwrap_err();
    assert_eq!(error, CallbackError::Crypto(EnvelopeError::Owner));
    let accepting = Callback::from(app(&two, 2).accept(text(&one, "receiveid")));
    accepting.receive(&query, body.as_bytes()).unwrap();
}

#[test]
fn a_replay_window_refuses_old_pushes() {
    let app = some_app();
    let (query, body) = push(&app, "<xml><Event>x</Event></xml>", "1");
    let window = std::time::Duration::from_secs(600);
    let error = callback(&app).replay_window(window).receive(&query, body.as_bytes()).unwrap_err();
    assert_eq!(error, CallbackError::Stale("1751335200".into()));
    let clock = erplink_core::clock::ManualClock::default();
    clock.advance(std::time::Duration::from_secs(1_751_335_200 + 600));
    let window = callback(&app).replay_window(window).clock(clock.clone());
    window.receive(&query, body.as_bytes()).unwrap();
    clock.advance(std::time::Duration::from_secs(1));
    window.receive(&query, body.as_bytes()).unwrap_err();
}

#[test]
fn seals_replies_that_the_platform_can_open() {
    let app_vector = vector("positive", "gen-passive-reply");
    let key = text(&app_vector, "encodingAesKey");
    let app = App::new(text(&app_vector, "token"), key, text(&app_vector, "receiveid")).unwrap();
    let reply = app.reply("<xml>好</xml>", "1409659813", "1372623149").unwrap();
    let between = |start: &str, end: &str| {
        reply.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned()
    };
    assert_eq!(between("<TimeStamp>", "</"), "1409659813");
    assert_eq!(between("<Nonce><![CDATA[", "]"), "1372623149");
    let envelope = Envelope::new(text(&app_vector, "token"), &Secret::new(key)).unwrap();
    let opened = envelope
        .open(
            &between("<MsgSignature><![CDATA[", "]"),
            "1409659813",
            "1372623149",
            &between("<Encrypt><![CDATA[", "]"),
            &[text(&app_vector, "receiveid")],
        )
        .unwrap();
    assert_eq!(opened.message(), "<xml>好</xml>");
}

#[test]
fn keys_do_not_show() {
    let vector = some_app();
    let shown = format!("{:?}", callback(&vector));
    assert!(!shown.contains(text(&vector, "token")));
    assert!(!shown.contains(text(&vector, "encodingAesKey")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_query_and_body_is_answered(query in ".{0,200}", body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let callback = callback(&some_app()).accept_json();
        prop_assert!(callback.receive(&query, &body).is_err());
        prop_assert!(callback.check(&query).is_err());
    }

    #[test]
    fn any_genuine_message_is_an_event_or_has_a_document_type(message in ".{0,300}") {
        let app = some_app();
        let (query, body) = push(&app, &message, "1");
        match callback(&app).receive(&query, body.as_bytes()) {
            Ok(received) => prop_assert_eq!(received.event.raw(), message),
            Err(error) => prop_assert_eq!(error, CallbackError::Doctype),
        }
    }

    #[test]
    fn any_text_survives_in_a_speech(speech in "[^\\]\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}]{1,80}") {
        let event = approval_of(&format!(
            "<SpNo>1</SpNo><SpStatus>1</SpStatus><SpRecord><Details><Approver><UserId>a</UserId></Approver>\
             <Speech><![CDATA[{speech}]]></Speech></Details></SpRecord>"
        ));
        prop_assert_eq!(&event.progress.records[0].opinions[0].speech, &speech);
    }

    #[test]
    fn a_changed_push_is_refused(at in 0_usize..400, flip in 1_u8..=127) {
        let vector = vector("positive", "gen-approval-event");
        let mut body = text(&vector, "body").as_bytes().to_vec();
        let start = text(&vector, "body").find("<Encrypt><![CDATA[").unwrap() + 18;
        body[start + at] ^= flip;
        prop_assert!(callback(&vector).receive(text(&vector, "query"), &body).is_err());
    }
}

#[cfg(feature = "axum")]
mod router {
    use std::sync::{Arc, Mutex};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use wecom::callback::{HandlerError, Received, TrustedDomainFile, router, trusted_domain};

    use super::*;

    async fn serve(app: axum::Router) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        address
    }

    /// Status and body of the answer.
    async fn ask(
        address: std::net::SocketAddr,
        verb: &str,
        target: &str,
        body: &str,
    ) -> (u16, String) {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{verb} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    #[tokio::test]
    async fn takes_checks_and_pushes_on_one_address_and_serves_the_file_at_the_root() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stored = seen.clone();
        let vector = vector("positive", "gen-approval-event");
        let check = support::vector("positive", "gen-echostr");
        let file =
            TrustedDomainFile::new("WW_verify_7rG3kjVbXHngiald.txt", *b"7rG3kjVbXHngiald").unwrap();
        let app =
            router("/wecom", callback(&vector), move |received: Received| {
                let mut stored = stored.lock().unwrap();
                stored.push(received.dedup_key());
                let is_third = stored.len() == 3;
                async move {
                    if is_third { Err(HandlerError::from("the store is full")) } else { Ok(()) }
                }
            })
            .merge(trusted_domain(file));
        let address = serve(app).await;

        let target = format!("/wecom?{}", text(&check, "query"));
        assert_eq!(ask(address, "GET", &target, "").await, (200, text(&check, "reply").to_owned()));
        assert_eq!(ask(address, "GET", "/wecom?a=b", "").await, (400, String::new()));

        let target = format!("/wecom?{}", text(&vector, "query"));
        let body = text(&vector, "body");
        for status in [200, 200, 500] {
            assert_eq!(ask(address, "POST", &target, body).await, (status, String::new()));
        }
        let keys = seen.lock().unwrap().clone();
        assert_eq!(keys.len(), 3);
        assert_eq!(keys[0], keys[1]);
        assert_eq!(ask(address, "POST", &target, "<xml/>").await, (400, String::new()));
        assert_eq!(ask(address, "POST", &target, &"x".repeat(2 << 20)).await.0, 413);

        let path = "/WW_verify_7rG3kjVbXHngiald.txt";
        assert_eq!(ask(address, "GET", path, "").await, (200, "7rG3kjVbXHngiald".to_owned()));
        assert_eq!(ask(address, "HEAD", path, "").await, (200, String::new()));
        assert_eq!(ask(address, "POST", path, "").await.0, 405);
    }
}
