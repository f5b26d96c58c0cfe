//! The error tables of the approval platforms, against their simulators: for each code, how often
//! the client really asked, as the simulator counted, and that a refused form is not there.
//!
//! The kinds and texts of every code are tested in the clients' own crates. Here it is about the
//! calls, on platforms that share no code with the clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use dingtalk::workflow::CreateInstance;
use ecology_oa::workflow::{CreateRequest, Field};
use erplink_sandbox::ecology::GateFault;
use erplink_sandbox::{Calls, Fault, FaultKind, dingtalk as simulated, wecom as simulated_wecom};
use erplink_tests::{MANAGER, Stage};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use wecom::approvals::{ControlValue, SubmitForm};

/// More refusals than any client should ask for.
const ALWAYS: u32 = 12;

/// What the table of the platform makes the client do.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// A human has to change something: one call, and a refusal is a refusal.
    GiveUp,
    /// A new token, and the same call once more.
    Refresh,
    /// The call was not carried out: the same call after a pause, reads and writes alike.
    Wait,
    /// It may have been carried out: reads are repeated, a write is asked about first.
    Reconcile,
}
use Action::{GiveUp, Reconcile, Refresh, Wait};

/// So many calls of a read and of a write, so many tokens, with `attempts` of the retry policy.
fn expected(action: Action, attempts: usize) -> (usize, usize, bool) {
    match action {
        GiveUp => (1, 1, false),
        Refresh => (2, 2, false),
        Wait => (attempts, attempts, false),
        Reconcile => (attempts, 1, true),
    }
}

/// Counts the calls that a piece of work made at one path.
async fn counted<T>(calls: &Calls, path: &str, work: impl Future<Output = T>) -> (T, usize) {
    let before = calls.count(None::<Method>, path);
    let outcome = work.await;
    (outcome, calls.count(None::<Method>, path) - before)
}

#[tokio::test]
async fn wecom_does_what_its_table_says() {
    const READ: &str = "/cgi-bin/oa/getapprovaldetail";
    const WRITE: &str = "/cgi-bin/oa/applyevent";
    const ATTEMPTS: usize = 4;
    let table: &[(Action, &[i64])] = &[
        (Reconcile, &[-1, 301_057, 301_064, 620_004]),
        (Wait, &[6000, 45_033, 45_035, 45_036, 301_026]),
        (Refresh, &[40_001, 40_014, 42_001]),
        (GiveUp, &[40_003, 60_111, 46_004, 301_021, 60_003, 60_123]),
        (GiveUp, &[40_004, 40_005, 40_006, 40_007, 40_008, 40_009]),
        (GiveUp, &[40_013, 41_002, 40_033, 40_035, 40_056, 40_057, 40_058, 40_063]),
        (GiveUp, &[40_091, 41_004, 41_001, 44_001, 45_001, 45_029]),
        (GiveUp, &[48_001, 48_002, 48_004, 48_005, 48_006, 48_009, 50_003, 301_007]),
        (GiveUp, &[50_002, 60_011, 60_021, 81_013, 60_020, 301_042, 301_002, 301_025]),
        (GiveUp, &[301_055, 301_056, 301_062, 301_063, 301_079, 301_086, 301_087, 301_088]),
        (GiveUp, &[301_112, 301_115, 830_002, 999_999]),
    ];
    for (action, codes) in table {
        for code in *codes {
            let stage = Stage::start().await;
            let office: &simulated_wecom::WeCom = stage.sandbox.wecom();
            let client = wecom::Client::builder(office.corp_id(), office.secret())
                .api_base(office.url())
                .clock(stage.clock.clone())
                .build()
                .unwrap();
            for _ in 0..ALWAYS {
                office.refuse_next(READ, *code, "planted");
                office.refuse_next(WRITE, *code, "planted");
            }
            let form = SubmitForm::new("chenmeng", "T1").value("Text-1", ControlValue::text("1"));
            let form = form.summary("单据 1");
            let calls = office.calls();

            let (reads, writes, in_doubt) = expected(*action, ATTEMPTS);
            let (error, made) = counted(calls, READ, client.approvals().get("1")).await;
            let error = error.unwrap_err();
            assert_eq!(error.api_error().map(|api| api.code()), Some(*code), "{error}");
            assert_eq!(made, reads, "{code}: {error}");
            let submit = async { client.approvals().submit(&form).unchecked().await };
            let (error, made) = counted(calls, WRITE, submit).await;
            let error = error.unwrap_err();
            assert_eq!(made, writes, "{code}: {error}");
            assert_eq!(error.may_have_taken_effect(), in_doubt, "{code}: {error}");
            assert!(office.forms().is_empty(), "{code}");
        }
    }
}

