//! Pushes in all their shapes, and what becomes of them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use http::StatusCode;
use plm_tianyu::{
    AnswerFormat, AppCodes, Bom, Config, IssueMethod, Kind, Members, Payload, Push, PushError,
    Receiver, Reply, TreeType, UserObject,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{CODE, Fake, Fault, headers, receiver};

async fn push(receiver: &Receiver, body: &str, erp: &Fake) -> Value {
    let reply = receiver.handle(&headers(CODE), body.as_bytes(), erp).await;
    assert_eq!(reply.status, StatusCode::OK);
    serde_json::from_str(&reply.body).unwrap()
}

#[tokio::test]
async fn creates_an_item_and_updates_it_when_it_is_pushed_again() {
    let (erp, items) = (Fake::default(), receiver(Kind::Item));
    let body = r#"{"ItemCode":"test1234","ItemName":"item1234"}"#;
    assert_eq!(push(&items, body, &erp).await, json!({"code": 200, "message": "created"}));
    assert_eq!(push(&items, body, &erp).await, json!({"code": 200, "message": "updated"}));
    assert_eq!(
        erp.calls(),
        [
            "find Items('test1234') by ItemCode",
            r#"create Items('test1234') {"ItemCode":"test1234","ItemName":"item1234"}"#,
            "find Items('test1234') by ItemCode",
            r#"update Items('test1234') {"ItemName":"item1234"}"#,
        ]
    );
}

#[tokio::test]
async fn passes_on_what_it_does_not_know_with_every_digit() {
    let erp = Fake::default();
    let body = "\u{feff} {\"U_Weight\":0.1000000000000000055,\"ItemCode\":\"甲/1 '\",\"ForeignName\":\"\",\
                \"ItemPrices\":[{\"PriceList\":1,\"Price\":\"\"}]}\n";
    push(&receiver(Kind::Item), body, &erp).await;
    assert_eq!(
        erp.record("Items('甲/1 ''')").unwrap(),
        r#"{"ItemCode":"甲/1 '","U_Weight":0.1000000000000000055,"ItemPrices":[{"PriceList":1}]}"#,
        "an empty text means not given"
    );
}

#[tokio::test]
async fn an_empty_text_clears_where_the_site_says_so() {
    let config: Config =
        toml::from_str("kind = \"item\"\napp_codes = [\"planted-code\"]\nempty_means_clear = true")
            .unwrap();
    let items = Receiver::from_config(config).unwrap();
    let erp = Fake::default();
    push(&items, r#"{"ItemCode":"A","ItemName":"","U_X":"","L":[{"U_Y":""}]}"#, &erp).await;
    assert_eq!(
        erp.record("Items('A')").unwrap(),
        r#"{"ItemCode":"A","ItemName":null,"U_X":null,"L":[{"U_Y":null}]}"#
    );
    let answer = push(&items, r#"{"ItemCode":""}"#, &erp).await;
    assert_eq!(answer["code"], 400, "the key cannot be cleared");
}

#[tokio::test]
async fn a_bill_replaces_its_lines() {
    let erp = Fake::default().with("ProductTrees('test1234')", "{}");
    let body = r#"{"TreeCode":"test1234","ProductDescription":"item1234","Quantity":"2.50",
        "ProductTreeLines":[{"ItemCode":"LM4029MC","Quantity":"1.10","IssueMethod":"im_New","U_Ref":"R1"}]}"#;
    let answer = push(&receiver(Kind::Bom), body, &erp).await;
    assert_eq!(answer, json!({"code": 200, "message": "updated"}));
    assert_eq!(
        erp.calls()[1],
        "update ProductTrees('test1234') replacing {\"ProductDescription\":\"item1234\",\
         \"Quantity\":2.50,\"ProductTreeLines\":[{\"ItemCode\":\"LM4029MC\",\"Quantity\":1.10,\
         \"IssueMethod\":\"im_New\",\"U_Ref\":\"R1\"}]}"
    );
}

#[test]
fn a_bill_is_typed() {
    let row = Members::parse(
        r#"{"TreeCode":1234,"TreeType":"iSalesTree","ProductTreeLines":[{"ItemCode":"A","Quantity":3,
            "Warehouse":"01","IssueMethod":"im_Manual"}]}"#,
    )
    .unwrap();
    let Payload::Bom(Bom { tree_code, tree_type, lines, .. }) =
        Payload::read(&Kind::Bom, row, false).unwrap()
    else {
        panic!("not a bill")
    };
    assert_eq!(tree_code, "1234");
    assert_eq!(tree_type, Some(TreeType::Sales));
    assert_eq!(lines[0].quantity.unwrap().to_string(), "3");
    assert_eq!(lines[0].issue_method, Some(IssueMethod::Manual));
    assert_eq!(lines[0].warehouse.as_deref(), Some("01"));
}

