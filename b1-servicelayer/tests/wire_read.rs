//! Reading: one entity, lists, pages, counts.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use b1_servicelayer::entities::{BusinessPartner, Document, Item, SpecialPriceKey};
use b1_servicelayer::enums::{BoCardTypes, BoObjectTypes, BoYesNoEnum};
use b1_servicelayer::{ErrorKind, Field, Filter, RawJson, Version, unsynced};
use chrono::{NaiveDate, NaiveTime};
use erplink_core::Decimal;
use support::{Erp, error, header, json};
use wiremock::ResponseTemplate;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn one_entity_by_every_kind_of_key() {
    let erp = Erp::start().await;
    erp.answer(json(
        200,
        r#"{"odata.metadata":"m","odata.etag":"W/\"356A\"","ItemCode":"A/1 #物","MovingAveragePrice":1.10,
            "U_CX":"x","SAFTProductTypeEx":null}"#,
    ))
    .await
    .answer(json(200, r#"{"DocEntry":22}"#))
    .await
    .answer(json(200, r#"{"CardCode":"C'1","ItemCode":"I1"}"#))
    .await;
    let item = erp.client.items().key("A/1 #物").get().await.unwrap();
    assert_eq!(item.moving_average_price, Some(decimal("1.10")));
    assert_eq!(item.user_fields.get::<String>("U_CX").unwrap().as_deref(), Some("x"));
    let order = erp
        .client
        .orders()
        .key(22)
        .select((Document::DOC_ENTRY, Document::DOC_NUM))
        .expand("BusinessPartner")
        .get()
        .await
        .unwrap();
    assert_eq!(order.doc_entry, Some(22));
    let key = SpecialPriceKey { item_code: "I1".into(), card_code: "C'1".into() };
    erp.client.special_prices().key(key).get().await.unwrap();
    assert_eq!(
        erp.lines().await,
        [
            "GET Items('A%2F1%20%23%E7%89%A9')",
            "GET Orders(22)?$select=DocEntry,DocNum&$expand=BusinessPartner",
            "GET SpecialPrices(ItemCode='I1',CardCode='C%27%271')",
        ]
    );
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_or_none() {
    for code in [error(404, -2028), error(400, -2028)] {
        let erp = Erp::start().await;
        erp.answer(code.clone()).await.answer(code).await;
        let record = erp.client.items().key("A1");
        let failed = record.clone().get().await.unwrap_err();
        assert!(failed.is_not_found());
        assert_eq!(failed.to_string().split(": ").next(), Some("GET Items('A1')"));
        assert_eq!(record.find().await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_entity_is_an_error() {
    for (body, part) in [
        (r#"{"message":"welcome to the gateway"}"#, "no ItemCode"),
        ("<html>login</html>", "expected value"),
        ("", "EOF"),
        (r#"{"ItemCode":{"a":1}}"#, "at `ItemCode`"),
    ] {
        let erp = Erp::start().await;
        erp.answer(json(200, body)).await;
        let failed = erp.client.items().key("A1").get().await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Decode, "{body}");
        assert!(failed.to_string().contains(part), "{failed}");
    }
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{ "error":{"code":-2028,"message":"none"}}"#)).await;
    assert!(erp.client.items().key("A1").get().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_etag_is_right_also_with_a_selection() {
    let erp = Erp::start().await;
    let tag = r#"W/"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0""#;
    let body = r#"{"@odata.etag":"W/\"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0\"","ItemName":"n","DataVersion":2}"#;
    erp.answer(json(200, r#"{"ItemCode":"A1"}"#).append_header("etag", tag))
        .await
        .answer(json(200, body))
        .await
        .answer(json(200, r#"{"ItemCode":"A1"}"#))
        .await;
    let record = || erp.client.items().key("A1");
    assert_eq!(record().get_tagged().await.unwrap().etag.as_str(), tag);
    let tagged = record().select(Item::ITEM_NAME).get_tagged().await.unwrap();
    assert_eq!((tagged.etag.as_str(), tagged.value.item_name.as_deref()), (tag, Some("n")));
    assert_eq!(erp.lines().await[1], "GET Items('A1')?$select=ItemName,DataVersion");
    assert_eq!(record().get_tagged().await.unwrap_err().kind(), ErrorKind::Unsupported);

    let failed = erp.client.production_orders().key(1).get_tagged().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unsupported);
    assert_eq!(erp.calls().await.len(), 3, "types without versions are not even asked");
}

#[tokio::test]
async fn one_property() {
    let erp = Erp::start().await;
    for body in [
        r#"{"odata.metadata":"m","value":12.50}"#,
        r#"{"odata.null":true}"#,
        r#"{"@odata.null":true}"#,
        "{}",
    ] {
        erp.answer(json(200, body)).await;
    }
    let read = || erp.client.orders().key(1).property(Document::DOC_TOTAL);
    assert_eq!(read().await.unwrap(), Some(decimal("12.50")));
    assert_eq!(erp.lines().await, ["GET Orders(1)/DocTotal"]);
    assert_eq!(read().await.unwrap(), None);
    assert_eq!(read().await.unwrap(), None);
    assert_eq!(read().await.unwrap_err().kind(), ErrorKind::Decode);
    let bad = Field::<Document, String>::udf("U_A/$value");
    assert_eq!(
        erp.client.orders().key(1).property(bad).await.unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[tokio::test]
async fn a_query_says_all_it_was_told() {
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"odata.metadata":"m","value":[]}"#)).await;
    let day = NaiveDate::from_ymd_opt(2022, 10, 10).unwrap();
    let time = NaiveTime::from_hms_opt(15, 0, 1).unwrap();
    let drafts = erp
        .client
        .drafts()
        .filter(
            Document::DOC_OBJECT_CODE.eq(BoObjectTypes::PurchaseRequest).and(unsynced("U_ISSYN")),
        )
        .filter(Document::DOC_DATE.ge(day).or(Document::UPDATE_TIME.ge(time)))
        .order_by(Document::DOC_ENTRY.asc())
        .order_by(Document::DOC_TOTAL.desc())
        .select((Document::DOC_ENTRY, Document::DOCUMENT_LINES))
        .page_size(50)
        .skip(10)
        .top(5)
        .case_insensitive()
        .all()
        .await
        .unwrap();
    assert!(drafts.is_empty());
    let (line, _, request) = erp.last().await;
    assert_eq!(
        line,
        "GET Drafts?$select=DocEntry,DocumentLines\
         &$filter=DocObjectCode%20eq%20%271470000113%27%20and%20(U_ISSYN%20eq%20%27N%27%20or%20U_ISSYN%20eq%20null)\
         %20and%20(DocDate%20ge%20%272022-10-10%27%20or%20UpdateTime%20ge%20%2715:00:01%27)\
         &$orderby=DocEntry%20asc,DocTotal%20desc&$top=5&$skip=10"
    );
    assert_eq!(header(&request, "prefer"), "odata.maxpagesize=50");
    assert_eq!(header(&request, "b1s-caseinsensitive"), "true");
}

#[tokio::test]
async fn enums_compare_in_quotes() {
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"value":[{"CardCode":"C1"}]}"#)).await;
    let partner = erp
        .client
        .business_partners()
        .filter(
            BusinessPartner::CARD_TYPE
                .eq(BoCardTypes::Customer)
                .and(BusinessPartner::VALID.eq(BoYesNoEnum::Yes)),
        )
        .first()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(partner.card_code.as_deref(), Some("C1"));
    assert_eq!(
        erp.lines().await,
        [
            "GET BusinessPartners?$filter=CardType%20eq%20%27cCustomer%27%20and%20Valid%20eq%20%27tYES%27&$top=1"
        ]
    );
}

#[tokio::test]
async fn requests_that_cannot_be_sent_are_refused_before() {
    let erp = Erp::start().await;
    let items = || erp.client.items().query();
    let udf = Field::<Item, String>::udf("ISSYN");
    for failed in [
        items().filter(udf.eq("x")).all().await.unwrap_err(),
        items().filter(udf.eq("x")).count().await.unwrap_err(),
        items().order_by(udf.asc()).all().await.unwrap_err(),
        items().select(udf.clone()).all().await.unwrap_err(),
        erp.client.items().key("A1").select(udf.clone()).get().await.unwrap_err(),
        items().page_size(0).all().await.unwrap_err(),
        items().filter(Item::ITEM_CODE.one_of(Vec::<String>::new())).all().await.unwrap_err(),
    ] {
        assert_eq!(failed.kind(), ErrorKind::Invalid, "{failed}");
        assert!(failed.is_before_send());
    }
    assert!(erp.received().await.is_empty(), "not even a login");
}

#[tokio::test]
async fn pages_repeat_the_query_whatever_the_link_says() {
    let erp = Erp::start().await;
    let page = |codes: &str, link: &str| {
        json(200, &format!(r#"{{"value":[{codes}],"odata.nextLink":"{link}"}}"#))
    };
    erp.answer(page(
        r#"{"ItemCode":"A"},{"ItemCode":"B"}"#,
        "https://databaseserver:50001/b1s/v1/Items?$skip=2",
    ))
    .await
    .answer(page(r#"{"ItemCode":"C"},{"ItemCode":"D"}"#, "Items?&$skip=4"))
    .await
    .answer(json(200, r#"{"value":[]}"#))
    .await;
    let items = erp
        .client
        .items()
        .filter(Item::ITEM_NAME.contains("O'"))
        .order_by(Item::ITEM_CODE.asc())
        .page_size(2)
        .all()
        .await
        .unwrap();
    assert_eq!(items.len(), 4);
    let query = "GET Items?$filter=contains(ItemName,%27O%27%27%27)&$orderby=ItemCode%20asc";
    assert_eq!(
        erp.lines().await,
        [query.to_owned(), format!("{query}&$skip=2"), format!("{query}&$skip=4")]
    );
    for request in erp.calls().await {
        assert_eq!(header(&request, "prefer"), "odata.maxpagesize=2");
    }
}

#[tokio::test]
async fn top_counts_over_all_pages_and_a_walk_can_be_resumed() {
    let erp = Erp::with(|builder| builder.version(Version::V2)).await;
    let two = |first: u8, skip: u8| {
        json(
            200,
            &format!(
                r#"{{"value":[{{"DocEntry":{first}}},{{"DocEntry":{}}}],"@odata.nextLink":"Orders?$skip={skip}"}}"#,
                first + 1
            ),
        )
    };
    erp.answer(two(1, 2)).await.answer(two(3, 4)).await.answer(two(3, 4)).await;
    let query = || erp.client.orders().top(3);
    let mut pages = query().pages();
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!(first.items.len(), 2);
    let cursor = serde_json::to_string(&first.next.unwrap()).unwrap();
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));
    assert!(pages.next().await.is_none());

    let resumed = query().resume(serde_json::from_str(&cursor).unwrap()).all().await.unwrap();
    assert_eq!(resumed[0].doc_entry, Some(3));
    let lines = erp.lines().await;
    assert_eq!(
        lines,
        ["GET Orders?$top=3", "GET Orders?$top=1&$skip=2", "GET Orders?$top=1&$skip=2"]
    );
}

#[tokio::test]
async fn a_link_that_leads_nowhere_ends_the_walk() {
    for (first, link) in [
        (None, "Items?$skip=0"),
        (Some(5), "Items?$skip=5"),
        (None, "Items"),
        (Some(9), "Items?$skip=3"),
    ] {
        let erp = Erp::start().await;
        erp.answer(json(200, &format!(r#"{{"value":[],"odata.nextLink":"{link}"}}"#))).await;
        let mut query = erp.client.items().query();
        if let Some(skip) = first {
            query = query.skip(skip);
        }
        assert_eq!(query.all().await.unwrap_err().kind(), ErrorKind::Decode, "{link}");
    }
}

#[tokio::test]
async fn an_odd_item_is_reported_in_its_place() {
    let erp = Erp::start().await;
    let body =
        r#"{"value":[{"ItemCode":"A"},{"ItemCode":"B","LeadTime":{"x":1}},7,{"ItemCode":"C"}]}"#;
    erp.answer(json(200, body)).await.answer(json(200, body)).await;
    let items = erp.client.items().query().items_guarded().try_collect().await.unwrap();
    assert_eq!(items[0].as_ref().unwrap().item_code.as_deref(), Some("A"));
    let odd = items[1].as_ref().unwrap_err();
    assert_eq!((odd.key.as_deref(), odd.error.path()), (Some("B"), "LeadTime"));
    assert_eq!(odd.raw.as_str(), r#"{"ItemCode":"B","LeadTime":{"x":1}}"#);
    assert!(odd.to_string().contains("item B of the list"), "{odd}");
    assert_eq!(items[2].as_ref().unwrap_err().key, None);
    assert!(items[3].is_ok());

    let failed = erp.client.items().query().all().await.unwrap_err();
    assert!(failed.to_string().contains("value[1].LeadTime"), "{failed}");
}

#[tokio::test]
async fn counts_and_totals() {
    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(200).set_body_raw("42", "text/plain")).await;
    let filter = || Filter::<Item>::raw("Frozen eq 'tNO'");
    assert_eq!(erp.client.items().filter(filter()).count().await.unwrap(), 42);
    assert_eq!(erp.lines().await, ["GET Items/$count?$filter=Frozen%20eq%20%27tNO%27"]);
    erp.answer(json(200, "{}")).await;
    assert_eq!(erp.client.items().count().await.unwrap_err().kind(), ErrorKind::Decode);

    for (version, body, option) in [
        (Version::V1, r#"{"odata.count":"5","value":[{"ItemCode":"A"}]}"#, "$inlinecount=allpages"),
        (Version::V2, r#"{"@odata.count":5,"value":[{"ItemCode":"A"}]}"#, "$count=true"),
    ] {
        let erp = Erp::with(|builder| builder.version(version)).await;
        erp.answer(json(200, body)).await.answer(json(200, r#"{"value":[]}"#)).await;
        let counted = erp.client.items().top(1).with_total().await.unwrap();
        assert_eq!((counted.total, counted.page.items.len()), (5, 1));
        assert_eq!(erp.lines().await, [format!("GET Items?{option}&$top=1")]);
        assert_eq!(
            erp.client.items().query().with_total().await.unwrap_err().kind(),
            ErrorKind::Decode
        );
    }
}

#[tokio::test]
async fn raw_requests_reach_everything() {
    let erp = Erp::start().await;
    erp.answer(json(
        200,
        r#"{"odata.metadata":"m","a":1.10,"b":[{"x@odata.navigationLink":"l"}]}"#,
    ))
    .await;
    let answer = erp
        .client
        .raw()
        .get("/Items('物 1')")
        .query("$filter", "a eq 'b c'&d")
        .header("B1S-Schema", "demo.schema")
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<RawJson>().unwrap().as_str().len(), answer.bytes().len());
    assert_eq!(answer.without_annotations().unwrap().as_str(), r#"{"a":1.10,"b":[{}]}"#);
    let (line, _, request) = erp.last().await;
    assert_eq!(line, "GET Items('%E7%89%A9%201')?$filter=a%20eq%20%27b%20c%27%26d");
    assert_eq!(header(&request, "b1s-schema"), "demo.schema");

    for failed in [
        erp.client.raw().get("https://elsewhere/x").await.unwrap_err(),
        erp.client.raw().get("Items").header("a b", "c").await.unwrap_err(),
    ] {
        assert!(failed.is_before_send(), "{failed}");
    }
    assert_eq!(erp.calls().await.len(), 1);

    erp.answer(json(200, "{}")).await;
    erp.client.raw().get("Items?$top=1").query("$select", "ItemCode").await.unwrap();
    assert_eq!(erp.lines().await[1], "GET Items?$top=1&$select=ItemCode");
}

#[tokio::test]
async fn a_ping_needs_no_login() {
    let erp = Erp::start().await;
    let pong = r#"{"message":"pong","sender":"node1","timestamp":"1554363811.386"}"#;
    erp.answer(json(200, pong)).await;
    let ping = erp.client.ping().await.unwrap();
    assert_eq!((ping.message.as_str(), ping.sender.as_deref()), ("pong", Some("node1")));
    assert_eq!(erp.received().await[0].url.path(), "/ping/");
    for _ in 0..3 {
        erp.answer(json(503, r#"{"message":"Service Unavailable"}"#)).await;
    }
    assert_eq!(erp.client.ping().await.unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(erp.logins().await, 0);
}