#[tokio::test]
async fn dingtalk_does_what_its_table_says() {
    const READ: &str = "/v1.0/workflow/processes/todoTasks/numbers";
    const WRITE: &str = "/v1.0/workflow/processInstances";
    const ATTEMPTS: usize = 3;
    let table: &[(Action, u16, &[&str])] = &[
        (Refresh, 400, &["InvalidAuthentication", "invalidAccessToken"]),
        (GiveUp, 400, &["AuthenticationFailed.MissingParameter", "Missingbody", "somethingNew"]),
        (GiveUp, 403, &["Forbidden.AccessDenied.AccessTokenPermissionDenied"]),
        (GiveUp, 403, &["Forbidden.AccessDenied.IpNotInWhiteList"]),
        (GiveUp, 403, &["Forbidden.AccessDenied.ApiCountLimitForOrg"]),
        (GiveUp, 404, &["InvalidAction.NotFound"]),
        (Wait, 403, &["Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"]),
        (Wait, 403, &["Forbidden.AccessDenied.QpsLimitForApi"]),
        (Wait, 400, &["autoflowLikeTriggerRateLimited"]),
        (Reconcile, 500, &["systemError", "system.error", "unknownError", "server.error"]),
        (Reconcile, 400, &["internalError", "sysErrror"]),
        (Reconcile, 503, &["ServiceUnavailable"]),
    ];
    for (action, status, codes) in table {
        for code in *codes {
            let stage = Stage::start().await;
            let office: &simulated::DingTalk = stage.office();
            let body = json!({ "code": code, "message": "planted", "requestid": "R" });
            for path in [READ, WRITE] {
                let kind = FaultKind::Status {
                    status: StatusCode::from_u16(*status).unwrap(),
                    retry_after: None,
                    body: Some(body.to_string()),
                };
                office.faults_api().push(Fault::new(None, path, kind).times(ALWAYS));
            }
            let client = stage.dingtalk();
            let calls = office.calls_api();

            let (reads, writes, in_doubt) = expected(*action, ATTEMPTS);
            let work = client.workflow();
            let (error, made) = counted(calls, READ, work.todo_count(MANAGER)).await;
            assert_eq!(made, reads, "{code}: {}", error.unwrap_err());
            let create = CreateInstance::new(MANAGER, "PROC-1").dept(1);
            let (error, made) = counted(calls, WRITE, work.create(&create)).await;
            let error = error.unwrap_err();
            assert_eq!(made, writes, "{code}: {error}");
            assert_eq!(error.may_have_taken_effect(), in_doubt, "{code}: {error}");
            assert!(office.instances().is_empty(), "{code}");
        }
    }
}

/// What stands in front of the services of the OA, and what they answer themselves.
enum Refusal {
    Gate(GateFault),
    Answer(Value),
}

