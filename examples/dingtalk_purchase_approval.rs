//! Purchase requests (采购申请) of the ERP are approved in DingTalk (钉钉).
//!
//! ```console
//! cargo run --example dingtalk_purchase_approval                       # all in the sandbox
//! cargo run --example dingtalk_purchase_approval -- --config FILE      # your ERP, your DingTalk
//! ```
//!
//! 1. Every purchase request that waits for approval in the ERP becomes an approval instance.
//! 2. People decide in DingTalk, and DingTalk pushes each decision.
//! 3. The decision goes back to the ERP: first the draft's own fields, then the decision itself.

use b1_servicelayer::entities::{ApprovalRequest, Draft, User};
use b1_servicelayer::enums::{BoApprovalRequestStatusEnum as Status, BoObjectTypes};
use b1_servicelayer::{Changes, Decimal, Decision};
use chrono::Utc;
use dingtalk::callback::{Callback, Event, InstanceChange, InstanceEvent, router};
use dingtalk::workflow::{CreateInstance, FormValue, Outcome};
use erplink_examples::{Failure, Stage, Table};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The control of the form that carries the approval request's number through DingTalk and back.
const SOURCE_NUMBER: &str = "来源单号";

/// One purchase request on its way.
struct Journey {
    request: i32,
    draft: i32,
    instance: String,
    outcome: Option<Outcome>,
    decided_by: String,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let stage = Stage::from_args().await?;
    let settings = stage.settings();
    let b1 = b1_servicelayer::Client::from_config(&settings.b1)?;
    let dingtalk = dingtalk::Client::from_config(&settings.dingtalk)?;
    submit_demo_requests(&stage)?;

    // DingTalk wants its answer in about a second: take the event in, answer, work later.
    let (inbox, mut events) = mpsc::unbounded_channel();
    let callback = &settings.callback;
    let owner = dingtalk.client_id();
    let receiver = Callback::new(callback.token.clone(), callback.aes_key.clone(), owner)?;
    stage
        .serve(router(&callback.path, receiver, move |event| {
            let taken = inbox.send(event);
            async move { Ok(taken?) }
        }))
        .await?;

    let mut journeys = send_for_approval(&b1, &dingtalk, &settings.purchase.process_code).await?;
    println!("{} purchase requests sent to DingTalk", journeys.len());
    let_demo_people_decide(&stage, &journeys)?;

    while journeys.iter().any(|journey| journey.outcome.is_none()) {
        let event = timeout(stage.patience(), events.recv()).await?.ok_or("receiver stopped")?;
        if let Event::Instance(event) = event
            && let Some(journey) =
                journeys.iter_mut().find(|j| j.instance == event.process_instance_id)
        {
            write_back(&b1, &dingtalk, &event, journey).await?;
        }
    }
    report(&b1, &journeys).await
}

/// ERP → DingTalk: one approval instance for each request that waits for this user.
async fn send_for_approval(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    process_code: &str,
) -> Result<Vec<Journey>, Failure> {
    let pending = ApprovalRequest::STATUS
        .eq(Status::Pending)
        .and(ApprovalRequest::OBJECT_TYPE.eq(BoObjectTypes::PurchaseRequest.as_str()));
    let mut requests = b1.approval_requests().filter(pending).items();
    let mut journeys = Vec::new();
    while let Some(request) = requests.next().await {
        let request = request?;
        let (code, draft) = request.code.zip(request.draft_entry).ok_or("a request without key")?;
        let instance = create_instance(b1, dingtalk, process_code, &request, draft).await?;
        b1.drafts().key(draft).update(Changes::new().udf("U_instanceID", &instance)).await?;
        let decided_by = String::new();
        journeys.push(Journey { request: code, draft, instance, outcome: None, decided_by });
    }
    Ok(journeys)
}

async fn create_instance(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    process_code: &str,
    request: &ApprovalRequest,
    draft: i32,
) -> Result<String, Failure> {
    let draft = b1.drafts().key(draft).get().await?;
    let user = b1.users().key(request.originator_id.ok_or("a request without originator")?);
    let user: User = user.get().await?;
    let mobile = user.mobile_phone_number.ok_or("an ERP user without mobile phone number")?;
    // DingTalk starts an instance on behalf of one of its people, in a department of theirs.
    let originator = dingtalk.contacts().originator_by_mobile(&mobile).await?;

    let lines = draft.document_lines.unwrap_or_default();
    let total: Decimal = lines.iter().filter_map(|line| line.quantity).sum();
    let rows = lines.into_iter().map(|line| {
        vec![
            FormValue::text("物料编码", line.item_code.unwrap_or_default()),
            FormValue::text("物料名称", line.item_description.unwrap_or_default()),
            FormValue::number("数量", line.quantity.unwrap_or_default()),
            FormValue::text("单位", line.measure_unit.unwrap_or_default()),
        ]
    });
    let number = request.code.unwrap_or_default().to_string();
    let mut form = CreateInstance::new(&originator.user_id, process_code)
        .dept(originator.dept_id)
        .value(FormValue::text(SOURCE_NUMBER, &number))
        .value(FormValue::text("申请人", user.user_name.unwrap_or_default()))
        .value(FormValue::number("数量合计", total))
        .value(FormValue::table("物料明细", rows));
    if let Some(comments) = draft.comments {
        form = form.value(FormValue::textarea("备注", comments));
    }
    if let Some(date) = draft.requried_date {
        form = form.value(FormValue::date("需求日期", date));
    }

    let started = Utc::now();
    let workflow = dingtalk.workflow();
    match workflow.create(&form).await {
        Ok(instance) => Ok(instance),
        // The answer was lost. Creating again could double the form, so look first.
        Err(error) if error.may_have_taken_effect() => workflow
            .find_created(process_code, &originator.user_id, started, SOURCE_NUMBER, &number)
            .await?
            .map(|(instance, _)| instance)
            .ok_or_else(|| error.into()),
        Err(error) => Err(error.into()),
    }
}

