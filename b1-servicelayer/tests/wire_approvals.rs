//! Approvals, drafts, and the change feed.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use b1_servicelayer::entities::Item;
use b1_servicelayer::{ChangeCursor, Decided, Decision, ErrorKind};
use chrono::NaiveDate;
use serde_json::json;
use support::{Erp, error, json, no_content};
use wiremock::ResponseTemplate;

fn request(line_status: &str) -> ResponseTemplate {
    json(
        200,
        &format!(
            r#"{{"Code":17,"Status":"arsPending","DraftEntry":16,"ApprovalRequestLines":[
                {{"StageCode":1,"UserID":5,"Status":"ardApproved"}},
                {{"StageCode":2,"UserID":7,"Status":"{line_status}"}}]}}"#
        ),
    )
}

#[tokio::test]
async fn a_decision_is_a_patch_of_the_request() {
    let erp = Erp::start().await;
    erp.answer(no_content()).await.answer(no_content()).await.answer(error(403, -6006)).await;
    let request = || erp.client.approval_requests().key(17);
    request().decide(Decision::approve().remarks("同意")).await.unwrap();
    let (line, body, _) = erp.last().await;
    assert_eq!(line, "PATCH ApprovalRequests(17)");
    assert_eq!(
        body,
        json!({"ApprovalRequestDecisions":[{"Status":"ardApproved","Remarks":"同意"}]})
    );

    let decision = Decision::refuse().on_behalf_of("boss", "b0ss-secret");
    assert!(!format!("{decision:?}").contains("b0ss-secret"));
    request().decide(decision).await.unwrap();
    assert_eq!(
        erp.last().await.1,
        json!({"ApprovalRequestDecisions":[{"ApproverUserName":"boss","ApproverPassword":"b0ss-secret","Status":"ardNotApproved"}]})
    );
    assert_eq!(
        request().decide(Decision::approve()).await.unwrap_err().kind(),
        ErrorKind::Forbidden
    );
}

#[tokio::test]
async fn a_decision_is_confirmed_when_its_answer_is_lost() {
    let lost = || ResponseTemplate::new(504);
    for (answers, user, expected) in [
        (vec![request("ardPending"), no_content()], 7, Ok(Decided::Now)),
        (vec![request("ardApproved")], 7, Ok(Decided::Before)),
        (vec![request("ardPending"), lost(), request("ardApproved")], 7, Ok(Decided::Now)),
        (
            vec![request("ardPending"), lost(), request("ardPending")],
            7,
            Err((ErrorKind::Server, true)),
        ),
        (vec![request("ardPending"), lost(), error(400, -1)], 7, Err((ErrorKind::Server, true))),
        (vec![request("ardNotApproved")], 7, Err((ErrorKind::Conflict, false))),
        (vec![request("ardPending")], 8, Err((ErrorKind::Forbidden, false))),
    ] {
        let erp = Erp::start().await;
        let count = answers.len();
        for answer in answers {
            erp.answer(answer).await;
        }
        let result = erp
            .client
            .approval_requests()
            .key(17)
            .decide_and_confirm(user, Decision::approve())
            .await
            .map_err(|error| (error.kind(), error.may_have_taken_effect()));
        assert_eq!(result, expected);
        assert_eq!(erp.calls().await.len(), count, "the decision is never sent twice");
    }
}

