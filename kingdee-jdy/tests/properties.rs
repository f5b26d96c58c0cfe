//! What holds for all vouchers.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::sync::LazyLock;

use kingdee_jdy::vouchers::{Entry, Side, Voucher};
use kingdee_jdy::{Client, Decimal, Login, Members};
use proptest::prelude::*;

fn amounts() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::vec(-10_i64.pow(15)..10_i64.pow(15), 1..12)
}

/// Lines on both sides, and one more that balances them.
fn balanced(cents: &[i64]) -> Voucher {
    let voucher = Voucher::new("A", "记", "2026-03-31".parse().unwrap());
    let lines = cents.iter().enumerate().map(|(index, cents)| {
        let amount = Decimal::new(*cents, 2);
        if index % 2 == 0 { Entry::debit("1122", amount) } else { Entry::credit("5001", amount) }
    });
    let voucher = lines.fold(voucher, Voucher::entry);
    let open = voucher.difference().unwrap();
    voucher.entry(Entry::credit("2221", open))
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let login = Login::User { username: "u".into(), password: "p".into() };
    Client::builder("c", "s", login).build().unwrap()
});

fn problems(voucher: &Voucher) -> Option<String> {
    CLIENT.vouchers().check(std::slice::from_ref(voucher)).err().map(|error| error.to_string())
}

proptest! {
    #[test]
    fn a_balanced_voucher_passes_and_a_cent_more_does_not(
        cents in amounts(), line in 0_usize..12, off in 1_i64..10_000
    ) {
        let mut voucher = balanced(&cents);
        prop_assert_eq!(problems(&voucher), None);
        let line = line % voucher.entries.len();
        voucher.entries[line].amount += Decimal::new(off, 2);
        let expected = format!("they differ by {}", Decimal::new(off, 2));
        let found = problems(&voucher).unwrap();
        prop_assert!(found.ends_with(&expected), "{} in {}", expected, found);
    }

    #[test]
    fn a_voucher_survives_its_own_json(
        cents in amounts(), text in ".*", currency in proptest::option::of("[A-Z]{3}"), odd in ".+"
    ) {
        let mut voucher = balanced(&cents);
        voucher.entries[0].text = Some(text).filter(|text| !text.is_empty());
        voucher.entries[0].currency = currency;
        voucher.entries[0].side = Side::Credit;
        voucher.more.set(&format!("x-{odd}"), kingdee_jdy::RawJson::text(&odd));
        let json = serde_json::to_string(&voucher).unwrap();
        prop_assert_eq!(serde_json::from_str::<Voucher>(&json).unwrap(), voucher);
        // Nor is anything lost as a plain object.
        let members: Members = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&members).unwrap(), json);
    }
}

#[test]
fn json_that_is_no_voucher_is_named() {
    for (json, expected) in [
        (r#"{}"#, "`linkId`: missing or empty"),
        (r#"{"linkId":"A","groupName":"记","date":"31.3."}"#, "`date`: expected a date"),
        (r#"{"linkId":"A","groupName":"记","date":"2026-03-31","yearPeriod":"x"}"#, "`yearPeriod`"),
        (
            r#"{"linkId":"A","groupName":"记","date":"2026-03-31","entries":[{"acctNo":"1","dc":2,"amount":1}]}"#,
            "line 1: `dc`: expected 1 or -1, found 2",
        ),
        (
            r#"{"linkId":"A","groupName":"记","date":"2026-03-31","entries":[{"acctNo":"1","dc":1,"amount":"x"}]}"#,
            "line 1: `amount`: expected a number",
        ),
    ] {
        let error = serde_json::from_str::<Voucher>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
