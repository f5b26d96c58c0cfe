//! The client of Kingdee JDY (精斗云) against the simulated platform: every call under every login, and
//! vouchers that are there exactly once whatever becomes of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::time::Duration;

use erplink_sandbox::jdy::{EmptyList, Jdy, Options, Quirks, Shape};
use erplink_sandbox::{Clock, Fault, FaultKind};
use http::{Method, StatusCode};
use kingdee_jdy::vouchers::{Entry, Outcome, Side, Voucher};
use kingdee_jdy::{
    BodyShape, Client, ClientBuilder, Decimal, ErrorKind, FilterShape, Login, NewAccount, Period,
    Platform, ProfileKey, RawJson, RetryPolicy, TransportConfig,
};

const SAVE: &str = "/jdyaccouting/voucher?";
/// Longer than an answer over loopback takes.
const TIMEOUT: f64 = 2.0;

async fn platform(quirks: Quirks) -> Jdy {
    let options = Options { quirks, ..Options::default() };
    Jdy::start(Clock::new(), options).await.unwrap()
}

fn logins(jdy: &Jdy) -> [Login; 3] {
    let (tid, secret) = jdy.organisation();
    [
        Login::User { username: jdy.username().into(), password: jdy.password().into() },
        Login::Org { tid: tid.into(), secret: secret.into() },
        Login::Platform(Platform {
            outer_instance_id: jdy.outer_instance_id().into(),
            ..Platform::default()
        }),
    ]
}

fn builder_as(jdy: &Jdy, login: Login) -> ClientBuilder {
    let mut http = TransportConfig::default();
    (http.read_timeout, http.total_timeout) = (TIMEOUT, TIMEOUT);
    let fast = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(2));
    Client::builder(jdy.client_id(), jdy.client_secret(), login)
        .company_set(jdy.s_id(), jdy.db_id())
        .api_base(jdy.url())
        .http(http)
        .retry(fast)
}

fn client(jdy: &Jdy) -> Client {
    let [user, ..] = logins(jdy);
    builder_as(jdy, user).build().unwrap()
}

fn voucher(link_id: &str) -> Voucher {
    let amount: Decimal = "90071992547409.93".parse().unwrap();
    Voucher::new(link_id, "记", "2026-03-31".parse().unwrap())
        .entry(Entry::debit("1122", amount).customer("C001").text("销售开票"))
        .entry(Entry::credit("5001", amount))
}

fn march() -> Period {
    "202603".parse().unwrap()
}

/// Saves without waiting for a voucher to show up.
async fn save(
    client: &Client,
    voucher: &Voucher,
) -> kingdee_jdy::Result<kingdee_jdy::vouchers::Saved> {
    let save = client.vouchers().save(std::slice::from_ref(voucher));
    save.visible_after(Duration::from_millis(1)).one().await
}

