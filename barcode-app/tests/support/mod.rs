//! An ERP in memory that refuses and loses answers, and a database that is a table.

#![allow(clippy::unwrap_used, clippy::panic, dead_code)] // helpers of tests

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use barcode_app::{
    AppCodes, Barcode, Company, Created, Document, Documents, Effect, Endpoint, ErpError, Mark,
    Members, Reply, Settings, Sql,
};
use http::HeaderMap;
use serde_json::Value;

pub(crate) const CODE: &str = "planted-code";
pub(crate) const BACKFLUSH: &str = include_str!("../fixtures/save-with-backflush.json");

/// What happens to a create instead of what should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is posted, and the answer is lost.
    LostAfter,
    /// It is not posted, and nobody is told.
    LostBefore,
    /// It never leaves.
    NotSent,
    /// It is refused with this code.
    Refused(i64),
    /// A draft is saved and the answer says -2028.
    HiddenDraft,
    /// A draft is saved and said so.
    Draft,
}

pub(crate) struct Stored {
    pub(crate) set: String,
    pub(crate) entry: i64,
    pub(crate) is_draft: bool,
    pub(crate) fields: Members,
}

#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) stored: Mutex<Vec<Stored>>,
    faults: Mutex<BTreeMap<usize, Fault>>,
    creates: Mutex<usize>,
    blind: bool,
}

impl Fake {
    /// The create with this number, from 0, ends so.
    pub(crate) fn fail(self, create: usize, fault: Fault) -> Self {
        self.faults.lock().unwrap().insert(create, fault);
        self
    }

    /// Looking for documents fails.
    pub(crate) fn blind(self) -> Self {
        Self { blind: true, ..self }
    }

    pub(crate) fn posted(&self) -> Vec<String> {
        let stored = self.stored.lock().unwrap();
        stored.iter().map(|one| format!("{} {}", one.set, one.fields.to_json())).collect()
    }

    pub(crate) fn creates(&self) -> usize {
        *self.creates.lock().unwrap()
    }

    /// The entries of posted documents (no drafts) for which this holds.
    pub(crate) fn entries(&self, which: impl Fn(&Stored) -> bool) -> Vec<i64> {
        let stored = self.stored.lock().unwrap();
        stored.iter().filter(|one| !one.is_draft && which(one)).map(|one| one.entry).collect()
    }

    fn put(&self, document: &Document, is_draft: bool) -> Created {
        let mut stored = self.stored.lock().unwrap();
        let entry = 100 + i64::try_from(stored.len()).unwrap();
        stored.push(Stored {
            set: document.entity_set.clone(),
            entry,
            is_draft,
            fields: document.fields.clone(),
        });
        created(entry, is_draft)
    }
}

fn created(entry: i64, is_draft: bool) -> Created {
    if is_draft { Created::draft(entry) } else { Created::document(entry, Some(entry + 1000)) }
}

#[async_trait]
impl Documents for Fake {
    async fn create(&self, document: &Document) -> Result<Created, ErpError> {
        let number = {
            let mut creates = self.creates.lock().unwrap();
            *creates += 1;
            *creates - 1
        };
        tokio::task::yield_now().await;
        let lost = || ErpError::new("the connection broke").effect(Effect::Unknown);
        let fault = self.faults.lock().unwrap().get(&number).copied();
        match fault {
            None => Ok(self.put(document, false)),
            Some(Fault::LostAfter) => {
                self.put(document, false);
                Err(lost())
            }
            Some(Fault::LostBefore) => Err(lost()),
            Some(Fault::NotSent) => Err(ErpError::new("no connection").effect(Effect::NotSent)),
            Some(Fault::Refused(code)) => Err(ErpError::new("refused").code(code)),
            Some(Fault::Draft) => Ok(self.put(document, true)),
            Some(Fault::HiddenDraft) => {
                self.put(document, true);
                Err(ErpError::new("No matching records found").code(-2028))
            }
        }
    }

    async fn find(&self, set: &str, mark: &Mark) -> Result<Option<Created>, ErpError> {
        if self.blind {
            return Err(ErpError::new("no connection"));
        }
        let stored = self.stored.lock().unwrap();
        let found = stored.iter().find(|one| {
            let value = one.fields.text(&mark.field).unwrap();
            one.set == set && value.as_ref() == Some(&mark.value)
        });
        Ok(found.map(|one| created(one.entry, one.is_draft)))
    }
}

type Rows = Result<String, ErpError>;

/// Answers each query with the first answer left whose part is in its text.
#[derive(Default)]
pub(crate) struct Table {
    answers: Mutex<Vec<(String, Rows)>>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Table {
    pub(crate) fn answer(self, part: &str, rows: &str) -> Self {
        self.push(part, Ok(rows.to_owned()))
    }

    pub(crate) fn fail(self, part: &str, error: ErpError) -> Self {
        self.push(part, Err(error))
    }

    fn push(self, part: &str, answer: Rows) -> Self {
        self.answers.lock().unwrap().push((part.to_owned(), answer));
        self
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sql for Table {
    async fn query(&self, sql: &str, _: usize) -> Result<Vec<Members>, ErpError> {
        self.asked.lock().unwrap().push(sql.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let place = answers.iter().position(|(part, _)| sql.contains(part));
        match place.map(|place| answers.remove(place).1) {
            Some(Ok(rows)) => Ok(serde_json::from_str(&rows).unwrap()),
            Some(Err(error)) => Err(error),
            None => Err(ErpError::new(format!("unexpected: {sql}"))),
        }
    }
}

pub(crate) fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

pub(crate) fn headers(code: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-ApiG-AppCode", code.parse().unwrap());
    headers
}

pub(crate) fn barcode(company: Company) -> Barcode {
    Barcode::new(AppCodes::new([CODE]).unwrap()).company("demo", company)
}

pub(crate) async fn call(barcode: &Barcode, endpoint: Endpoint, body: &str) -> Value {
    let reply: Reply = barcode.handle("demo", endpoint, &headers(CODE), body.as_bytes()).await;
    assert_eq!(reply.status, 200);
    serde_json::from_str(&reply.body).unwrap()
}

pub(crate) fn company(erp: &Arc<Fake>, sql: Option<&Arc<Table>>, settings: Settings) -> Company {
    let company = Company::new("SBODEMOCN", erp.clone()).settings(settings);
    match sql {
        Some(sql) => company.sql(sql.clone()),
        None => company,
    }
}