/// DingTalk → ERP: what was decided about one request.
async fn write_back(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    event: &InstanceEvent,
    journey: &mut Journey,
) -> Result<(), Failure> {
    if !matches!(event.change, InstanceChange::Finished(_) | InstanceChange::Terminated) {
        return Ok(());
    }
    // The event is a hint; the instance says what holds.
    let instance = dingtalk.workflow().get(&event.process_instance_id).await?;
    let number = instance.form().require(SOURCE_NUMBER)?.integer()?;
    if number != Some(journey.request.into()) {
        return Err(format!("instance {} is for another request", journey.instance).into());
    }
    let outcome = instance.outcome();
    let last = instance.tasks.last().cloned().unwrap_or_default();
    let remark = instance.operation_records.iter().rev().find_map(|r| r.remark.clone());
    journey.decided_by = last.user_id.unwrap_or_default();
    journey.outcome = Some(outcome);
    let (decision, status) = match outcome {
        Outcome::Approved => (Decision::approve(), "已同意"),
        Outcome::Refused => (Decision::refuse(), "已拒绝"),
        // Withdrawn: nobody decided, so nobody decides in the ERP either.
        _ => return Ok(()),
    };

    // The draft first: one that changes after its approval may refuse to become a document.
    let changes = Changes::new()
        .udf("U_Approver", &journey.decided_by)
        .udf("U_ApprovalDate", instance.finish_time.map(|at| at.as_str().to_owned()))
        .udf("U_ApprovalStatus", status)
        .udf("U_IsSubmit", "是");
    b1.drafts().key(journey.draft).update(changes).await?;

    let me = b1.current_user().await?.internal_key.ok_or("a session without user")?;
    let decision = decision.remarks(remark.unwrap_or_else(|| status.to_owned()));
    b1.approval_requests().key(journey.request).decide_and_confirm(me, decision).await?;
    Ok(())
}

/// Each document's way, read back from the ERP; an error if one is not where it should be.
async fn report(b1: &b1_servicelayer::Client, journeys: &[Journey]) -> Result<(), Failure> {
    let mut table = Table::new(["draft", "request", "instance", "decided by", "DingTalk", "ERP"]);
    let mut astray = 0;
    for journey in journeys {
        let request = b1.approval_requests().key(journey.request).get().await?;
        let draft: Draft = b1.drafts().key(journey.draft).get().await?;
        let status = request.status.ok_or("a request without status")?;
        let outcome = journey.outcome.unwrap_or(Outcome::Running);
        let expected = match outcome {
            Outcome::Approved => Status::Approved,
            Outcome::Refused => Status::NotApproved,
            _ => Status::Pending,
        };
        let noted = draft.user_fields.get::<String>("U_instanceID")?;
        astray += u32::from(status != expected || noted.as_ref() != Some(&journey.instance));
        table.row([
            &journey.draft,
            &journey.request,
            &journey.instance,
            &journey.decided_by,
            &format!("{outcome:?}"),
            &status,
        ]);
    }
    println!("\n{table}");
    if astray > 0 {
        return Err(format!("{astray} documents are not where they should be").into());
    }
    Ok(())
}

/// Somebody in the sandbox's ERP asks for material, three times.
fn submit_demo_requests(stage: &Stage) -> Result<(), Failure> {
    let Some(sandbox) = stage.sandbox() else { return Ok(()) };
    for (item, quantity, comments) in [
        ("RM-001", "12.5", "补充安全库存"),
        ("RM-002", "2000", "订单备料"),
        ("RM-003", "3", "试用"),
    ] {
        sandbox.b1().submit_draft(&json!({
            "DocObjectCode": "1470000113",
            "RequriedDate": "2026-12-31",
            "Comments": comments,
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }))?;
    }
    Ok(())
}

/// The sandbox's purchasing manager approves all but the last.
fn let_demo_people_decide(stage: &Stage, journeys: &[Journey]) -> Result<(), Failure> {
    let Some(sandbox) = stage.sandbox() else { return Ok(()) };
    let manager = "0147282552401293909";
    if let Some((last, others)) = journeys.split_last() {
        for journey in others {
            sandbox.dingtalk().approve(&journey.instance, manager, "同意")?;
        }
        sandbox.dingtalk().refuse(&last.instance, manager, "下季度再议")?;
    }
    Ok(())
}
