//! A purchase request (采购申请) of the ERP is approved in DingTalk (钉钉), and the decision comes back:
//! real clients, real sockets, the encrypted callback in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::collections::HashSet;
use std::time::Duration;

use b1_servicelayer::entities::{ApprovalRequest, Draft};
use b1_servicelayer::enums::{BoApprovalRequestStatusEnum as Status, BoObjectTypes};
use b1_servicelayer::{Changes, Decided, Decimal, Decision, ErrorKind, Version, codes};
use dingtalk::TokenMethod;
use dingtalk::callback::{Event, InstanceChange, router};
use dingtalk::workflow::{CreateInstance, FormValue, Outcome};
use erplink_sandbox::dingtalk::{FieldStyle, PushFault};
use erplink_sandbox::servicelayer::DraftAndRequest;
use erplink_tests::{MANAGER, Stage};
use futures_util::future::{BoxFuture, LocalBoxFuture};
use http::Method;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

const SOURCE_NUMBER: &str = "来源单号";
/// Far more than any event takes; only a test that fails waits for so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connector between the two systems.
struct Connector {
    stage: Stage,
    b1: b1_servicelayer::Client,
    dingtalk: dingtalk::Client,
    events: UnboundedReceiver<Event>,
    known: HashSet<String>,
}

/// What one event led to.
#[derive(Debug, PartialEq)]
enum Written {
    Decided(Decided),
    LeftAlone,
}

