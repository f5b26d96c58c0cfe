//! Whatever people write into codes and names reaches the server as it is, and finds that row and
//! no other. Amounts, dates, times and members of enumerations as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::collections::BTreeSet;

use b1_servicelayer::entities::{
    BusinessPartner, Item, Order, ProductionOrder, SpecialPrice, SpecialPriceKey,
};
use b1_servicelayer::enums::{BoProductionOrderStatusEnum as Status, BoYesNoEnum};
use b1_servicelayer::{Changes, Client, Decimal, Field, Filter, Version};
use chrono::{NaiveDate, NaiveTime};
use erplink_tests::Stage;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tokio::runtime::Runtime;

/// Pieces that have a meaning somewhere on the way: in JSON, in the query, in the path, in a key.
const SPECIAL: &[&str] = &[
    "'",
    "''",
    "\"",
    "%",
    "%27",
    "%2F",
    "%25",
    "/",
    "//",
    "\\",
    "+",
    " ",
    "  ",
    "#",
    "&",
    "?",
    "=",
    ",",
    ";",
    ":",
    "(",
    ")",
    "')",
    "' or '1' eq '1",
    "$",
    "$filter",
    "@",
    "*",
    "|",
    "<",
    ">",
    "{",
    "}",
    "[",
    "]",
    "^",
    "`",
    "~",
    "..",
    ".",
    "null",
    "_",
    "-",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(SPECIAL).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9]{1,3}",
        2 => "[一-龥]{1,2}",
        1 => prop::sample::select(vec!["😀", "👨‍👩‍👧", "𠮷", "é", "e\u{301}", "\u{feff}", "\u{200b}", "\u{a0}", "\u{3000}", "ß", "İ"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(vec!["\t", "\n", "\r", "\r\n", "\u{1}", "\u{7f}", "\u{85}", "\u{2028}", "\u{0}"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// Anything but nothing: a code is never empty.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 1..6).prop_map(|pieces| pieces.concat())
}

/// Runs `case` for many values in one company, so that each meets the rows of all before.
fn for_many<T: std::fmt::Debug>(
    cases: u32,
    strategy: impl Strategy<Value = T>,
    case: impl AsyncFn(&Client, &Stage, T),
) {
    for version in [Version::V1, Version::V2] {
        let runtime = Runtime::new().unwrap();
        let stage = runtime.block_on(Stage::start());
        let b1 = stage.b1_builder().version(version).build().unwrap();
        let config =
            Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
        let run = |value| {
            runtime.block_on(case(&b1, &stage, value));
            Ok(())
        };
        TestRunner::new(config).run(&strategy, run).unwrap();
        assert_eq!(stage.erp().login_count(), 1);
    }
}

async fn found(b1: &Client, filter: Filter<Item>) -> BTreeSet<String> {
    let items =
        b1.items().filter(filter).select((Item::ITEM_CODE,)).page_size(500).all().await.unwrap();
    items.into_iter().filter_map(|item| item.item_code).collect()
}

/// The same question, answered by looking at all rows without any filter.
fn expected(stage: &Stage, member: &str, holds: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let items = stage.erp().list("Items").unwrap();
    let matching = items.iter().filter(|item| item[member].as_str().is_some_and(&holds));
    matching.map(|item| item["ItemCode"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn any_text_is_the_key_of_an_item() {
    for_many(32, text(), async |b1, stage, code| {
        let item = Item { item_code: Some(code.clone()), ..Item::default() };
        let known = expected(stage, "ItemCode", |known| known == code);
        if known.is_empty() {
            let key = b1.items().create(&item).return_no_content().await.unwrap();
            assert_eq!(key, code.clone().into(), "from the answer's Location");
        }
        let read = b1.items().key(code.clone()).get().await.unwrap();
        assert_eq!(read.item_code.as_ref(), Some(&code));
        assert_eq!(
            found(b1, Item::ITEM_CODE.eq(code.clone())).await,
            BTreeSet::from([code.clone()])
        );
        // A change reaches this row and no other.
        b1.items().key(code.clone()).set(Item::ITEM_NAME, format!("={code}")).await.unwrap();
        let named = expected(stage, "ItemName", |name| *name == format!("={code}"));
        assert_eq!(named, BTreeSet::from([code.clone()]));
        // What looks alike is something else.
        for other in
            [format!("{code}'"), format!(" {code}"), format!("{code} "), format!("{code}%")]
        {
            let exists = !expected(stage, "ItemCode", |known| known == other).is_empty();
            let read = b1.items().key(other.clone()).find().await.unwrap();
            assert_eq!(read.is_some(), exists, "{other:?}");
        }
    });
}

#[test]
fn any_text_is_found_by_its_parts_and_nothing_else_is() {
    let parts = (text(), text(), text());
    for_many(24, parts, async |b1, stage, (start, middle, end)| {
        let name = format!("{start}{middle}{end}");
        let code = format!("N{}", stage.erp().list("Items").unwrap().len());
        let item = Item {
            item_code: Some(code.clone()),
            item_name: Some(name.clone()),
            ..Item::default()
        };
        let made = b1.items().create(&item).await.unwrap();
        assert_eq!(made.item_name.as_ref(), Some(&name));
        let member = "ItemName";
        let cases = [
            (Item::ITEM_NAME.eq(name.clone()), expected(stage, member, |one| one == name)),
            (
                Item::ITEM_NAME.contains(&middle),
                expected(stage, member, |one| one.contains(&middle)),
            ),
            (
                Item::ITEM_NAME.starts_with(&start),
                expected(stage, member, |one| one.starts_with(&start)),
            ),
            (Item::ITEM_NAME.ends_with(&end), expected(stage, member, |one| one.ends_with(&end))),
            (Item::ITEM_NAME.ne(name.clone()), expected(stage, member, |one| one != name)),
            (
                Item::ITEM_NAME.starts_with(&start).and(Item::ITEM_NAME.ends_with(&end)).not(),
                expected(stage, member, |one| !(one.starts_with(&start) && one.ends_with(&end))),
            ),
            (
                Item::ITEM_NAME.one_of([name.clone(), middle.clone()]),
                expected(stage, member, |one| one == name || one == middle),
            ),
        ];
        for (filter, expected) in cases {
            let label = filter.to_string();
            assert_eq!(found(b1, filter).await, expected, "{label}");
        }
    });
}

#[test]
fn any_text_is_a_part_of_a_composite_key() {
    for_many(24, (text(), text()), async |b1, stage, (item_code, card_code)| {
        // A leading star is a price list, not a partner.
        let card_code = format!("P{card_code}");
        let item = Item { item_code: Some(item_code.clone()), ..Item::default() };
        let partner = BusinessPartner { card_code: Some(card_code.clone()), ..Default::default() };
        b1.items().upsert(&item).await.unwrap();
        b1.business_partners().upsert(&partner).await.unwrap();
        let price = SpecialPrice {
            item_code: Some(item_code.clone()),
            card_code: Some(card_code.clone()),
            price: Some(Decimal::new(1_234_567, 4)),
            ..Default::default()
        };
        b1.special_prices().upsert(&price).await.unwrap();
        let record = b1
            .special_prices()
            .key(SpecialPriceKey { item_code: item_code.clone(), card_code: card_code.clone() });
        let read = record.get().await.unwrap();
        assert_eq!(
            (read.item_code, read.card_code),
            (Some(item_code.clone()), Some(card_code.clone()))
        );
        assert_eq!(read.price, price.price);
        let filter = SpecialPrice::CARD_CODE
            .eq(card_code.clone())
            .and(SpecialPrice::ITEM_CODE.eq(item_code.clone()));
        assert_eq!(b1.special_prices().filter(filter).count().await.unwrap(), 1);
        let rows = stage.erp().list("SpecialPrices").unwrap();
        let mine =
            rows.iter().filter(|row| row["ItemCode"] == item_code && row["CardCode"] == card_code);
        assert_eq!(mine.count(), 1);
        assert!(
            b1.special_prices()
                .key(SpecialPriceKey { item_code: card_code, card_code: item_code })
                .find()
                .await
                .unwrap()
                .is_none()
        );
    });
}

#[test]
fn any_text_is_the_value_of_a_user_defined_field() {
    let field = || Field::<Item, String>::udf("U_Specifications");
    for_many(24, text(), async |b1, stage, value| {
        let code = format!("U{}", stage.erp().list("Items").unwrap().len());
        let item = Item { item_code: Some(code.clone()), ..Item::default() };
        b1.items().create(&item).await.unwrap();
        let changes = Changes::new().udf("U_Specifications", &value);
        b1.items().key(code.clone()).update(changes).await.unwrap();
        let stored = stage.erp().get("Items", &code).unwrap();
        assert_eq!(stored["U_Specifications"], json!(value));
        let read = b1.items().key(code.clone()).get().await.unwrap();
        assert_eq!(
            read.user_fields.get::<String>("U_Specifications").unwrap(),
            Some(value.clone())
        );
        let equal = expected(stage, "U_Specifications", |one| one == value);
        assert!(equal.contains(&code));
        assert_eq!(found(b1, field().eq(value.clone())).await, equal);
        let within = expected(stage, "U_Specifications", |one| one.contains(&value));
        assert_eq!(found(b1, field().contains(&value)).await, within);
        // Sent back as read, nothing changes.
        b1.items().key(code.clone()).update(read).await.unwrap();
        assert_eq!(stage.erp().get("Items", &code).unwrap()["U_Specifications"], json!(value));
    });
}

/// Texts that once broke somebody's client, by name.
#[tokio::test]
async fn well_known_troublemakers() {
    let stage = Stage::start().await;
    for version in [Version::V1, Version::V2] {
        let b1 = stage.b1_builder().version(version).build().unwrap();
        for code in [
            "A/1#2",
            "O'Neil",
            "''",
            "100%",
            "%41",
            "a+b",
            "a b",
            "a&b=c",
            "a?b",
            "螺栓 M6×20",
            "Ø5\"",
            "x') or ('1' eq '1",
            " lead",
            "trail ",
            "..",
            ".",
            "$metadata",
            "(1)",
            "😀",
            "a\tb",
            "a\nb",
            "%27)/Cancel",
            "\\",
            "a;b",
            "ItemCode='x'",
        ] {
            let item = Item { item_code: Some(code.to_owned()), ..Item::default() };
            b1.items().upsert(&item).await.unwrap();
            let read = b1.items().key(code).get().await.unwrap();
            assert_eq!(read.item_code.as_deref(), Some(code), "{version:?}");
            assert_eq!(found(&b1, Item::ITEM_CODE.eq(code)).await.len(), 1, "{code:?}");
        }
    }
    assert_eq!(stage.erp().list("Items").unwrap().len(), 5 + 24, "each once, A/1#2 was there");
}

fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        4 => (any::<i64>(), 0_u32..19).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        // The server adds a zero behind the point: 27 digits of ours are 28 on the wire.
        2 => (-999_999_999_999_999_999_999_999_999_i128..999_999_999_999_999_999_999_999_999, 0_u32..27)
            .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits, scale)),
        1 => prop::sample::select(vec![
            "0", "0.0", "1", "-1", "0.1", "0.30000000000000004", "9007199254740993", "-9007199254740993",
            "0.1234567890123456789", "1e-7", "100000000000000000000", "0.000000000000000000000000001",
        ]).prop_map(|text| Decimal::from_scientific(text).or_else(|_| text.parse()).unwrap()),
    ]
}

#[test]
fn amounts_stay_digit_for_digit() {
    let field = || Field::<Item, Decimal>::udf("U_Weight");
    for_many(32, (amount(), amount()), async |b1, stage, (first, second)| {
        let definition = json!({
            "TableName": "OITM", "Name": "Weight", "Description": "重量", "Type": "db_Float", "SubType": "st_Measurement",
        });
        if stage.erp().list("Items").unwrap().len() == 5 {
            stage.erp().create("UserFieldsMD", &definition).unwrap();
        }
        let code = format!("D{}", stage.erp().list("Items").unwrap().len());
        let mut item =
            Item { item_code: Some(code.clone()), min_inventory: Some(first), ..Item::default() };
        item.user_fields.set("U_Weight", &first).unwrap();
        let digits = |amount: Decimal| amount.normalize().to_string();
        let same = |item: &Item, amount: Decimal| {
            let field = item.user_fields.get::<Decimal>("U_Weight").unwrap().unwrap();
            assert_eq!(digits(item.min_inventory.unwrap()), digits(amount));
            assert_eq!(digits(field), digits(amount), "user-defined");
        };
        same(&b1.items().create(&item).await.unwrap(), first);
        same(&b1.items().key(code.clone()).get().await.unwrap(), first);
        let changes = Changes::new().set(Item::MIN_INVENTORY, second).set(field(), second);
        b1.items().key(code.clone()).update(changes).await.unwrap();
        let read = b1.items().key(code.clone()).get().await.unwrap();
        same(&read, second);
        // As read and back, through the model and through raw JSON.
        b1.items().key(code.clone()).update(read).await.unwrap();
        let raw = b1.items().key(code.clone()).get_raw().await.unwrap();
        b1.raw()
            .patch(&format!("Items('{code}')"))
            .json(&raw.without_annotations().unwrap())
            .await
            .unwrap();
        same(&b1.items().key(code.clone()).get().await.unwrap(), second);
        assert!(found(b1, Item::MIN_INVENTORY.eq(second)).await.contains(&code));
        assert!(found(b1, field().eq(second)).await.contains(&code));
        assert!(!found(b1, field().ne(second)).await.contains(&code));
        assert_eq!(found(b1, field().gt(first)).await.contains(&code), second > first);
        assert_eq!(found(b1, field().le(first)).await.contains(&code), second <= first);
    });
}

#[tokio::test]
async fn dates_times_and_enumerations_are_compared_as_what_they_are() {
    let day = |day| NaiveDate::from_ymd_opt(2024, 2, day).unwrap();
    for version in [Version::V1, Version::V2] {
        let stage = Stage::start().await;
        let b1 = stage.b1_builder().version(version).build().unwrap();
        for number in 27..=29 {
            let order = json!({
                "CardCode": "C001", "DocDate": format!("2024-02-{number}"), "NumAtCard": "dated",
                "DocumentLines": [{"ItemCode": "FG-001", "Quantity": 1}],
            });
            stage.erp().create("Orders", &order).unwrap();
        }
        let orders = |filter: Filter<Order>| {
            b1.orders().filter(Order::NUM_AT_CARD.eq("dated").and(filter)).all()
        };
        for (filter, expected) in [
            (Order::DOC_DATE.eq(day(29)), vec![29]),
            (Order::DOC_DATE.ne(day(29)), vec![27, 28]),
            (Order::DOC_DATE.gt(day(27)), vec![28, 29]),
            (Order::DOC_DATE.ge(day(28)), vec![28, 29]),
            (Order::DOC_DATE.lt(day(28)), vec![27]),
            (Order::DOC_DATE.le(day(28)), vec![27, 28]),
            (Order::DOC_DATE.is_null(), vec![]),
        ] {
            let label = filter.to_string();
            let found = orders(filter).await.unwrap();
            let days: Vec<_> = found.into_iter().map(|order| order.doc_date.unwrap()).collect();
            assert_eq!(
                days,
                expected.into_iter().map(day).collect::<Vec<_>>(),
                "{version:?} {label}"
            );
        }

        let read = b1.orders().key(2).get().await.unwrap();
        let time = read.doc_time.unwrap();
        let minute = NaiveTime::parse_from_str(&time.format("%H:%M").to_string(), "%H:%M").unwrap();
        assert!(
            orders(Order::DOC_TIME.eq(time))
                .await
                .unwrap()
                .iter()
                .any(|order| order.doc_entry == Some(2))
        );
        assert!(
            orders(Order::DOC_TIME.ge(minute))
                .await
                .unwrap()
                .iter()
                .any(|order| order.doc_entry == Some(2))
        );
        assert!(orders(Order::DOC_TIME.is_null()).await.unwrap().is_empty());

        let entries = async |status: Filter<ProductionOrder>| {
            let orders = b1.production_orders().filter(status).all().await.unwrap();
            orders.into_iter().filter_map(|order| order.absolute_entry).collect::<Vec<_>>()
        };
        let status = ProductionOrder::PRODUCTION_ORDER_STATUS;
        assert_eq!(entries(status.eq(Status::Released)).await, [1]);
        assert_eq!(entries(status.ne(Status::Released)).await, [2]);
        assert_eq!(entries(status.one_of([Status::Planned, Status::Released])).await, [1, 2]);
        assert_eq!(entries(ProductionOrder::PLANNED_QUANTITY.eq(Decimal::new(55, 1))).await, [2]);
        assert_eq!(b1.items().filter(Item::FROZEN.eq(BoYesNoEnum::Yes)).count().await.unwrap(), 0);
    }
}
