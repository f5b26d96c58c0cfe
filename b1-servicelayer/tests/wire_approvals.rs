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

/// The approver stands in both stages: the second one's line pends as soon as the first is decided.
#[tokio::test]
async fn a_lost_decision_is_found_in_its_own_stage() {
    let request = |first: &str, second: &str| {
        let line = |stage: u8, status: &str| {
            format!(r#"{{"StageCode":{stage},"UserID":7,"Status":"{status}"}}"#)
        };
        let second =
            if second.is_empty() { String::new() } else { format!(",{}", line(2, second)) };
        let lines = format!("{}{second}", line(1, first));
        json(
            200,
            &format!(r#"{{"Code":17,"Status":"arsPending","ApprovalRequestLines":[{lines}]}}"#),
        )
    };
    let erp = Erp::start().await;
    erp.answer(request("ardPending", "")).await.answer(ResponseTemplate::new(504)).await;
    erp.answer(request("ardApproved", "ardPending")).await;
    let record = erp.client.approval_requests().key(17);
    let decided = record.decide_and_confirm(7, Decision::approve()).await.unwrap();
    assert_eq!(decided, Decided::Now);
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
            "GET Items?$select=ItemName,UpdateDate,UpdateTime,DataVersion,ItemCode&$filter=\
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
async fn a_minute_with_more_changes_than_a_page_is_walked_by_key() {
    let erp = Erp::start().await;
    let row = |code: &str| {
        format!(r#"{{"ItemCode":"{code}","UpdateDate":"2023-10-20","UpdateTime":"15:00:00"}}"#)
    };
    let page = |codes: &[&str], more: bool| {
        let rows: Vec<_> = codes.iter().map(|code| row(code)).collect();
        let link = if more { r#","odata.nextLink":"Items?$skip=2""# } else { "" };
        json(200, &format!(r#"{{"value":[{}]{link}}}"#, rows.join(",")))
    };
    erp.answer(page(&["A", "O'B"], true)).await; // by time: all of one minute
    erp.answer(page(&["A", "O'B"], true)).await; // by key, from the beginning
    erp.answer(page(&["P", "Q"], true)).await;
    erp.answer(page(&["R"], false)).await;
    erp.answer(page(&[], false)).await; // on from the next minute
    let since = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(15, 0, 0).unwrap();
    let mut feed = erp.client.items().query().changes(ChangeCursor::since(since));
    let mut codes = Vec::new();
    while let Some(item) = feed.next().await {
        codes.push(item.unwrap().item_code.unwrap());
    }
    assert_eq!(codes, ["A", "O'B", "P", "Q", "R"]);
    let lines = erp.lines().await;
    let minute = "UpdateDate%20eq%20%272023-10-20%27%20and%20UpdateTime%20ge%20%2715%3A00%27\
                  %20and%20UpdateTime%20lt%20%2715%3A01%27";
    let minute = minute.replace("%3A", ":");
    let by_key = |after: &str| format!("GET Items?$filter={minute}{after}&$orderby=ItemCode%20asc");
    assert_eq!(lines[1], by_key(""));
    assert_eq!(lines[2], by_key("%20and%20ItemCode%20gt%20%27O%27%27B%27"));
    assert_eq!(lines[3], by_key("%20and%20ItemCode%20gt%20%27Q%27"));
    assert!(lines[4].contains("UpdateTime%20ge%20%2715:01%27"), "{}", lines[4]);

    erp.answer(json(200, r#"{"value":[{"ItemCode":"A"}]}"#)).await;
    let mut feed = erp.client.items().query().changes(feed.cursor());
    let failed = feed.next().await.unwrap().unwrap_err();
    assert!(failed.to_string().contains("UpdateDate"), "{failed}");
    assert!(feed.next().await.is_none());
}

#[tokio::test]
async fn a_feed_ignores_order_and_limits_of_its_query() {
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"value":[]}"#)).await;
    let midnight = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let query = erp.client.items().order_by(Item::ITEM_NAME.desc()).top(1).skip(3);
    assert!(query.changes(ChangeCursor::since(midnight)).next().await.is_none());
    assert_eq!(
        erp.lines().await,
        ["GET Items?$filter=UpdateDate%20ge%20%272023-10-20%27\
          &$orderby=UpdateDate%20asc,UpdateTime%20asc,ItemCode%20asc"]
    );
}

#[tokio::test]
async fn changes_within_one_second_differ_by_their_version() {
    let erp = Erp::start().await;
    let list = |version: u8| {
        let stamp = r#""UpdateDate":"2023-10-20","UpdateTime":"15:00""#;
        json(200, &format!(r#"{{"value":[{{"ItemCode":"A","DataVersion":{version},{stamp}}}]}}"#))
    };
    let since = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(15, 0, 0).unwrap();
    let mut cursor = ChangeCursor::since(since);
    for (version, is_new) in [(1, true), (1, false), (2, true)] {
        erp.answer(list(version)).await;
        let mut feed = erp.client.items().query().changes(cursor);
        assert_eq!(feed.next().await.is_some(), is_new, "version {version}");
        cursor = feed.cursor();
    }
    // A cursor from before versions were noted.
    let old = r#"{"minute":"2023-10-20T15:00:00","seen":[{"key":"A","at":"2023-10-20T15:00:00"}]}"#;
    assert!(serde_json::from_str::<ChangeCursor>(old).is_ok());
}

#[tokio::test]
async fn an_item_that_cannot_be_read_stops_the_feed_or_is_told_in_its_place() {
    let erp = Erp::start().await;
    let stamp = r#""UpdateDate":"2023-10-20","UpdateTime":"15:00""#;
    let list = format!(
        r#"{{"value":[{{"ItemCode":"A",{stamp}}},{{"ItemCode":"B","Series":"x",{stamp}}},{{"ItemCode":"C",{stamp}}}]}}"#
    );
    for _ in 0..3 {
        erp.answer(json(200, &list)).await;
    }
    let since = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap().and_hms_opt(15, 0, 0).unwrap();
    let mut feed = erp.client.items().query().changes(ChangeCursor::since(since));
    assert_eq!(feed.next().await.unwrap().unwrap().item_code.as_deref(), Some("A"));
    let failed = feed.next().await.unwrap().unwrap_err();
    assert!(failed.to_string().contains("Series"), "{failed}");
    assert!(feed.next().await.is_none());
    // The cursor stands before it: nothing is passed over in silence.
    let mut feed = erp.client.items().query().changes(feed.cursor());
    assert!(feed.next().await.unwrap().is_err());
    let mut feed = erp.client.items().query().changes(feed.cursor());
    let odd = feed.next_guarded().await.unwrap().unwrap().unwrap_err();
    assert_eq!(odd.key.as_deref(), Some("B"));
    assert_eq!(
        feed.next_guarded().await.unwrap().unwrap().unwrap().item_code.as_deref(),
        Some("C")
    );
    assert!(feed.next_guarded().await.is_none());
}