#[tokio::test]
async fn every_call_works_under_every_login() {
    let jdy = platform(Quirks::default()).await;
    for (number, login) in logins(&jdy).into_iter().enumerate() {
        let client = builder_as(&jdy, login).build().unwrap();
        let link_id = format!("L{number}");
        let saved = client.vouchers().save_one(&voucher(&link_id)).await.unwrap();
        assert_eq!(saved.vch_no.as_deref(), Some(format!("记-{}", 3 * number + 1).as_str()));

        let found = client.vouchers().find(&link_id, march(), march()).await.unwrap().unwrap();
        assert_eq!(found.vch_id.as_deref(), Some(saved.vch_id.as_str()));
        let total = found.members.decimal("debitTotal").unwrap().unwrap();
        assert_eq!(total.to_string(), "90071992547409.93", "digit for digit");
        assert!(saved.vch_id.parse::<u64>().unwrap() > 1 << 53, "longer than a float holds");

        let list = client.vouchers().list(march(), march()).page_size(1).group("记").items();
        assert_eq!(list.try_collect().await.unwrap().len(), 2 * number + 1);
        let second = client.vouchers().save_one(&voucher(&format!("{link_id}b"))).await.unwrap();
        client.vouchers().reverse([saved.vch_id.as_str()]).await.unwrap();
        client.vouchers().delete([second.vch_id.as_str()]).await.unwrap();
        let gone = client.vouchers().delete([second.vch_id.as_str()]).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);
        let totals = client.vouchers().totals(march(), march()).await.unwrap();
        assert_eq!(totals.decimal("vchCount").unwrap(), Some(Decimal::from(2 * number + 2)));

        let code = format!("660{number}1");
        let new = NewAccount::new(&code, "办公费", Side::Debit, "期间费用")
            .with("useCustomer", RawJson::number(1));
        client.accounts().create(&new).await.unwrap();
        let all = client.accounts().list(Some(6)).await.unwrap();
        let made = all.iter().find(|account| account.number == code).unwrap();
        assert_eq!(made.name.as_deref(), Some("办公费"));
        let sets = client.company_sets().await.unwrap();
        assert_eq!(sets[0].s_id.as_deref(), Some(jdy.s_id()));
        assert_eq!(sets[0].db_id.as_deref(), Some(jdy.db_id()));
        let rule = client.profile(ProfileKey::AccountRule).await.unwrap();
        assert_eq!(rule.text("value").unwrap().as_deref(), Some("4-2-2-2"));
        let balances = client.balance(5, "RMB").await.unwrap();
        assert_eq!(balances[0].text("number").unwrap().as_deref(), Some("5001"));
        assert!(balances[0].decimal("balance").unwrap().unwrap().is_zero(), "taken back");
    }
    assert_eq!(jdy.token_count(), 3, "one login each");
}

#[tokio::test]
async fn a_session_that_ends_is_renewed_and_the_apps_secret_may_have_changed() {
    let jdy = platform(Quirks::default()).await;
    for login in logins(&jdy) {
        let client = builder_as(&jdy, login).build().unwrap();
        client.accounts().list(None).await.unwrap();
        jdy.expire_tokens();
        jdy.rotate_app_secret();
        client.accounts().list(None).await.unwrap();
    }
    assert_eq!(jdy.token_count(), 6);
}

#[tokio::test]
async fn wrong_settings_are_told_apart() {
    let jdy = platform(Quirks::default()).await;
    let [user, ..] = logins(&jdy);
    let ask = async |builder: ClientBuilder| {
        builder.build().unwrap().profile(ProfileKey::CurrentPeriod).await.unwrap_err()
    };
    let error = ask(builder_as(&jdy, user.clone()).company_set("1", jdy.db_id())).await;
    assert!(error.api_error().unwrap().is_about_s_id(), "{error}");
    let error = ask(builder_as(&jdy, user).company_set(jdy.s_id(), "1")).await;
    assert!(error.api_error().unwrap().is_about_db_id(), "{error}");
    let wrong = Login::User { username: jdy.username().into(), password: "x".into() };
    assert_eq!(ask(builder_as(&jdy, wrong)).await.kind(), ErrorKind::Auth);
    let instance = Platform { outer_instance_id: "1".into(), ..Platform::default() };
    assert_eq!(ask(builder_as(&jdy, Login::Platform(instance))).await.kind(), ErrorKind::Auth);
}

/// How the answer to a save goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    ResetBefore,
    ResetAfter,
    Truncated,
    NoAnswer,
    TooLate,
    ServerError,
    GatewayPage,
    Throttled,
    Expired,
    UnexpectedBefore,
    UnexpectedAfter,
}

const TROUBLES: [Trouble; 11] = [
    Trouble::ResetBefore,
    Trouble::ResetAfter,
    Trouble::Truncated,
    Trouble::NoAnswer,
    Trouble::TooLate,
    Trouble::ServerError,
    Trouble::GatewayPage,
    Trouble::Throttled,
    Trouble::Expired,
    Trouble::UnexpectedBefore,
    Trouble::UnexpectedAfter,
];

