//! Drafts and the decisions on them.

use std::time::Duration;

use erplink::scenario::{Scenario as _, WeComDraftApproval};
use erplink_sandbox::Fault;
use erplink_sandbox::wecom::PushFault;
use erplink_sync::Runner;
use http::Method;
use serde_json::{Value, json};

use crate::office::{APPLY, HEAD, Office};

const FLOW: &str = "purchase-requests";

fn scenario_with(office: &Office, more: &Value) -> WeComDraftApproval {
    let mut scenario = json!({
        "template_id": office.template("采购申请草稿审批"),
        "object_type": "1470000113",
        "number_field": "U_SPNO",
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Draft.Comments", "to": "备注"},
            {"from": "Draft.RequriedDate", "to": "需求日期"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
        ]},
        "result_fields": [
            {"from": "Form.Number", "to": "U_REQUESTID"},
            {"from": "Form.Result", "to": "U_SUCCESS"},
            {"from": "=Y", "to": "U_SYN"},
            {"from": "Form.Date", "to": "U_DATE"},
            {"from": "Form.Approver", "to": "U_Approver"},
        ],
    });
    for (key, value) in more.as_object().unwrap() {
        scenario[key] = value.clone();
    }
    serde_json::from_value(scenario).unwrap()
}

async fn start(office: &Office) -> Runner {
    office.start(&scenario_with(office, &json!({})), FLOW).await
}

/// Waits are over, and a round is made.
async fn later(office: &Office, runner: &Runner) -> erplink_sync::Report {
    office.stage.later(runner).await
}

#[tokio::test]
async fn approved_and_refused_drafts_are_decided_in_the_erp() {
    let office = Office::new().await;
    let approved = office.stage.submit("RM-001", "12.50");
    let refused = office.stage.submit("RM-002", "3");
    let runner = start(&office).await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 2, "{report}");

    for sp_no in office.wecom().forms() {
        let draft = office.control(&sp_no, "草稿单号")["text"].as_str().unwrap().to_owned();
        let form = office.wecom().form(&sp_no).unwrap();
        assert_eq!(form["applyer"]["userid"], "zhangsan", "{form}");
        assert_eq!(office.control(&sp_no, "备注")["text"], "补充安全库存");
        let row = &office.control(&sp_no, "物料明细")["children"][0]["list"];
        if draft == approved.0.to_string() {
            assert_eq!(row[2]["value"]["new_number"], "12.5", "{row}");
            office.wecom().approve(&sp_no, HEAD, "同意").unwrap();
        } else {
            office.wecom().refuse(&sp_no, HEAD, "下季度再议").unwrap();
        }
    }
    let report = office.round(&runner).await;
    assert_eq!(report.done, 2, "{report}");
    for ((draft, request), status, result) in
        [(approved, "arsApproved", "Y"), (refused, "arsNotApproved", "N")]
    {
        let request = office.entity("ApprovalRequests", request);
        assert_eq!(request["Status"], status);
        let remarks = request["ApprovalRequestLines"][0]["Remarks"].as_str().unwrap();
        assert!(remarks.starts_with("lisi:"), "{remarks}");
        let draft = office.entity("Drafts", draft);
        assert_eq!((&draft["U_SyncStatus"], &draft["U_SYN"]), (&json!("Y"), &json!("Y")));
        assert_eq!((&draft["U_SUCCESS"], &draft["U_Approver"]), (&json!(result), &json!(HEAD)));
        assert_eq!(draft["U_REQUESTID"], draft["U_SPNO"]);
        assert!(draft["U_DATE"].as_str().unwrap().contains(':'), "{draft}");
    }
    let again = later(&office, &runner).await;
    assert_eq!((again.done, office.wecom().forms().len()), (0, 2), "{again}");
}

/// One form in the end, whatever happened to the answer, in the same process or a new one.
async fn one_form_after(lose: impl Fn(&Office)) {
    for restarts in [false, true] {
        let office = Office::new().await;
        let (draft, _) = office.stage.submit("RM-001", "1");
        let mut runner = start(&office).await;
        lose(&office);
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
        if restarts {
            drop(runner);
            runner = start(&office).await;
        }
        let report = later(&office, &runner).await;
        assert_eq!(report.done, 1, "{report}");
        let draft = office.entity("Drafts", draft);
        assert_eq!(draft["U_SPNO"], office.the_form());
        assert_eq!(draft["U_SyncStatus"], "Y");
        assert_eq!(later(&office, &runner).await.done, 0);
        office.the_form();
    }
}

#[tokio::test]
async fn a_committed_form_whose_answer_is_lost_is_found() {
    one_form_after(|office| {
        office.wecom().faults().push(Fault::reset_after(Method::POST, APPLY));
    })
    .await;
}

#[tokio::test]
async fn a_form_that_was_not_committed_is_submitted_again() {
    one_form_after(|office| {
        office.wecom().faults().push(Fault::reset_before(Method::POST, APPLY));
    })
    .await;
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    one_form_after(|office| {
        office.wecom().faults().push(Fault::truncate_body(Method::POST, APPLY));
    })
    .await;
}