impl Connector {
    /// Boxed: two clients and a receiver are built in it.
    fn start(version: Version, method: TokenMethod, style: FieldStyle) -> BoxFuture<'static, Self> {
        Box::pin(Self::started(version, method, style))
    }

    async fn started(version: Version, method: TokenMethod, style: FieldStyle) -> Self {
        let stage = Stage::start().await;
        let b1 = stage.b1_builder().version(version).build().unwrap();
        let method = match method {
            TokenMethod::Unified { .. } => {
                TokenMethod::Unified { corp_id: stage.office().corp_id() }
            }
            other => other,
        };
        let dingtalk = stage.dingtalk_builder().token_method(method).build().unwrap();
        let (inbox, events) = unbounded_channel();
        let take = move |event| {
            let taken = inbox.send(event);
            async move { Ok(taken?) }
        };
        stage.serve(router("/callback", stage.receiver(), take), style).await;
        Self { stage, b1, dingtalk, events, known: HashSet::new() }
    }

    async fn plain() -> Self {
        Self::start(Version::V1, TokenMethod::V1, FieldStyle::Current).await
    }

    fn submit(&self, comments: &str) -> DraftAndRequest {
        let request = json!({
            "DocObjectCode": "1470000113", "Comments": comments, "RequriedDate": "2026-12-31",
            "DocumentLines": [
                {"ItemCode": "RM-001", "Quantity": 12.5},
                {"ItemCode": "RM-002", "Quantity": "9007199254740993"},
            ],
        });
        self.stage.erp().submit_draft(&request).unwrap()
    }

    /// ERP → DingTalk: what waits and was not sent yet. The instance is noted in the draft.
    fn export(&self) -> LocalBoxFuture<'_, Vec<String>> {
        Box::pin(self.exported())
    }

    async fn exported(&self) -> Vec<String> {
        let pending = ApprovalRequest::STATUS
            .eq(Status::Pending)
            .and(ApprovalRequest::OBJECT_TYPE.eq(BoObjectTypes::PurchaseRequest.as_str()));
        let requests = self.b1.approval_requests().filter(pending).all().await.unwrap();
        let mut instances = Vec::new();
        for request in requests {
            let draft = request.draft_entry.unwrap();
            let read = self.b1.drafts().key(draft).get().await.unwrap();
            if read.user_fields.get::<String>("U_instanceID").unwrap().is_some() {
                continue;
            }
            let form = self.form(request.code.unwrap(), read).await;
            let instance = self.dingtalk.workflow().create(&form).await.unwrap();
            let note = Changes::new().udf("U_instanceID", &instance);
            self.b1.drafts().key(draft).update(note).await.unwrap();
            instances.push(instance);
        }
        instances
    }

    async fn form(&self, code: i32, draft: Draft) -> CreateInstance {
        let originator =
            self.dingtalk.contacts().originator_by_mobile("13800000001").await.unwrap();
        let lines = draft.document_lines.unwrap();
        let total: Decimal = lines.iter().filter_map(|line| line.quantity).sum();
        let rows = lines.into_iter().map(|line| {
            vec![
                FormValue::text("物料编码", line.item_code.unwrap()),
                FormValue::number("数量", line.quantity.unwrap()),
            ]
        });
        let process = self.stage.office().process_code("采购申请").unwrap();
        CreateInstance::new(&originator.user_id, process)
            .dept(originator.dept_id)
            .value(FormValue::text(SOURCE_NUMBER, code.to_string()))
            .value(FormValue::date("需求日期", draft.requried_date.unwrap()))
            .value(FormValue::number("数量合计", total))
            .value(FormValue::textarea("备注", draft.comments.unwrap()))
            .value(FormValue::table("物料明细", rows))
    }

    /// The next event that ends an instance and is new.
    async fn next_end(&mut self) -> String {
        loop {
            let event = timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
            if !self.known.insert(event.dedup_key()) {
                continue;
            }
            let Event::Instance(event) = event else { continue };
            if matches!(event.change, InstanceChange::Finished(_) | InstanceChange::Terminated) {
                return event.process_instance_id;
            }
        }
    }

    /// DingTalk → ERP: the draft's fields first, the decision last.
    async fn write_back(&self, instance: &str) -> Written {
        let read = self.dingtalk.workflow().get(instance).await.unwrap();
        let code = read.form().require(SOURCE_NUMBER).unwrap().integer().unwrap().unwrap();
        let code = i32::try_from(code).unwrap();
        let (decision, status) = match read.outcome() {
            Outcome::Approved => (Decision::approve(), "已同意"),
            Outcome::Refused => (Decision::refuse(), "已拒绝"),
            _ => return Written::LeftAlone,
        };
        let remark = read.operation_records.iter().rev().find_map(|record| record.remark.clone());
        let request = self.b1.approval_requests().key(code).get().await.unwrap();
        let changes = Changes::new()
            .udf("U_Approver", read.tasks.last().and_then(|task| task.user_id.clone()))
            .udf("U_ApprovalStatus", status)
            .udf("U_IsSubmit", "是");
        self.b1.drafts().key(request.draft_entry.unwrap()).update(changes).await.unwrap();
        let me = self.b1.current_user().await.unwrap().internal_key.unwrap();
        let decision = decision.remarks(remark.unwrap_or_default());
        let request = self.b1.approval_requests().key(code);
        Written::Decided(request.decide_and_confirm(me, decision).await.unwrap())
    }

    fn request(&self, sent: DraftAndRequest) -> serde_json::Value {
        self.stage.erp().get("ApprovalRequests", &sent.request_code.to_string()).unwrap()
    }

    fn draft(&self, sent: DraftAndRequest) -> serde_json::Value {
        self.stage.erp().get("Drafts", &sent.doc_entry.to_string()).unwrap()
    }
}