impl Trouble {
    fn arrange(self, jdy: &Jdy) {
        let status = |status| FaultKind::Status { status, retry_after: None, body: None };
        let kind = match self {
            Self::ResetBefore => FaultKind::ResetBefore,
            Self::ResetAfter => FaultKind::ResetAfter,
            Self::Truncated => FaultKind::TruncateBody,
            Self::NoAnswer => FaultKind::NeverAnswer,
            Self::ServerError => status(StatusCode::INTERNAL_SERVER_ERROR),
            Self::GatewayPage => FaultKind::Html(StatusCode::BAD_GATEWAY),
            Self::Throttled => status(StatusCode::TOO_MANY_REQUESTS),
            Self::Expired => return jdy.expire_tokens(),
            Self::TooLate => {
                let late = Duration::from_secs_f64(TIMEOUT + 1.0);
                return jdy.delay_next_answer("/voucher", late);
            }
            Self::UnexpectedBefore => return jdy.refuse_next("/voucher", 48_001, "未预期的错误"),
            Self::UnexpectedAfter => {
                return jdy.refuse_next_after_commit("/voucher", 48_001, "未预期的错误");
            }
        };
        jdy.faults().push(Fault::new(Method::POST, SAVE, kind));
    }

    fn commits(self) -> bool {
        matches!(self, Self::ResetAfter | Self::Truncated | Self::TooLate | Self::UnexpectedAfter)
    }
}

#[tokio::test]
async fn a_voucher_whose_answer_is_lost_is_there_exactly_once() {
    let jdy = platform(Quirks::default()).await;
    let client = client(&jdy);
    for trouble in TROUBLES {
        trouble.arrange(&jdy);
        let link_id = format!("{trouble:?}");
        let saved = save(&client, &voucher(&link_id)).await.unwrap();
        assert_eq!(saved.was_there, trouble.commits(), "{trouble:?}");
        let there = jdy.voucher(&link_id).unwrap();
        assert_eq!(there["vchId"].to_string(), saved.vch_id, "{trouble:?}");
    }
    assert_eq!(jdy.vouchers().len(), TROUBLES.len());
}

#[tokio::test]
async fn an_unknown_outcome_is_told_and_the_next_attempt_finds_it() {
    let jdy = platform(Quirks::default()).await;
    let client = client(&jdy);
    for trouble in [Trouble::ResetAfter, Trouble::ResetBefore] {
        trouble.arrange(&jdy);
        // Nor can the voucher be looked for: neither now nor at a second look, with all repeats.
        let list = Fault::html(Method::POST, "/voucherlist", StatusCode::BAD_GATEWAY);
        jdy.faults().push(list.times(6));
        let voucher = voucher(&format!("{trouble:?}"));
        let error = save(&client, &voucher).await.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");
        jdy.faults().clear();
        let saved = save(&client, &voucher).await.unwrap();
        assert_eq!(saved.was_there, trouble == Trouble::ResetAfter);
        jdy.voucher(&voucher.link_id).unwrap();
    }
}

/// SplitMix64: the same numbers everywhere.
fn dice(state: &mut u64, sides: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((word ^ (word >> 31)) % 0xffff_ffff).unwrap() % sides
}

#[tokio::test]
async fn whatever_happens_in_a_row_a_voucher_is_there_exactly_once() {
    let jdy = platform(Quirks::default()).await;
    // Those that take no time.
    let quick: Vec<Trouble> = TROUBLES
        .into_iter()
        .filter(|trouble| !matches!(trouble, Trouble::NoAnswer | Trouble::TooLate))
        .collect();
    let seeds: u64 = std::env::var("JDY_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    for seed in 0..seeds {
        // One client would take so many ended sessions for a platform that takes none.
        let (client, mut state) = (client(&jdy), seed);
        for _ in 0..=dice(&mut state, 3) {
            quick[dice(&mut state, quick.len())].arrange(&jdy);
        }
        if dice(&mut state, 2) == 0 {
            let lost = Fault::reset_before(Method::POST, "/voucherlist");
            jdy.faults().push(lost.times(u32::try_from(dice(&mut state, 4)).unwrap() + 1));
        }
        let voucher = voucher(&format!("S{seed}"));
        let mut saved = None;
        for _ in 0..6 {
            saved = save(&client, &voucher).await.ok();
            if saved.is_some() {
                break;
            }
        }
        let there = jdy.voucher(&voucher.link_id).unwrap_or_else(|no| panic!("seed {seed}: {no}"));
        assert_eq!(there["vchId"].to_string(), saved.unwrap().vch_id, "seed {seed}");
        jdy.faults().clear();
    }
    assert_eq!(jdy.vouchers().len(), usize::try_from(seeds).unwrap());
}

