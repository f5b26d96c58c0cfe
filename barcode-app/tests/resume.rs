//! Saves under a name: what was begun is finished, and nothing is posted twice.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use barcode_app::{
    Company, Desk, Endpoint, RawJson, SaveAnswer, SaveName, SaveOrder, SaveRequest, Standing,
};
use support::{BACKFLUSH, Fake, Fault, Table, barcode, call, company, settings};

const MARKED: &str = "mark_field = 'U_M'\nquery.procedures = ['TMDK']\n";

/// The queries of one backflush.
fn table() -> Arc<Table> {
    let components =
        r#"[{"DOCENTRY":478,"LineNum":0,"ItemCode":"RM-1","BaseQty":2,"wareHouse":"W1"}]"#;
    let batches = r#"[{"BatchNumber":"B1","Quantity":"2"}]"#;
    Arc::new(Table::default().answer("OWOR", components).answer("TMDK", batches))
}

fn request() -> SaveRequest {
    SaveRequest::read(BACKFLUSH.as_bytes()).unwrap()
}

async fn stands(company: &Company, name: &SaveName) -> Standing {
    company.standing(&request(), name).await.unwrap()
}

#[tokio::test]
async fn an_issue_that_stands_is_not_posted_again() {
    let name = SaveName::new("n1");
    // The receipt is refused, then it is posted.
    let erp = Arc::new(Fake::default().fail(1, Fault::Refused(-1116)));
    let desk = company(&erp, Some(&table()), settings(MARKED));
    assert_eq!(stands(&desk, &name).await, Standing::Nothing);
    let error = desk.save_as(&request(), &name).await.unwrap_err();
    assert!(error.may_stand() && error.to_string().contains("stands"), "{error}");
    assert!(matches!(stands(&desk, &name).await, Standing::Issue(issue) if !issue.is_draft));
    let saved = desk.save_as(&request(), &name).await.unwrap();
    assert!(saved.issue.is_some());
    assert!(matches!(stands(&desk, &name).await, Standing::Saved(found) if found == saved));
    let posted = erp.posted();
    assert_eq!(posted.len(), 2, "{posted:?}");
    assert!(posted[0].contains("n1-i1") && posted[1].contains("n1-d"), "{posted:?}");
    // Another name is another save.
    assert_eq!(stands(&desk, &SaveName::new("n2")).await, Standing::Nothing);
}

#[tokio::test]
async fn an_issue_that_was_taken_back_is_made_anew() {
    let name = SaveName::new("n1");
    let erp = Arc::new(Fake::default().fail(1, Fault::Refused(-1116)));
    let toml = format!("{MARKED}compensate_issue = true\n");
    let first = company(&erp, Some(&table()), settings(&toml));
    let error = first.save_as(&request(), &name).await.unwrap_err();
    assert!(!error.may_stand(), "{error}");
    assert_eq!(stands(&first, &name).await, Standing::Nothing);
    let again = company(&erp, Some(&table()), settings(&toml));
    again.save_as(&request(), &name).await.unwrap();
    let marks: Vec<_> = ["n1-i1", "n1-r1", "n1-i2", "n1-d"].into();
    let posted = erp.posted();
    assert_eq!(posted.len(), marks.len());
    assert!(posted.iter().zip(marks).all(|(one, mark)| one.contains(mark)), "{posted:?}");
}

#[tokio::test]
async fn nothing_is_posted_while_it_cannot_be_told_what_stands() {
    let blind = Arc::new(Fake::default().blind());
    let desk = company(&blind, Some(&table()), settings(MARKED));
    let error = desk.save_as(&request(), &SaveName::new("n1")).await.unwrap_err();
    assert!(error.may_stand() && error.to_string().contains("nothing was posted now"), "{error}");
    assert_eq!(blind.creates(), 0);
    let unmarked = company(&Arc::new(Fake::default()), Some(&table()), settings(""));
    assert_eq!(stands(&unmarked, &SaveName::new("n1")).await, Standing::CannotTell);
}

/// Writes down what it is asked to save.
#[derive(Default)]
struct Book(Mutex<Vec<SaveOrder>>);

#[async_trait]
impl Desk for Book {
    async fn save(&self, order: SaveOrder) -> Result<SaveAnswer, String> {
        let mut orders = self.0.lock().unwrap();
        orders.push(order);
        match orders.len() {
            3 => Err("no more paper".to_owned()),
            _ => Ok(SaveAnswer { message: "noted".to_owned(), data: RawJson::number(7) }),
        }
    }
}

#[tokio::test]
async fn a_desk_takes_saves_in_and_answers_for_them() {
    let (erp, book) = (Arc::new(Fake::default()), Arc::new(Book::default()));
    let barcode = barcode(company(&erp, None, settings(MARKED)).desk(book.clone()));
    let other_tap = BACKFLUSH.replace("2023-09-20 21:04:44", "2023-09-20 21:04:45");
    let other_quantity = BACKFLUSH.replace("\"Quantity\":\"1\"", "\"Quantity\":\"2\"");
    for (body, message) in
        [(BACKFLUSH, "noted"), (&other_tap, "noted"), (&other_quantity, "no more paper")]
    {
        assert_eq!(call(&barcode, Endpoint::Save, body).await["message"], message);
    }
    // What cannot be read does not reach it.
    assert!(
        call(&barcode, Endpoint::Save, "{}").await["message"].as_str().unwrap().contains("method")
    );
    let orders = book.0.lock().unwrap();
    assert_eq!((orders.len(), erp.creates()), (3, 0));
    assert_eq!(orders[0].fingerprint, orders[1].fingerprint);
    assert_ne!(orders[0].fingerprint, orders[2].fingerprint);
    assert_eq!(SaveRequest::from_members(&orders[0].request).unwrap(), request());
}