/// Three requests: one approved, one refused, one withdrawn.
async fn whole_way(version: Version, method: TokenMethod, style: FieldStyle) {
    let mut connector = Connector::start(version, method, style).await;
    let drafts = ["同意的", "拒绝的", "撤销的"].map(|comments| connector.submit(comments));
    let instances = connector.export().await;
    assert_eq!(instances.len(), 3);
    assert!(connector.export().await.is_empty(), "sent once");

    let office = connector.stage.office().clone();
    let seen = office.instance(&instances[0]).unwrap().to_string();
    for text in ["RM-001", "RM-002", "9007199254740993", "9007199254741005.5", "2026-12-31"] {
        assert!(seen.contains(text), "{text} did not arrive digit for digit: {seen}");
    }
    office.approve(&instances[0], MANAGER, "可以买").unwrap();
    office.refuse(&instances[1], MANAGER, "太贵").unwrap();
    office.withdraw(&instances[2]).unwrap();
    for _ in 0..3 {
        let instance = connector.next_end().await;
        let expected = match instances.iter().position(|one| *one == instance).unwrap() {
            2 => Written::LeftAlone,
            _ => Written::Decided(Decided::Now),
        };
        assert_eq!(connector.write_back(&instance).await, expected);
    }

    for (sent, status, draft, remark) in [
        (drafts[0], "arsApproved", "dasApproved", json!("可以买")),
        (drafts[1], "arsNotApproved", "dasRejected", json!("太贵")),
        (drafts[2], "arsPending", "dasPending", json!(null)),
    ] {
        let request = connector.request(sent);
        assert_eq!(request["Status"], status);
        assert_eq!(request["ApprovalRequestLines"][0]["Remarks"], remark);
        assert_eq!(connector.draft(sent)["AuthorizationStatus"], draft);
    }
    assert_eq!(connector.draft(drafts[0])["U_Approver"], MANAGER);
    assert_eq!(connector.draft(drafts[0])["U_ApprovalStatus"], "已同意");
    assert_eq!(connector.draft(drafts[2])["U_ApprovalStatus"], json!(null));
    assert_eq!(connector.draft(drafts[1])["U_instanceID"], instances[1]);
    office.settled().await;
    assert!(office.pushes().iter().all(|push| push.failure.is_none()), "{:?}", office.pushes());
    assert_eq!(connector.stage.erp().login_count(), 1);
    assert_eq!(office.fetch_count(), 1);
}

async fn all_token_methods(version: Version, style: FieldStyle) {
    let unified = TokenMethod::Unified { corp_id: String::new() };
    for method in [TokenMethod::V1, unified, TokenMethod::Legacy] {
        Box::pin(whole_way(version, method, style)).await;
    }
}

#[tokio::test]
async fn through_v1_with_todays_events() {
    all_token_methods(Version::V1, FieldStyle::Current).await;
}

#[tokio::test]
async fn through_v1_with_the_older_events() {
    all_token_methods(Version::V1, FieldStyle::Seed).await;
}

#[tokio::test]
async fn through_v2_with_todays_events() {
    all_token_methods(Version::V2, FieldStyle::Current).await;
}

#[tokio::test]
async fn through_v2_with_the_older_events() {
    all_token_methods(Version::V2, FieldStyle::Seed).await;
}

#[tokio::test]
async fn an_event_that_comes_twice_is_known_by_its_key() {
    for style in [FieldStyle::Current, FieldStyle::Seed] {
        let mut connector = Connector::start(Version::V1, TokenMethod::V1, style).await;
        let sent = connector.submit("重复");
        let instance = connector.export().await.remove(0);
        let office = connector.stage.office().clone();
        office.settled().await;
        for _ in 0..2 {
            // The task's event and the instance's event.
            office.arrange_push_fault(PushFault::Duplicate);
        }
        office.approve(&instance, MANAGER, "同意").unwrap();
        office.settled().await;
        let mut ends = 0;
        let mut keys = HashSet::new();
        while let Ok(event) = connector.events.try_recv() {
            let Event::Instance(finished) = &event else { continue };
            if matches!(finished.change, InstanceChange::Finished(_)) {
                ends += 1;
                keys.insert(event.dedup_key());
            }
        }
        assert_eq!((ends, keys.len()), (2, 1), "{style:?}");
        // Even without looking at the key, the second time changes nothing.
        assert_eq!(connector.write_back(&instance).await, Written::Decided(Decided::Now));
        assert_eq!(connector.write_back(&instance).await, Written::Decided(Decided::Before));
        let decisions = connector.stage.erp().calls().count(Method::PATCH, "/ApprovalRequests");
        assert_eq!(decisions, 1);
        assert_eq!(connector.request(sent)["Status"], "arsApproved");
    }
}