#[tokio::test]
async fn a_batch_that_is_saved_in_part_is_completed_by_sending_it_again() {
    let jdy = platform(Quirks { partial_code: 46_001, ..Quirks::default() }).await;
    let client = client(&jdy);
    let batch = ["A", "B", "C"].map(voucher);
    jdy.refuse_voucher("B", 46_001, "辅助核算已停用");
    let outcomes = client.vouchers().save(&batch).await.unwrap();
    let Outcome::Refused(why) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(why.message(), "辅助核算已停用");
    let outcomes = client.vouchers().save(&batch).await.unwrap();
    let was_there = outcomes.into_iter().map(|one| one.into_result().unwrap().was_there);
    assert_eq!(was_there.collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(jdy.vouchers().len(), 3);
}

#[tokio::test]
async fn the_books_words_reach_the_caller() {
    let jdy = platform(Quirks::default()).await;
    let client = client(&jdy);
    jdy.open_period(202_604);
    let error = save(&client, &voucher("A")).await.unwrap_err();
    assert!(error.to_string().contains("期间202603已结账"), "{error}");
    let mut unknown = voucher("B");
    unknown.date = "2026-04-01".parse().unwrap();
    unknown.entries[1].account = "9999".into();
    let error = save(&client, &unknown).await.unwrap_err();
    assert!(error.to_string().contains("第2行: 科目9999不存在"), "{error}");
    assert!(!error.may_have_taken_effect());
    assert!(jdy.vouchers().is_empty());
}

#[tokio::test]
async fn versions_of_the_platform_differ() {
    let wrapped = Quirks {
        body: Shape::Wrapped,
        filter: Shape::Bare,
        list_name: "records".into(),
        query_code: 250,
        total_pages: false,
        empty_list: EmptyList::Empty,
        ..Quirks::default()
    };
    let jdy = platform(wrapped).await;
    let [user, ..] = logins(&jdy);
    let builder = builder_as(&jdy, user);
    let client = builder.body_shape(BodyShape::Wrapped).filter_shape(FilterShape::Flat).build();
    let client = client.unwrap();
    Trouble::ResetAfter.arrange(&jdy);
    assert!(save(&client, &voucher("A")).await.unwrap().was_there);
    Trouble::ResetBefore.arrange(&jdy);
    assert!(!save(&client, &voucher("B")).await.unwrap().was_there);
    let list = client.vouchers().list(march(), march()).page_size(1).items();
    assert_eq!(list.try_collect().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_that_cannot_tell_keeps_the_client_from_sending_again() {
    for quirks in [
        Quirks { shows_link_id: false, ..Quirks::default() },
        Quirks { shows_link_id: false, ignores_link_id: true, ..Quirks::default() },
    ] {
        let jdy = platform(quirks).await;
        let client = client(&jdy);
        save(&client, &voucher("A")).await.unwrap();
        Trouble::ResetAfter.arrange(&jdy);
        let error = save(&client, &voucher("B")).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error}");
        jdy.voucher("B").unwrap();
    }
    // One that passes the filter over, and shows what it lists, is seen through.
    let jdy = platform(Quirks { ignores_link_id: true, ..Quirks::default() }).await;
    let client = client(&jdy);
    let first = save(&client, &voucher("A")).await.unwrap();
    Trouble::ResetAfter.arrange(&jdy);
    let second = save(&client, &voucher("B")).await.unwrap();
    assert!(second.was_there && second.vch_id != first.vch_id);
}

#[tokio::test]
async fn a_list_that_lags_behind_doubles_nothing() {
    let clock = Clock::new();
    let options =
        Options { quirks: Quirks { list_lag: 3600, ..Quirks::default() }, ..Options::default() };
    let jdy = Jdy::start(clock.clone(), options).await.unwrap();
    let client = client(&jdy);
    Trouble::ResetAfter.arrange(&jdy);
    // It is not seen, sent again, and refused as a duplicate that is not seen either.
    let error = save(&client, &voucher("A")).await.unwrap_err();
    assert!(error.to_string().contains("linkId重复"), "{error}");
    clock.advance(Duration::from_secs(3600));
    assert!(save(&client, &voucher("A")).await.unwrap().was_there);
    jdy.voucher("A").unwrap();
}