#[tokio::test]
async fn an_internal_error_may_have_made_the_form_or_not() {
    one_form_after(|office| {
        office.wecom().refuse_next_after_commit(APPLY, 301_057, "internal error");
    })
    .await;
    one_form_after(|office| office.wecom().refuse_next(APPLY, -1, "system busy")).await;
}

#[tokio::test]
async fn forms_of_other_drafts_are_not_taken_for_the_lost_one() {
    let office = Office::new().await;
    let (first, _) = office.stage.submit("RM-001", "1");
    let runner = start(&office).await;
    runner.run_once().await;
    let (second, _) = office.stage.submit("RM-002", "2");
    office.wecom().faults().push(Fault::reset_before(Method::POST, APPLY));
    runner.run_once().await;
    let report = later(&office, &runner).await;
    assert_eq!(report.done, 1, "{report}");
    let number = |draft: i64| office.entity("Drafts", draft)["U_SPNO"].clone();
    assert_ne!(number(first), number(second));
    assert_eq!(office.wecom().forms().len(), 2);
}

#[tokio::test]
async fn a_restart_between_form_and_mark_repeats_only_the_mark() {
    let office = Office::new().await;
    let (draft, _) = office.stage.submit("RM-001", "1");
    let fault = Fault::status(Method::PATCH, "/Drafts", http::StatusCode::BAD_GATEWAY);
    office.erp().faults().push(fault);
    let runner = start(&office).await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
    assert_eq!(office.entity("Drafts", draft)["U_SyncStatus"], "N");
    drop(runner);
    let runner = start(&office).await;
    let report = later(&office, &runner).await;
    assert_eq!(report.done, 1, "{report}");
    assert_eq!(office.entity("Drafts", draft)["U_SPNO"], office.the_form());
}

#[tokio::test]
async fn pushes_that_come_twice_late_or_damaged_decide_once() {
    for fault in
        [PushFault::Duplicate, PushFault::OutOfOrder, PushFault::OldBody, PushFault::WithoutSpNo]
    {
        let office = Office::new().await;
        let (_, request) = office.stage.submit("RM-001", "1");
        let runner = start(&office).await;
        runner.run_once().await;
        office.wecom().settled().await;
        office.wecom().arrange_push_fault(fault);
        let sp_no = office.the_form();
        office.wecom().approve(&sp_no, HEAD, "同意").unwrap();
        office.wecom().comment(&sp_no, HEAD, "尽快").unwrap();
        let report = office.round(&runner).await;
        assert_eq!((report.done, report.failed.len()), (1, 0), "{fault:?}: {report}");
        assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsApproved");
    }
}