#[tokio::test]
async fn ecology_does_what_its_table_says() {
    const READ: &str = "/api/workflow/paService/getRequestStatus";
    const WRITE: &str = "/api/workflow/paService/doCreateRequest";
    const ATTEMPTS: usize = 3;
    let answer =
        |code: &str| Refusal::Answer(json!({ "code": code, "errMsg": { "m": "planted" } }));
    let table = [
        (Refresh, Refusal::Gate(GateFault::TokenUnknown)),
        (Refresh, Refusal::Gate(GateFault::LoginTimeout)),
        (GiveUp, Refusal::Gate(GateFault::LoginPage)),
        (GiveUp, Refusal::Gate(GateFault::AccountAbnormal)),
        (Reconcile, Refusal::Gate(GateFault::ServerError)),
        (GiveUp, answer("PARAM_ERROR")),
        (GiveUp, answer("NO_PERMISSION")),
        (GiveUp, answer("USER_EXCEPTION")),
        (GiveUp, answer("FAIL")),
        (GiveUp, answer("SOMETHING_NEW")),
        (Reconcile, answer("SYSTEM_INNER_ERROR")),
    ];
    for (action, refusal) in table {
        let stage = Stage::start().await;
        let oa = stage.sandbox.ecology();
        let client = ecology_oa::Client::builder(oa.url(), oa.appid())
            .credentials(oa.secret(), oa.spk())
            .user(oa.user_id("lisi").unwrap())
            .clock(stage.clock.clone())
            .build()
            .unwrap();
        let refuse = |path: &str| {
            for _ in 0..ALWAYS {
                match &refusal {
                    Refusal::Gate(fault) => oa.arrange_gate_fault(*fault),
                    Refusal::Answer(body) => oa.answer_next(path, body.clone()),
                }
            }
        };
        let calls = oa.calls();
        let (reads, writes, in_doubt) = expected(action, ATTEMPTS);
        refuse(READ);
        let (error, made) = counted(calls, READ, client.workflow().status(7)).await;
        assert_eq!(made, reads, "{}", error.unwrap_err());
        refuse(WRITE);
        let create = CreateRequest::new(1, "采购申请-1").field(Field::text("djbh", "1"));
        let (error, made) = counted(calls, WRITE, client.workflow().create(&create)).await;
        let error = error.unwrap_err();
        assert_eq!(made, writes, "{error}");
        assert_eq!(error.may_have_taken_effect(), in_doubt, "{error}");
        assert!(oa.requests().is_empty(), "{error}");
    }
}

#[tokio::test]
async fn eteams_does_what_its_table_says() {
    const QUERY: &str = "/api/hrm/restful/queryOrg";
    const ATTEMPTS: usize = 3;
    let page = |status| FaultKind::Html(StatusCode::from_u16(status).unwrap());
    let table = [
        (Refresh, &["200007", "200008", "300001", "300002"][..], &[][..]),
        (GiveUp, &["40035", "90001", "something new"], &[]),
        (Reconcile, &[], &[404, 500, 502, 503, 504]),
        (Wait, &[], &[429]),
    ];
    for (action, codes, statuses) in table {
        let codes = codes.iter().map(|code| (Some(*code), None));
        for (code, status) in codes.chain(statuses.iter().map(|status| (None, Some(*status)))) {
            let stage = Stage::start().await;
            let eteams = stage.sandbox.eteams();
            let client = weaver_eteams::Client::builder(
                eteams.corp_id(),
                eteams.app_key(),
                eteams.app_secret(),
            )
            .base_url(eteams.url())
            .clock(stage.clock.clone())
            .build()
            .unwrap();
            for _ in 0..ALWAYS {
                if let Some(code) = code {
                    eteams.refuse_next(QUERY, code, "planted");
                }
            }
            if let Some(status) = status {
                eteams.faults().push(Fault::new(None, QUERY, page(status)).times(ALWAYS));
            }
            let calls = eteams.calls();
            let (reads, writes, in_doubt) = expected(action, ATTEMPTS);
            let read = async { client.organization().departments().page(1).await };
            let (error, made) = counted(calls, QUERY, read).await;
            assert_eq!(made, reads, "{}", error.unwrap_err());
            // The client takes what it does not type for a write.
            let write = async { client.raw().post(QUERY).json(&json!({})).await };
            let (error, made) = counted(calls, QUERY, write).await;
            let error = error.unwrap_err();
            assert_eq!(made, writes, "{error}");
            assert_eq!(error.may_have_taken_effect(), in_doubt, "{error}");
            assert_eq!(error.api_error().map(|api| api.code().as_str()), code, "{error}");
            assert_eq!(eteams.grants().codes, 1, "refreshed, never logged in again: {error}");
        }
    }
}