#[tokio::test]
async fn events_of_several_instances_have_several_keys() {
    for style in [FieldStyle::Current, FieldStyle::Seed] {
        let mut connector = Connector::start(Version::V1, TokenMethod::V1, style).await;
        connector.submit("一");
        connector.submit("二");
        for instance in connector.export().await {
            connector.stage.office().approve(&instance, MANAGER, "").unwrap();
        }
        connector.stage.office().settled().await;
        let mut keys = HashSet::new();
        let mut count = 0;
        while let Ok(event) = connector.events.try_recv() {
            count += 1;
            keys.insert(event.dedup_key());
        }
        assert_eq!((count, keys.len()), (8, 8), "{style:?}: two starts and two ends each");
    }
}

#[tokio::test]
async fn events_out_of_order_lead_to_the_same_end() {
    let mut connector = Connector::plain().await;
    let sent = connector.submit("乱序");
    let instance = connector.export().await.remove(0);
    let office = connector.stage.office().clone();
    office.settled().await;
    while connector.events.try_recv().is_ok() {}
    office.arrange_push_fault(PushFault::OutOfOrder);
    office.approve(&instance, MANAGER, "同意").unwrap();
    office.settled().await;
    let order: Vec<_> =
        office.pushes().iter().rev().take(2).map(|p| p.event_type.clone()).collect();
    assert_eq!(order, ["bpms_task_change", "bpms_instance_change"], "the task's end came last");
    let ended = connector.next_end().await;
    assert_eq!(connector.write_back(&ended).await, Written::Decided(Decided::Now));
    assert_eq!(connector.request(sent)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_push_that_is_not_from_dingtalk_is_refused_and_the_real_one_comes_later() {
    for fault in [PushFault::BadSignature, PushFault::WrongKey, PushFault::TamperedCiphertext] {
        let mut connector = Connector::plain().await;
        let sent = connector.submit("伪造");
        let instance = connector.export().await.remove(0);
        let office = connector.stage.office().clone();
        office.settled().await;
        while connector.events.try_recv().is_ok() {}
        office.arrange_push_fault(fault);
        office.arrange_push_fault(fault);
        office.approve(&instance, MANAGER, "同意").unwrap();
        office.settled().await;
        assert!(connector.events.try_recv().is_err(), "{fault:?}: nothing of it got in");
        let refused = office.pushes().iter().filter(|push| push.failure.is_some()).count();
        assert_eq!(refused, 2, "{fault:?}");
        connector.stage.clock.advance(Duration::from_secs(11));
        let ended = connector.next_end().await;
        assert_eq!(connector.write_back(&ended).await, Written::Decided(Decided::Now));
        assert_eq!(connector.request(sent)["Status"], "arsApproved");
    }
}

/// The receiver was down longer than DingTalk tries: the failed list has the event.
#[tokio::test]
async fn what_was_pushed_in_vain_is_in_the_failed_list() {
    for style in [FieldStyle::Current, FieldStyle::Seed] {
        let stage = Stage::start().await;
        let down = |_event| async { Err::<(), _>("the database is away".into()) };
        stage.serve(router("/callback", stage.receiver(), down), style).await;
        let dingtalk = stage.dingtalk();
        let process = stage.office().process_code("采购申请").unwrap();
        let form = json!({SOURCE_NUMBER: "77"});
        let instance = stage.office().start_by_hand(&process, "manager4974", &form).unwrap();
        stage.office().refuse(&instance, MANAGER, "否").unwrap();
        for _ in 0..3 {
            stage.office().settled().await;
            stage.clock.advance(Duration::from_secs(31));
        }
        stage.clock.advance(Duration::from_secs(600));
        let failed = dingtalk.failed_events().await.unwrap();
        assert!(failed.unreadable.is_empty() && !failed.has_more);
        let ends: Vec<_> = failed
            .events
            .into_iter()
            .filter_map(|event| match event {
                Event::Instance(event) if matches!(event.change, InstanceChange::Finished(_)) => {
                    Some(event.process_instance_id)
                }
                _ => None,
            })
            .collect();
        assert_eq!(ends, [instance], "{style:?}");
    }
}

#[tokio::test]
async fn two_stages_need_two_decisions() {
    let connector = Connector::plain().await;
    let stage = &connector.stage;
    let second = json!({
        "Name": "二级审批", "NoOfApproversRequired": 1, "ApprovalStageApprovers": [{"UserID": 3}],
    });
    stage.erp().create("ApprovalStages", &second).unwrap();
    let stages = json!({"ApprovalTemplateStages": [{"SortID": 2, "ApprovalStageCode": 2}]});
    stage.erp().edit("ApprovalTemplates", "1", &stages).unwrap();
    let sent = connector.submit("两级");
    let code = i32::try_from(sent.request_code).unwrap();
    let request = |b1: &b1_servicelayer::Client| b1.approval_requests().key(code);
    let second = stage.b1_builder_as("S-ERP\\WW", "Wang-1234").build().unwrap();

    let early = request(&second).decide_and_confirm(3, Decision::approve()).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Forbidden, "not that stage yet");
    let early = request(&second).decide(Decision::approve()).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Forbidden);

    let decided = request(&connector.b1).decide_and_confirm(1, Decision::approve()).await;
    assert_eq!(decided.unwrap(), Decided::Now);
    let read = request(&connector.b1).get().await.unwrap();
    assert_eq!(read.status, Some(Status::Pending));
    assert_eq!(read.current_stage, Some(2));
    assert!(read.awaits(3) && !read.awaits(1));
    let decided = request(&connector.b1).decide_and_confirm(1, Decision::approve()).await;
    assert_eq!(decided.unwrap(), Decided::Before, "the first stage is not decided twice");

    let decided = request(&second).decide_and_confirm(3, Decision::approve()).await;
    assert_eq!(decided.unwrap(), Decided::Now);
    assert_eq!(connector.request(sent)["Status"], "arsApproved");
    let contrary = request(&second).decide_and_confirm(3, Decision::refuse()).await.unwrap_err();
    assert_eq!(contrary.kind(), ErrorKind::Conflict);
    let twice = request(&second).decide(Decision::refuse()).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Api);
    assert_eq!(connector.request(sent)["Status"], "arsApproved");
}