#[tokio::test]
async fn a_decision_whose_push_is_lost_is_asked_for() {
    let office = Office::new().await;
    let (_, request) = office.stage.submit("RM-001", "1");
    let runner = start(&office).await;
    runner.run_once().await;
    office.wecom().settled().await;
    office.wecom().arrange_push_fault(PushFault::Lost);
    office.wecom().approve(&office.the_form(), HEAD, "同意").unwrap();
    assert_eq!(office.round(&runner).await.done, 0);
    assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsPending");
    let report = later(&office, &runner).await;
    assert_eq!(report.done, 1, "{report}");
    assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_withdrawal_decides_nothing_unless_it_is_to_refuse() {
    for (setting, status) in [("leave", "arsPending"), ("refuse", "arsNotApproved")] {
        let office = Office::new().await;
        let (_, request) = office.stage.submit("RM-001", "1");
        let scenario = scenario_with(&office, &json!({"on_withdrawn": setting}));
        let runner = office.start(&scenario, FLOW).await;
        runner.run_once().await;
        office.wecom().withdraw(&office.the_form()).unwrap();
        let report = office.round(&runner).await;
        assert_eq!(report.parked.len(), usize::from(setting == "leave"), "{report}");
        assert_eq!(office.entity("ApprovalRequests", request)["Status"], status);
    }
}

#[tokio::test]
async fn what_happens_after_the_decision_is_told_and_undoes_nothing() {
    let office = Office::new().await;
    let (_, request) = office.stage.submit("RM-001", "1");
    let runner = start(&office).await;
    runner.run_once().await;
    let sp_no = office.the_form();
    office.wecom().approve(&sp_no, HEAD, "同意").unwrap();
    assert_eq!(office.round(&runner).await.done, 1);
    office.wecom().withdraw_passed(&sp_no).unwrap();
    let report = office.round(&runner).await;
    let [(key, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert_eq!(key.document, format!("{sp_no}:6"));
    assert!(reason.message.contains("通过后撤销"), "{reason}");
    assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_decision_made_in_the_erp_meanwhile_stands() {
    let office = Office::new().await;
    let (_, request) = office.stage.submit("RM-001", "1");
    let runner = start(&office).await;
    runner.run_once().await;
    office.erp().refuse(request, office.erp().user()).unwrap();
    office.wecom().approve(&office.the_form(), HEAD, "同意").unwrap();
    let report = office.round(&runner).await;
    let [(_, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert!(reason.message.contains("decided already"), "{reason}");
    assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsNotApproved");
}

#[tokio::test]
async fn a_detail_that_lags_behind_its_event_is_read_again() {
    let office = Office::new().await;
    let lag = Duration::from_secs(60);
    office
        .wecom()
        .set_quirks(erplink_sandbox::wecom::Quirks { decision_lag: lag, ..Default::default() });
    let (_, request) = office.stage.submit("RM-001", "1");
    let runner = start(&office).await;
    runner.run_once().await;
    office.wecom().approve(&office.the_form(), HEAD, "同意").unwrap();
    let report = office.round(&runner).await;
    assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
    office.stage.sandbox.clock().advance(lag);
    assert_eq!(later(&office, &runner).await.done, 1);
    assert_eq!(office.entity("ApprovalRequests", request)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_draft_waits_until_its_stage_comes() {
    let office = Office::new().await;
    office.stage.submit("RM-001", "1");
    let scenario = |approver: i32| scenario_with(&office, &json!({"stage_approver": approver}));
    let runner = office.start(&scenario(3), FLOW).await;
    let report = runner.run_once().await;
    assert_eq!((report.read, office.wecom().forms().len()), (0, 0), "{report}");
    drop(runner);
    let runner = office.start(&scenario(1), FLOW).await;
    let report = runner.run_once().await;
    assert_eq!((report.done, office.wecom().forms().len()), (1, 1), "{report}");
}

#[tokio::test]
async fn a_draft_that_is_marked_is_not_sent() {
    let office = Office::new().await;
    let (draft, _) = office.stage.submit("RM-001", "1");
    let marked = json!({"U_SyncStatus": "Y"});
    office.erp().edit("Drafts", &draft.to_string(), &marked).unwrap();
    let runner = start(&office).await;
    assert_eq!(runner.run_once().await.read, 0);
}

#[tokio::test]
async fn who_has_no_userid_is_named_and_the_rest_goes_on() {
    let office = Office::new().await;
    office.stage.submit("RM-001", "1");
    office.forget_fax();
    let runner = start(&office).await;
    let report = runner.run_once().await;
    let [(_, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert!(reason.message.contains("`User.FaxNumber` is empty"), "{reason}");
    let fax = json!({"FaxNumber": "zhangsan"});
    office.erp().edit("Users", "2", &fax).unwrap();
    assert_eq!(runner.run_once().await.done, 1, "a change of the user wakes it");
}

#[tokio::test]
async fn what_does_not_fit_the_template_is_parked_with_every_reason() {
    let office = Office::new().await;
    office.stage.submit("RM-001", "1");
    let scenario = scenario_with(
        &office,
        &json!({
            "fields": [
                {"from": "Draft.Comments", "to": "需求日期"},
                {"from": "User.UserName", "to": "经办人"},
            ],
            "lines": {"to": "物料明细", "fields": [{"from": "ItemCode", "to": "数量"}]},
        }),
    );
    let runner = office.start(&scenario, FLOW).await;
    let report = runner.run_once().await;
    let [(_, reason)] = report.parked.as_slice() else { panic!("{report}") };
    for part in ["`需求日期`", "经办人", "`数量`"] {
        assert!(reason.message.contains(part), "{part}: {reason}");
    }
    assert!(office.wecom().forms().is_empty());
}

#[tokio::test]
async fn the_check_compares_the_map_with_the_template() {
    let office = Office::new().await;
    let finding = |scenario: WeComDraftApproval| {
        let systems = office.systems.clone();
        async move { scenario.check(&systems).await.pop().unwrap().problem }
    };
    assert_eq!(finding(scenario_with(&office, &json!({}))).await, None);
    let wrong = json!({
        "source_control": "来源单号",
        "fields": [
            {"from": "Draft.Comments", "to": "备忘"},
            {"from": "Draft.Comments", "to": "数量合计"},
            {"from": "Draft.Comments", "to": "附件"},
            {"from": "Draft.Comments", "to": "物料明细"},
        ],
        "lines": {"to": "备注", "fields": [{"from": "ItemCode", "to": "物料编码"}]},
    });
    let problem = finding(scenario_with(&office, &wrong)).await.unwrap();
    for part in [
        "`来源单号`",
        "`备忘`",
        "数量合计` (Formula-16) is a Formula: WeCom fills it in itself",
        "附件` (File-17) is a File, which takes no field",
        "物料明细` (Table-15) is a table (明细): map it in `lines`",
        "`备注` is a Textarea, not a table",
        "`草稿单号` (Text-11) is required and nothing goes into it",
    ] {
        assert!(problem.contains(part), "{part}: {problem}");
    }
    let unknown = scenario_with(&office, &json!({"template_id": "3Tka"}));
    let problem = finding(unknown).await.unwrap();
    assert!(problem.starts_with("check `template_id`: "), "{problem}");
}