#[tokio::test]
async fn the_request_of_a_draft_is_the_pending_or_the_newest_one() {
    let erp = Erp::start().await;
    let list = |items: &str| json(200, &format!(r#"{{"value":[{items}]}}"#));
    let (new, old) =
        (r#"{"Code":19,"Status":"arsCancelled"}"#, r#"{"Code":18,"Status":"arsPending"}"#);
    erp.answer(list(&format!("{new},{old}"))).await.answer(list(new)).await.answer(list("")).await;
    let find = || erp.client.approval_request_of_draft(16);
    assert_eq!(find().await.unwrap().unwrap().code, Some(18));
    assert_eq!(find().await.unwrap().unwrap().code, Some(19));
    assert_eq!(find().await.unwrap(), None);
    assert_eq!(
        erp.lines().await[0],
        "GET ApprovalRequests?$filter=DraftEntry%20eq%2016&$orderby=Code%20desc"
    );
    erp.answer(request("ardPending")).await;
    let request = erp.client.approval_requests().key(17).get().await.unwrap();
    assert!(request.awaits(7) && !request.awaits(5) && !request.awaits(9));
}

#[tokio::test]
async fn a_draft_becomes_a_document() {
    let erp = Erp::start().await;
    erp.answer(no_content()).await;
    erp.client.drafts().key(16).save_as_document().await.unwrap();
    let (line, body, _) = erp.last().await;
    assert_eq!(line, "POST DraftsService_SaveDraftToDocument");
    assert_eq!(body, json!({"Document":{"DocEntry":16}}));

    erp.answer(json(
        200,
        r#"{"odata.metadata":"m","odata.etag":"e","DocEntry":16,"Unlisted":1.10,"DocumentLines":[{"LineNum":0,"X@odata.navigationLink":"l"}]}"#,
    ))
    .await
    .answer(no_content())
    .await;
    erp.client.drafts().key(16).save_as_document().whole_draft().await.unwrap();
    assert_eq!(
        erp.last().await.2.body,
        br#"{"Document":{"DocEntry":16,"Unlisted":1.10,"DocumentLines":[{"LineNum":0}]}}"#
    );

    erp.answer(no_content()).await;
    erp.client.stock_transfer_drafts().key(16).save_as_document().await.unwrap();
    assert_eq!(erp.last().await.0, "POST StockTransferDrafts(16)/SaveDraftToDocument");

    for failed in [
        erp.client.orders().key(16).save_as_document().await.unwrap_err(),
        erp.client.stock_transfers().key(16).save_as_document().await.unwrap_err(),
    ] {
        assert_eq!(failed.kind(), ErrorKind::Invalid);
    }

    erp.answer(json(200, r#"{"value":[{"Code":17,"ObjectEntry":99}]}"#)).await;
    assert_eq!(erp.client.document_of_draft(16).await.unwrap(), Some(99));
    assert_eq!(
        erp.last().await.0,
        "GET ApprovalRequests?$filter=DraftEntry%20eq%2016%20and%20ObjectEntry%20ne%20null&$orderby=Code%20desc&$top=1"
    );
}

#[tokio::test]
async fn changes_are_handed_out_once_and_the_cursor_survives_storage() {
    let erp = Erp::start().await;
    let row = |code: &str, time: &str| {
        format!(
            r#"{{"ItemCode":"{code}","UpdateDate":"2023-10-20T00:00:00Z","UpdateTime":"{time}"}}"#
        )
    };
    let list = |rows: &[String], link: &str| {
        let link =
            if link.is_empty() { String::new() } else { format!(r#","odata.nextLink":"{link}""#) };
        json(200, &format!(r#"{{"value":[{}]{link}}}"#, rows.join(",")))
    };
    let (a, b, c) = (row("A", "15:00:10"), row("B", "15:03:20"), row("C", "15:03:40"));
    // The first page ends in a later minute: the next one starts at that minute, not at an offset.
    erp.answer(list(&[a.clone(), b.clone()], "Items?$skip=2")).await;
    erp.answer(list(&[b.clone(), c.clone()], "")).await;
    let since = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(15, 0, 30).unwrap();
    let query = || erp.client.items().select(Item::ITEM_NAME).page_size(2);
    let mut feed = query().changes(ChangeCursor::since(since));
    let mut codes = Vec::new();
    while let Some(item) = feed.next().await {
        codes.push(item.unwrap().item_code.unwrap());
    }
    assert_eq!(codes, ["A", "B", "C"]);
    let asked = |time: &str| {
        format!(
            "GET Items?$select=ItemName,UpdateDate,UpdateTime,ItemCode&$filter=\
             UpdateDate%20gt%20%272023-10-20%27%20or%20(UpdateDate%20eq%20%272023-10-20%27%20and%20UpdateTime%20ge%20%27{time}%27)\
             &$orderby=UpdateDate%20asc,UpdateTime%20asc,ItemCode%20asc"
        )
    };
    assert_eq!(erp.lines().await, [asked("15:00"), asked("15:03")]);

    let stored = serde_json::to_string(&feed.cursor()).unwrap();
    let cursor: ChangeCursor = serde_json::from_str(&stored).unwrap();
    assert_eq!(cursor.minute().to_string(), "2023-10-20 15:03:00");
    // B again unchanged, C changed again within the minute, D late but within the overlap.
    let (c2, d) = (row("C", "15:03:55"), row("D", "15:02:59"));
    erp.answer(list(&[d, b, c, c2], "")).await;
    let mut feed = query().changes(cursor);
    let mut codes = Vec::new();
    while let Some(item) = feed.next().await {
        codes.push(item.unwrap().item_code.unwrap());
    }
    assert_eq!(codes, ["D", "C"]);
    assert_eq!(erp.lines().await[2], asked("15:01"));
}

#[tokio::test]
async fn a_minute_with_more_changes_than_a_page_is_walked_by_offset() {
    let erp = Erp::start().await;
    let row = |code: &str| {
        format!(r#"{{"ItemCode":"{code}","UpdateDate":"2023-10-20","UpdateTime":"15:00:00"}}"#)
    };
    let page = |code: &str, skip: u8| {
        json(200, &format!(r#"{{"value":[{}],"odata.nextLink":"Items?$skip={skip}"}}"#, row(code)))
    };
    erp.answer(page("A", 1)).await.answer(page("B", 2)).await;
    erp.answer(json(200, r#"{"value":[]}"#)).await;
    let since = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(15, 0, 0).unwrap();
    let mut feed = erp.client.items().query().changes(ChangeCursor::since(since));
    let mut codes = Vec::new();
    while let Some(item) = feed.next().await {
        codes.push(item.unwrap().item_code.unwrap());
    }
    assert_eq!(codes, ["A", "B"]);
    assert!(erp.lines().await[2].ends_with("&$skip=2"));

    erp.answer(json(200, r#"{"value":[{"ItemCode":"A"}]}"#)).await;
    let mut feed = erp.client.items().query().changes(feed.cursor());
    let failed = feed.next().await.unwrap().unwrap_err();
    assert!(failed.to_string().contains("UpdateDate"), "{failed}");
    assert!(feed.next().await.is_none());
}