#[tokio::test]
async fn somebody_else_decides_with_their_password() {
    let connector = Connector::plain().await;
    let sent = connector.submit("代办");
    let code = i32::try_from(sent.request_code).unwrap();
    let b1 = connector.stage.b1_builder_as("S-ERP\\ZS", "Zhang-1234").build().unwrap();
    let wrong = Decision::approve().on_behalf_of("S-ERP\\LLB", "not it");
    let error = b1.approval_requests().key(code).decide(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let erp = connector.stage.erp();
    let right = Decision::approve().on_behalf_of(erp.user(), erp.password());
    b1.approval_requests().key(code).decide(right).await.unwrap();
    assert_eq!(connector.request(sent)["Status"], "arsApproved");
}

#[tokio::test]
async fn an_approved_draft_becomes_one_document() {
    for version in [Version::V1, Version::V2] {
        let connector = Connector::start(version, TokenMethod::V1, FieldStyle::Current).await;
        let sent = connector.submit("生成");
        let entry = i32::try_from(sent.doc_entry).unwrap();
        let draft = || connector.b1.drafts().key(entry);
        let early = draft().save_as_document().await.unwrap_err();
        assert_eq!(early.api_error().unwrap().number(), Some(codes::BUSINESS_RULE));
        assert_eq!(connector.b1.document_of_draft(entry).await.unwrap(), None);

        let code = i32::try_from(sent.request_code).unwrap();
        let request = connector.b1.approval_request_of_draft(entry).await.unwrap().unwrap();
        assert_eq!(request.code, Some(code));
        let request = connector.b1.approval_requests().key(code);
        request.decide_and_confirm(1, Decision::approve()).await.unwrap();
        draft().save_as_document().await.unwrap();
        let document = connector.b1.document_of_draft(entry).await.unwrap().unwrap();
        let document = connector.b1.purchase_requests().key(document).get().await.unwrap();
        assert_eq!(document.comments.as_deref(), Some("生成"));
        let quantities: Vec<_> = document
            .document_lines
            .unwrap()
            .into_iter()
            .map(|line| line.quantity.unwrap().normalize().to_string())
            .collect();
        assert_eq!(quantities, ["12.5", "9007199254740993"]);
        assert_eq!(connector.request(sent)["Status"], "arsGenerated");
        draft().save_as_document().await.unwrap_err();
        assert_eq!(connector.b1.purchase_requests().count().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_draft_that_changed_after_its_approval_needs_all_of_it() {
    for version in [Version::V1, Version::V2] {
        let connector = Connector::start(version, TokenMethod::V1, FieldStyle::Current).await;
        let sent = connector.submit("批后改");
        connector.stage.erp().approve(sent.request_code, connector.stage.erp().user()).unwrap();
        let entry = i32::try_from(sent.doc_entry).unwrap();
        let draft = || connector.b1.drafts().key(entry);
        draft().update(Changes::new().udf("U_IsSubmit", "是")).await.unwrap();
        let error = draft().save_as_document().await.unwrap_err();
        assert_eq!(error.api_error().unwrap().number(), Some(234_000_127));
        assert!(!error.may_have_taken_effect() && !error.is_retryable());
        assert_eq!(connector.b1.purchase_requests().count().await.unwrap(), 0);
        draft().save_as_document().whole_draft().await.unwrap();
        let document = connector.b1.document_of_draft(entry).await.unwrap().unwrap();
        let document = connector.b1.purchase_requests().key(document).get().await.unwrap();
        assert_eq!(document.document_lines.unwrap().len(), 2, "no line twice");
        assert_eq!(
            document.user_fields.get::<String>("U_IsSubmit").unwrap().as_deref(),
            Some("是")
        );

        // Servers without that check take the number alone.
        let sent = connector.submit("又一张");
        connector.stage.erp().configure(|options| options.changed_draft_needs_full_body = false);
        connector.stage.erp().approve(sent.request_code, connector.stage.erp().user()).unwrap();
        let entry = i32::try_from(sent.doc_entry).unwrap();
        let changed = Changes::new().udf("U_IsSubmit", "是");
        connector.b1.drafts().key(entry).update(changed).await.unwrap();
        connector.b1.drafts().key(entry).save_as_document().await.unwrap();
        assert_eq!(connector.b1.purchase_requests().count().await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_transfer_is_approved_and_becomes_a_document() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    let transfer = json!({
        "FromWarehouse": "01", "ToWarehouse": "02",
        "StockTransferLines": [{"ItemCode": "RM-001", "Quantity": 5}],
    });
    let sent = stage.erp().submit_draft(&transfer).unwrap();
    let code = i32::try_from(sent.request_code).unwrap();
    let entry = i32::try_from(sent.doc_entry).unwrap();
    b1.approval_requests().key(code).decide(Decision::approve().remarks("同意")).await.unwrap();
    b1.stock_transfer_drafts().key(entry).save_as_document().await.unwrap();
    let document = b1.document_of_draft(entry).await.unwrap().unwrap();
    let read = b1.stock_transfers().key(document).get().await.unwrap();
    assert_eq!(read.stock_transfer_lines.unwrap().len(), 1);
}
