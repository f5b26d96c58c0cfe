//! Creating, changing, deleting, acting.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use b1_servicelayer::entities::{
    Document, DocumentLine, Item, ProductTree, ProductTreeLine, SpecialPrice, SpecialPriceKey,
    StockTransfer, User,
};
use b1_servicelayer::enums::BoYesNoEnum;
use b1_servicelayer::{
    Changes, ErrorKind, Field, Filter, Key, Patch, Posted, Upserted, UserFields, Version,
};
use chrono::NaiveDate;
use erplink_core::Decimal;
use serde_json::json;
use support::{Erp, error, header, json, no_content};
use wiremock::ResponseTemplate;

const TAG: &str = r#"W/"356A192B7913B04C54574D18C28D46E6395428AB""#;

fn order() -> Document {
    Document {
        card_code: Some("c1".into()),
        doc_date: NaiveDate::from_ymd_opt(2014, 4, 1),
        num_at_card: Some("N-1".into()),
        document_lines: Some(vec![DocumentLine {
            item_code: Some("i1".into()),
            quantity: Some(Decimal::new(1050, 2)),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_creation_returns_what_the_server_made_of_it() {
    let erp = Erp::start().await;
    erp.answer(json(
        201,
        r#"{"odata.etag":"W/\"x\"","DocEntry":22,"DocNum":11,"DocTotal":1050.50}"#,
    ))
    .await;
    let created = erp.client.orders().create(&order()).await.unwrap();
    assert_eq!((created.doc_entry, created.doc_total), (Some(22), Some(Decimal::new(105_050, 2))));
    let (line, _, request) = erp.last().await;
    assert_eq!(line, "POST Orders");
    assert_eq!(
        std::str::from_utf8(&request.body).unwrap(),
        r#"{"DocDate":"2014-04-01","CardCode":"c1","NumAtCard":"N-1","DocumentLines":[{"ItemCode":"i1","Quantity":10.50}]}"#
    );
}

#[tokio::test]
async fn a_creation_can_ask_for_the_key_only() {
    let erp = Erp::start().await;
    let at = |location: &str| {
        no_content()
            .append_header("location", location)
            .append_header("preference-applied", "return-no-content")
    };
    erp.answer(at("https://internal:50001/b1s/v1/Items('A%27%27B%2F1')")).await;
    erp.answer(at("/b1s/v1/SpecialPrices(CardCode='C1',ItemCode='I1')")).await;
    erp.answer(no_content()).await;
    let item = Item { item_code: Some("A'B/1".into()), ..Default::default() };
    assert_eq!(
        erp.client.items().create(&item).return_no_content().await.unwrap(),
        Key::from("A'B/1")
    );
    assert_eq!(header(&erp.last().await.2, "prefer"), "return-no-content");
    let price = SpecialPrice { price: Some(205.into()), ..Default::default() };
    let key = erp.client.special_prices().create(&price).return_no_content().await.unwrap();
    // In the order of the entity, whatever the server's: keys compare equal.
    assert_eq!(key, SpecialPriceKey { item_code: "I1".into(), card_code: "C1".into() }.into());
    let failed = erp.client.items().create(&item).return_no_content().await.unwrap_err();
    assert!(failed.may_have_taken_effect(), "created, only the key is unknown: {failed}");
}

#[tokio::test]
async fn refusals_of_a_creation_have_their_kinds() {
    for (answer, kind, effect) in [
        (error(400, -2035), ErrorKind::AlreadyExists, false),
        (error(400, -5002), ErrorKind::Api, false),
        (error(400, -1116), ErrorKind::Api, false),
        (error(404, -2028), ErrorKind::Api, true),
        (json(201, "{}"), ErrorKind::Decode, true),
        (json(200, "<html>"), ErrorKind::Decode, true),
        (ResponseTemplate::new(502), ErrorKind::Server, true),
    ] {
        let erp = Erp::start().await;
        erp.answer(answer).await;
        let failed = erp.client.orders().create(&order()).await.unwrap_err();
        assert_eq!((failed.kind(), failed.may_have_taken_effect()), (kind, effect), "{failed}");
        assert_eq!(failed.operation(), Some("POST Orders"));
        assert_eq!(erp.calls().await.len(), 1, "a creation is sent once");
    }
}

#[tokio::test]
async fn throttled_requests_wait_as_the_server_says() {
    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(429).append_header("retry-after", "7"))
        .await
        .answer(json(201, r#"{"DocEntry":1}"#))
        .await;
    erp.client.orders().create(&order()).await.unwrap();
    assert!(erp.clock.slept()[0].as_secs() >= 7);
}

fn by_number() -> Filter<Document> {
    Document::NUM_AT_CARD.eq("N-1")
}

#[tokio::test]
async fn a_document_under_approval_is_told_apart() {
    let list = |entries: &str| json(200, &format!(r#"{{"value":[{entries}]}}"#));

    let erp = Erp::start().await;
    erp.answer(json(201, r#"{"DocEntry":1}"#)).await;
    let posted = erp.client.orders().create_document(&order(), by_number()).await.unwrap();
    assert!(matches!(posted, Posted::Created(_)), "{posted:?}");

    let erp = Erp::start().await;
    erp.answer(error(404, -2028))
        .await
        .answer(list(""))
        .await
        .answer(list(r#"{"DocEntry":16}"#))
        .await;
    let posted = erp.client.orders().create_document(&order(), by_number()).await.unwrap();
    assert!(matches!(posted, Posted::AwaitingApproval { draft } if draft.doc_entry == Some(16)));
    let look = "?$filter=NumAtCard%20eq%20%27N-1%27&$orderby=DocEntry%20desc&$top=1";
    assert_eq!(
        erp.lines().await,
        ["POST Orders".to_owned(), format!("GET Orders{look}"), format!("GET Drafts{look}")]
    );

    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(504)).await.answer(list(r#"{"DocEntry":2}"#)).await;
    let posted = erp.client.orders().create_document(&order(), by_number()).await.unwrap();
    assert!(matches!(posted, Posted::Found(found) if found.doc_entry == Some(2)));

    for (answer, certain) in [(error(404, -2028), true), (ResponseTemplate::new(504), false)] {
        let erp = Erp::start().await;
        erp.answer(answer).await.answer(list("")).await.answer(list("")).await;
        let failed = erp.client.orders().create_document(&order(), by_number()).await.unwrap_err();
        assert_eq!(failed.may_have_taken_effect(), !certain, "{failed}");
    }

    // The draft as the answer: it must not pass for the order.
    for answer in [
        json(
            201,
            r#"{"odata.metadata":"https://h/b1s/v1/$metadata#Drafts/@Element","DocEntry":5}"#,
        ),
        json(201, r#"{"@odata.context":"https://h/b1s/v2/$metadata#Drafts/$entity","DocEntry":5}"#),
        json(201, r#"{"DocEntry":5}"#).append_header("location", "https://h/b1s/v1/Drafts(5)"),
    ] {
        let erp = Erp::start().await;
        erp.answer(answer.clone()).await.answer(answer).await;
        let posted = erp.client.orders().create_document(&order(), by_number()).await.unwrap();
        assert!(matches!(posted, Posted::AwaitingApproval { draft } if draft.doc_entry == Some(5)));
        let failed = erp.client.orders().create(&order()).await.unwrap_err();
        assert!(failed.may_have_taken_effect() && !failed.is_retryable(), "{failed}");
        assert!(failed.to_string().contains("draft"), "{failed}");
        assert_eq!(erp.calls().await.len(), 2);
    }
    let erp = Erp::start().await;
    let kept = no_content().append_header("location", "https://h/b1s/v1/Drafts(5)");
    erp.answer(kept.clone()).await.answer(kept).await;
    let failed = erp.client.orders().create(&order()).return_no_content().await.unwrap_err();
    assert!(failed.to_string().contains("draft (5)"), "{failed}");
    let key = erp.client.drafts().create(&order()).return_no_content().await.unwrap();
    assert_eq!(key, 5.into());

    let erp = Erp::start().await;
    erp.answer(error(404, -2028)).await.answer(error(403, -6006)).await;
    let failed = erp.client.orders().create_document(&order(), by_number()).await.unwrap_err();
    assert_eq!(failed.api_error().unwrap().number(), Some(-2028));
    assert!(failed.may_have_taken_effect(), "nobody could look: {failed}");

    let erp = Erp::start().await;
    erp.answer(error(404, -2028))
        .await
        .answer(list(""))
        .await
        .answer(list(r#"{"DocEntry":3}"#))
        .await;
    let transfer = Filter::<StockTransfer>::raw("U_NO eq '1'");
    erp.client.stock_transfers().create_document(&Default::default(), transfer).await.unwrap();
    assert!(erp.lines().await[2].starts_with("GET StockTransferDrafts?"));
}

#[tokio::test]
async fn an_update_sends_what_is_set_and_clears_what_is_null() {
    let erp = Erp::start().await;
    for _ in 0..4 {
        erp.answer(no_content()).await;
    }
    erp.answer(json(200, r#"{"DocEntry":16}"#)).await;
    let draft = || erp.client.drafts().key(16);
    let mut user_fields = UserFields::new();
    user_fields.set("U_A", &1).unwrap();
    draft()
        .update(Document { comments: Some("…".into()), user_fields, ..Default::default() })
        .udf("U_ISSYN", "Y")
        .udf("U_A", 2)
        .clear(Document::PROJECT)
        .if_match(TAG.parse().unwrap())
        .await
        .unwrap();
    let (line, body, request) = erp.last().await;
    assert_eq!(line, "PATCH Drafts(16)");
    assert_eq!(body, json!({"Comments":"…","U_A":2,"U_ISSYN":"Y","Project":null}));
    assert_eq!(header(&request, "if-match"), TAG);
    assert_eq!(header(&request, "b1s-replacecollectionsonpatch"), "");

    let tree = ProductTree {
        product_tree_lines: Some(vec![ProductTreeLine {
            item_code: Some("B".into()),
            ..Default::default()
        }]),
        ..Default::default()
    };
    erp.client.product_trees().key("A").update(tree).replace_collections().await.unwrap();
    assert_eq!(header(&erp.last().await.2, "b1s-replacecollectionsonpatch"), "true");

    let total = Field::<Document, Decimal>::udf("U_Total");
    draft().update(Changes::new().set(total, Decimal::new(1250, 2))).await.unwrap();
    assert_eq!(erp.last().await.2.body, br#"{"U_Total":12.50}"#);
    draft().set(Document::COMMENTS, "a").await.unwrap();
    draft().set(Document::COMMENTS, "b").await.unwrap();
    assert_eq!(erp.last().await.1, json!({"Comments":"b"}), "an echoed entity does no harm");
}

#[tokio::test]
async fn updates_that_say_nothing_or_nonsense_are_not_sent() {
    let erp = Erp::start().await;
    let draft = || erp.client.drafts().key(16);
    for failed in [
        draft().update(Document::default()).await.unwrap_err(),
        draft().update(Changes::new()).await.unwrap_err(),
        draft().update(Changes::new().udf("ISSYN", "Y")).await.unwrap_err(),
        draft().update(Changes::new()).udf("U_A\":1,\"DocNum", "Y").await.unwrap_err(),
    ] {
        assert_eq!(failed.kind(), ErrorKind::Invalid, "{failed}");
    }
    assert!(erp.received().await.is_empty());
}

#[tokio::test]
async fn the_two_versions_name_the_same_thing_differently() {
    use b1_servicelayer::entities::BatchNumber;
    for (version, name) in [(Version::V1, "BatchNumber"), (Version::V2, "BatchNumberProperty")] {
        let erp = Erp::with(|builder| builder.version(version)).await;
        erp.answer(json(201, r#"{"DocEntry":1}"#)).await.answer(no_content()).await;
        let batch = BatchNumber { batch_number: Some("B1".into()), ..Default::default() };
        let lines = vec![DocumentLine { batch_numbers: Some(vec![batch]), ..Default::default() }];
        let receipt = Document { document_lines: Some(lines.clone()), ..Default::default() };
        erp.client.inventory_gen_entries().create(&receipt).await.unwrap();
        let (_, body, _) = erp.last().await;
        assert_eq!(body["DocumentLines"][0]["BatchNumbers"][0][name], "B1");
        erp.client
            .inventory_gen_entries()
            .key(1)
            .set(Document::DOCUMENT_LINES, lines)
            .await
            .unwrap();
        let (_, body, _) = erp.last().await;
        assert_eq!(body["DocumentLines"][0]["BatchNumbers"][0][name], "B1");
    }
}

#[tokio::test]
async fn conflicts_are_told() {
    let erp = Erp::start().await;
    erp.answer(error(412, -2039))
        .await
        .answer(error(412, -2039))
        .await
        .answer(error(412, -2039))
        .await;
    let draft = || erp.client.drafts().key(16);
    let tag = || TAG.parse().unwrap();
    for failed in [
        draft().set(Document::COMMENTS, "a").if_match(tag()).await.unwrap_err(),
        draft().delete().if_match(tag()).await.unwrap_err(),
        draft().action("Close").if_match(tag()).await.unwrap_err(),
    ] {
        assert_eq!((failed.kind(), failed.may_have_taken_effect()), (ErrorKind::Conflict, false));
    }
    for request in erp.calls().await {
        assert_eq!(header(&request, "if-match"), TAG);
    }
}

#[tokio::test]
async fn a_conflict_after_a_lost_answer_may_be_our_own_success() {
    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(504)).await.answer(error(412, -2039)).await;
    let failed = erp
        .client
        .drafts()
        .key(16)
        .set(Document::COMMENTS, "a")
        .if_match(TAG.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!((failed.kind(), failed.may_have_taken_effect()), (ErrorKind::Conflict, true));
}

#[tokio::test]
async fn doubt_about_an_attempt_outlives_the_next_one() {
    for second in [error(400, 206), error(403, -6006), ResponseTemplate::new(429)] {
        let erp = Erp::start().await;
        erp.answer(ResponseTemplate::new(504))
            .await
            .answer(second.clone())
            .await
            .answer(second)
            .await;
        let update = erp.client.drafts().key(16).set(Document::COMMENTS, "a");
        let failed = update.await.unwrap_err();
        assert!(failed.may_have_taken_effect() && !failed.is_before_send(), "{failed}");
    }
}

#[tokio::test]
async fn deletions() {
    let erp = Erp::start().await;
    erp.answer(no_content()).await.answer(error(404, -2028)).await.answer(error(400, -5006)).await;
    let draft = || erp.client.drafts().key(16);
    draft().delete().await.unwrap();
    assert_eq!(erp.lines().await, ["DELETE Drafts(16)"]);
    assert!(draft().delete().await.unwrap_err().is_not_found(), "the first attempt found nothing");
    assert_eq!(draft().delete().await.unwrap_err().kind(), ErrorKind::Api);

    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(502)).await.answer(error(404, -2028)).await;
    erp.client.drafts().key(16).delete().await.unwrap();
    assert_eq!(erp.calls().await.len(), 2, "gone after a lost answer is done");
}

#[tokio::test]
async fn actions_and_services() {
    let erp = Erp::start().await;
    for _ in 0..13 {
        erp.answer(no_content()).await;
    }
    let b1 = &erp.client;
    b1.orders().key(22).close().await.unwrap();
    b1.orders().key(22).cancel().await.unwrap();
    b1.orders().key(22).reopen().await.unwrap();
    b1.orders().key(22).create_cancellation_document().await.unwrap();
    b1.stock_transfers().key(1).cancel().await.unwrap();
    b1.inventory_transfer_requests().key(1).close().await.unwrap();
    b1.production_orders().key(123).cancel().await.unwrap();
    b1.items().key("A").cancel().await.unwrap();
    b1.users().key(1).close().await.unwrap();
    b1.users().key(1).remove_user_and_license().await.unwrap();
    b1.approval_requests().key(17).cancel().await.unwrap();
    b1.approval_requests().key(17).restore().await.unwrap();
    b1.service("CompanyService_GetCompanyInfo", &()).await.unwrap();
    assert!(erp.calls().await.iter().all(|request| request.body.is_empty()));
    assert_eq!(
        erp.lines().await,
        [
            "POST Orders(22)/Close",
            "POST Orders(22)/Cancel",
            "POST Orders(22)/Reopen",
            "POST Orders(22)/CreateCancellationDocument",
            "POST StockTransfers(1)/Cancel",
            "POST InventoryTransferRequests(1)/Close",
            "POST ProductionOrders(123)/Cancel",
            "POST Items('A')/Cancel",
            "POST Users(1)/Close",
            "POST Users(1)/RemoveUserAndLicense",
            "POST ApprovalRequests(17)/CancelApprovalRequest",
            "POST ApprovalRequests(17)/RestoreApprovalRequest",
            "POST CompanyService_GetCompanyInfo",
        ]
    );
    erp.answer(json(200, "2.92920"))
        .await
        .answer(json(200, r#"{"InternalKey":1,"UserCode":"m"}"#))
        .await;
    let parameters = json!({"Currency":"USD","Date":"20240101"});
    let rate = b1.service("SBOBobService_GetCurrencyRate", &parameters).read_only().await.unwrap();
    assert_eq!(rate.scalar::<Decimal>().unwrap(), Decimal::new(292_920, 5));
    assert_eq!(erp.last().await.1, parameters);
    let user = b1.service("UsersService_GetCurrentUser", &()).await.unwrap().entity::<User>();
    assert_eq!(user.unwrap().user_code.as_deref(), Some("m"));
    erp.answer(error(400, -5006)).await;
    assert_eq!(b1.orders().key(22).close().await.unwrap_err().kind(), ErrorKind::Api);
}

#[tokio::test]
async fn an_upsert_updates_what_exists_and_creates_what_does_not() {
    let item = Item {
        item_code: Some("A".into()),
        item_name: Some("n".into()),
        valid: Some(BoYesNoEnum::Yes),
        ..Default::default()
    };
    let location = || no_content().append_header("location", "/b1s/v1/Items('A')");
    let found = || json(200, r#"{"ItemCode":"A"}"#);
    let look = "GET Items('A')?$select=ItemCode";
    let (post, patch) = ("POST Items", "PATCH Items('A')");
    for (answers, expected, lines) in [
        (vec![found(), no_content()], Ok(Upserted::Updated), vec![look, patch]),
        (vec![error(404, -2028), location()], Ok(Upserted::Created), vec![look, post]),
        (
            vec![error(404, -2028), error(400, -10), found(), no_content()],
            Ok(Upserted::Updated),
            vec![look, post, look, patch],
        ),
        (
            vec![error(404, -2028), error(400, -10), error(404, -2028)],
            Err(ErrorKind::Api),
            vec![look, post, look],
        ),
        (vec![error(404, -2028), error(400, -5002)], Err(ErrorKind::Api), vec![look, post]),
    ] {
        let erp = Erp::start().await;
        for answer in answers {
            erp.answer(answer).await;
        }
        let result = erp.client.items().upsert(&item).await.map_err(|error| error.kind());
        assert_eq!(result, expected);
        assert_eq!(erp.lines().await, lines);
    }
    // A lost answer: look, and repeat only what does no harm.
    let tree = ProductTree {
        tree_code: Some("A".into()),
        product_tree_lines: Some(vec![ProductTreeLine::default()]),
        ..Default::default()
    };
    for (replace, expected) in [(false, Err(true)), (true, Ok(Upserted::Updated))] {
        let erp = Erp::start().await;
        erp.answer(error(404, -2028)).await.answer(ResponseTemplate::new(504)).await;
        erp.answer(json(200, r#"{"TreeCode":"A"}"#)).await.answer(no_content()).await;
        let upsert = erp.client.product_trees().upsert(&tree);
        let upsert = if replace { upsert.replace_collections() } else { upsert };
        assert_eq!(upsert.await.map_err(|error| error.may_have_taken_effect()), expected);
        assert_eq!(erp.calls().await.len(), if replace { 4 } else { 2 });
    }

    let erp = Erp::start().await;
    let order = Document { doc_entry: Some(1), ..Default::default() };
    for failed in [
        erp.client.orders().upsert(&order).await.unwrap_err(),
        erp.client.items().upsert(&Item::default()).await.unwrap_err(),
    ] {
        assert_eq!(failed.kind(), ErrorKind::Invalid);
    }
}

#[test]
fn three_states_reach_the_wire_from_patch_members_too() {
    #[derive(Clone, Default, b1_servicelayer::Entity)]
    #[entity(set = "Items", key = "ItemCode")]
    struct Update {
        item_code: Option<String>,
        item_name: Patch<String>,
        foreign_name: Patch<String>,
    }
    let update =
        Update { item_name: Patch::set("n"), foreign_name: Patch::Null, ..Default::default() };
    assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"ItemName":"n","ForeignName":null}"#);
}