#[tokio::test]
async fn a_wrong_row_names_the_field() {
    for (kind, body, expected) in [
        (Kind::Item, r#"{"ItemName":"x"}"#, "`ItemCode` is missing"),
        (
            Kind::Item,
            r#"{"ItemCode":{}}"#,
            "`ItemCode`: expected text or a number, found an object",
        ),
        (Kind::Item, r#"{"ItemCode":"A","ItemName":true}"#, "`ItemName`: expected text"),
        (Kind::Item, r#"{"ItemCode":"A","ItemCode":"B"}"#, "`ItemCode` appears twice"),
        (Kind::Bom, r#"{"ProductTreeLines":[{"ItemCode":"A"}]}"#, "`TreeCode` is missing"),
        (Kind::Bom, r#"{"TreeCode":"T"}"#, "`ProductTreeLines` is missing"),
        (Kind::Bom, r#"{"TreeCode":"T","ProductTreeLines":[]}"#, "`ProductTreeLines` is missing"),
        (Kind::Bom, r#"{"TreeCode":"T","ProductTreeLines":{}}"#, "expected an array of objects"),
        (
            Kind::Bom,
            r#"{"TreeCode":"T","ProductTreeLines":[{"ItemCode":"A"},{"ItemCode":""}]}"#,
            "`ProductTreeLines[1].ItemCode` is missing",
        ),
        (
            Kind::Bom,
            r#"{"TreeCode":"T","ProductTreeLines":[{"ItemCode":"A","Quantity":"many"}]}"#,
            "ProductTreeLines[0].`Quantity`: expected a number",
        ),
        (Kind::Item, "", "not JSON"),
        (Kind::Item, "<a/>", "it is XML"),
        (Kind::Item, "\"text\"", "neither an object nor an array"),
        (Kind::Item, "[]", "no row"),
    ] {
        let erp = Fake::default();
        let answer = push(&receiver(kind), body, &erp).await;
        assert_eq!(answer["code"], 400, "{body}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(expected), "{body}: {message}");
        assert!(erp.calls().is_empty(), "{body}");
    }
}

#[tokio::test]
async fn takes_every_shape_of_a_batch() {
    let rows = r#"[{"ItemCode":"A"},{"ItemCode":"B"}]"#;
    for body in [
        rows.to_owned(),
        format!(r#"{{"data":{rows}}}"#),
        format!(r#"{{"list":{rows},"total":2,"tags":["x"]}}"#),
    ] {
        let erp = Fake::default().with("Items('B')", "{}");
        let answer = push(&receiver(Kind::Item), &body, &erp).await;
        assert_eq!(
            answer,
            json!({"code": 200, "message": "1 created, 1 updated", "results": [
                {"key": "A", "action": "created", "code": 200, "message": "created"},
                {"key": "B", "action": "updated", "code": 200, "message": "updated"},
            ]}),
            "{body}"
        );
    }
    let two_arrays = format!(r#"{{"a":{rows},"b":{rows}}}"#);
    let erp = Fake::default();
    let answer = push(&receiver(Kind::Item), &two_arrays, &erp).await;
    assert_eq!(answer["code"], 400, "nobody knows which of the two is meant");

    let config = |at: &str| {
        let text = format!("kind = \"item\"\napp_codes = [\"{CODE}\"]\nrows_at = \"{at}\"");
        Receiver::from_config(toml::from_str(&text).unwrap()).unwrap()
    };
    let answer = push(&config("/b"), &two_arrays, &erp).await;
    assert_eq!(answer["message"], "2 created, 0 updated");
    let answer = push(&config("/b/1"), &two_arrays, &erp).await;
    assert_eq!(answer, json!({"code": 200, "message": "updated"}));
    let answer = push(&config("/c"), &two_arrays, &erp).await;
    assert!(answer["message"].as_str().unwrap().contains("`/c`"), "{answer}");
}

#[tokio::test]
async fn rows_are_independent_and_every_failed_one_is_named() {
    let body = r#"[{"TreeCode":"T-00","ProductTreeLines":[{"ItemCode":"A"}]},
                   {"TreeCode":"T-01","ProductTreeLines":[{"ItemCode":"A"}]},
                   {"TreeCode":"T-02"}, 7,
                   {"TreeCode":"T-04","ProductTreeLines":[{"ItemCode":"A"}]}]"#;
    let erp =
        || Fake::default().with("ProductTrees('T-00')", "{}").fail("update", Fault::Refused(-1116));
    let answer = push(&receiver(Kind::Bom), body, &erp()).await;
    assert_eq!(answer["code"], 500);
    let message = answer["message"].as_str().unwrap();
    for text in [
        "3 of 5 rows failed",
        "ProductTrees('T-00'): -1116 Could not commit transaction. Error -1 detected",
        "row 3: `ProductTreeLines` is missing",
        "row 4: the row is not readable",
    ] {
        assert!(message.contains(text), "{message}");
    }
    let actions = |answer: &Value| -> Vec<String> {
        let rows = answer["results"].as_array().unwrap();
        rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(actions(&answer), ["failed", "created", "failed", "failed", "created"]);

    let config = format!("kind = \"bom\"\napp_codes = [\"{CODE}\"]\nstop_on_error = true");
    let stopping = Receiver::from_config(toml::from_str(&config).unwrap()).unwrap();
    let answer = push(&stopping, body, &erp()).await;
    assert_eq!(actions(&answer), ["failed", "skipped", "skipped", "skipped", "skipped"]);
}

#[tokio::test]
async fn a_long_list_of_failures_is_cut() {
    let rows: Vec<Value> = (0..200).map(|_| json!({"ItemName": "x"})).collect();
    let answer = push(&receiver(Kind::Item), &json!(rows).to_string(), &Fake::default()).await;
    let message = answer["message"].as_str().unwrap();
    assert!(message.len() < 1600 && message.contains(" more"), "{message}");
    assert_eq!(answer["results"].as_array().unwrap().len(), 200);
}

#[tokio::test]
async fn a_race_ends_as_an_update() {
    for code in [-2035, -10] {
        let erp = Fake::default().fail("create", Fault::Raced(code));
        let answer = push(&receiver(Kind::Item), r#"{"ItemCode":"A","U_V":2}"#, &erp).await;
        assert_eq!(answer["message"], "updated");
        assert_eq!(erp.record("Items('A')").unwrap(), r#"{"By":1,"U_V":2}"#);
    }
    // -10 is also a business rule: then nothing is there, and its words reach the user.
    let erp = Fake::default().fail("create", Fault::Refused(-10));
    let answer = push(&receiver(Kind::Item), r#"{"ItemCode":"A"}"#, &erp).await;
    assert_eq!(answer, json!({"code": 500, "message": "Items('A'): -10 refused"}));
    assert_eq!(erp.calls().len(), 3);
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_record() {
    let body = r#"{"ItemCode":"A","U_V":2}"#;
    let erp = Fake::default().fail("create", Fault::LostAfter);
    assert_eq!(push(&receiver(Kind::Item), body, &erp).await["message"], "created");
    assert_eq!(erp.calls().len(), 3, "{:?}", erp.calls());

    let erp = Fake::default().fail("create", Fault::LostBefore);
    let answer = push(&receiver(Kind::Item), body, &erp).await;
    assert_eq!(answer["code"], 500);
    assert!(answer["message"].as_str().unwrap().contains("may have been done"), "{answer}");
    assert_eq!(push(&receiver(Kind::Item), body, &erp).await["message"], "created");

    for fault in [Fault::LostBefore, Fault::LostAfter] {
        let erp = Fake::default().with("Items('A')", "{}").fail("update", fault);
        let answer = push(&receiver(Kind::Item), body, &erp).await;
        assert!(answer["message"].as_str().unwrap().contains("push it again"), "{answer}");
        assert_eq!(push(&receiver(Kind::Item), body, &erp).await["message"], "updated");
        assert_eq!(erp.record("Items('A')").unwrap(), r#"{"U_V":2}"#);
    }

    let erp = Fake::default().fail("find", Fault::LostBefore);
    let answer = push(&receiver(Kind::Item), body, &erp).await;
    assert_eq!(answer["message"], "Items('A'): the connection broke", "a question changes nothing");
    assert_eq!(erp.calls().len(), 1);
}

#[tokio::test]
async fn a_routing_goes_to_the_sites_own_object() {
    let erp = Fake::default();
    let routing = receiver(Kind::Routing(UserObject::new("ROUTING")));
    push(&routing, r#"{"Name":"x","Code":"R1"}"#, &erp).await;
    assert_eq!(erp.record("ROUTING('R1')").unwrap(), r#"{"Code":"R1","Name":"x"}"#);

    // A document object: looked up by a field of the user, addressed by its number.
    let object = UserObject { key_field: "U_No".into(), ..UserObject::new("ROUTING") };
    let erp = Fake::default().with("ROUTING('R1')", r#"{"DocEntry":7}"#);
    push(&receiver(Kind::Routing(object)), r#"{"U_No":"R1","U_V":"2"}"#, &erp).await;
    assert_eq!(
        erp.calls(),
        ["find ROUTING('R1') by U_No", r#"update ROUTING(7) replacing {"U_V":"2"}"#]
    );

    let config = r#"
        app_codes = ["planted-code"]
        replace_collections = false
        [kind.routing]
        object = "ROUTING"
        key_field = "DocEntry"
        key_type = "number"
        line_collection = "LINES"
    "#;
    let routing = Receiver::from_config(toml::from_str(config).unwrap()).unwrap();
    let erp = Fake::default();
    push(&routing, r#"{"DocEntry":"12","LINES":[{"U_A":1}]}"#, &erp).await;
    assert_eq!(erp.record("ROUTING(12)").unwrap(), r#"{"DocEntry":12,"LINES":[{"U_A":1}]}"#);
    let answer = push(&routing, r#"{"DocEntry":"12x","LINES":[{}]}"#, &erp).await;
    assert_eq!(answer["message"], "`DocEntry`: expected a whole number, found `12x`");
    let answer = push(&routing, r#"{"DocEntry":"12"}"#, &erp).await;
    assert!(answer["message"].as_str().unwrap().contains("`LINES` is missing"), "{answer}");
}

#[tokio::test]
async fn maps_the_names_of_the_template() {
    let items = receiver(Kind::Item).map_rows(|mut row| {
        let code = row.remove("partNumber").ok_or("`partNumber` is missing")?;
        row.set("ItemCode", code);
        Ok(row)
    });
    let erp = Fake::default();
    push(&items, r#"{"partNumber":"A"}"#, &erp).await;
    assert!(erp.record("Items('A')").is_some());
    let answer = push(&items, r#"{"x":1}"#, &erp).await;
    assert_eq!(answer["message"], "the field map refused the row: `partNumber` is missing");
}

#[tokio::test]
async fn strangers_and_giants_are_refused_before_the_body_is_read() {
    let (erp, items) = (Fake::default(), receiver(Kind::Item));
    let Reply { status, body, .. } = items.handle(&headers("guess"), b"{", &erp).await;
    assert_eq!((status.as_u16(), body.as_str()), (401, r#"{"code":401,"message":"unauthorized"}"#));

    let text = format!("kind = \"item\"\napp_codes = [\"{CODE}\"]\nbody_limit = 8");
    let small = Receiver::from_config(toml::from_str(&text).unwrap()).unwrap();
    let reply = small.handle(&headers(CODE), b"{\"ItemCode\":\"A\"}", &erp).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(erp.calls().is_empty());
    assert_eq!(
        small.receive(&headers(CODE), b"123456789").unwrap_err(),
        PushError::TooLarge { limit: 8 }
    );
}

#[tokio::test]
async fn answers_as_the_target_interface_is_set_up() {
    let config = r#"
        kind = "item"
        app_codes = ["planted-code"]
        [answer]
        status_path = "result.status"
        success_value = "S"
        failure_value = "E"
        message_path = "result.text"
        results_path = ""
        malformed_status = 400
    "#;
    let items = Receiver::from_config(toml::from_str(config).unwrap()).unwrap();
    let answer = push(&items, r#"[{"ItemCode":"A"}]"#, &Fake::default()).await;
    assert_eq!(answer, json!({"result": {"status": "S", "text": "1 created, 0 updated"}}));
    let reply = items.handle(&headers(CODE), b"{", &Fake::default()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.body.contains(r#""status":"E""#), "{}", reply.body);
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    for (text, expected) in [
        ("kind = \"item\"", "no AppCode is given"),
        ("kind = \"item\"\napp_codes = [\"a\"]\nallow_anonymous = true", "exclude each other"),
        ("kind = \"item\"\napp_codes = [\"a\"]\nrows_at = \"data\"", "/data, found `data`"),
        ("app_codes = [\"a\"]\nkind.routing.object = \"R('x')\"", "`object` should be a name"),
        (
            "kind = \"item\"\napp_codes = [\"a\"]\nanswer.message_path = \"code.text\"",
            "`message_path` lies at or below `status_path`",
        ),
        ("kind = \"item\"\napp_codes = [\"a\"]\nanswer.status_path = \"a..b\"", "dots between"),
        ("kind = \"item\"\napp_codes = [\"a\"]\nanswer.malformed_status = 7", "found 7"),
    ] {
        let error = Receiver::from_config(toml::from_str(text).unwrap()).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    assert!(AnswerFormat::default().check().is_ok());
    let receiver = Receiver::new(Kind::Item, AppCodes::new([CODE]).unwrap());
    assert!(!format!("{receiver:?}").contains(CODE));
}

proptest! {
    /// Whatever comes, there is an answer, and it is JSON with a code.
    #[test]
    fn hostile_bodies_get_an_answer(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}:,\"a-zA-Z0-9 ]{0,200}".prop_map(String::into_bytes),
            "(\\{\"(ItemCode|TreeCode|ProductTreeLines|Code)\":){0,20}.{0,20}(\\}){0,20}"
                .prop_map(String::into_bytes),
            (0_usize..5000).prop_map(|deep| "[".repeat(deep).into_bytes()),
            (0_usize..5000).prop_map(|deep| {
                format!("{}1{}", "{\"a\":[".repeat(deep), "]}".repeat(deep)).into_bytes()
            }),
        ],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for kind in [Kind::Item, Kind::Bom, Kind::Routing(UserObject::new("R"))] {
            let erp = Fake::default();
            let reply = runtime.block_on(receiver(kind).handle(&headers(CODE), &body, &erp));
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            prop_assert!(answer["code"].is_u64());
            prop_assert!(answer["code"] == 200 || !answer["message"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn the_empty_pointer_is_the_body_itself() {
    let read = |body: &str| Push::read(&Kind::Bom, Some(""), body.as_bytes()).unwrap();
    let one = read(r#"{"code":"T","children":[{"part":"A"}]}"#);
    assert_eq!((one.rows.len(), one.is_batch), (1, false));
    assert_eq!(read(r#"[{"code":"T"},{"code":"U"}]"#).rows.len(), 2);
    // Without it the lines would be taken for the rows.
    let wrapper = Push::read(&Kind::Bom, None, br#"{"code":"T","children":[{"part":"A"}]}"#);
    assert!(wrapper.unwrap().is_batch);
}
