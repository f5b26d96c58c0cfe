//! An ERP in memory that counts, refuses and loses answers.

#![allow(clippy::unwrap_used, clippy::panic, dead_code)] // helpers of tests

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use http::HeaderMap;
use plm_tianyu::{AppCodes, Effect, Erp, ErpError, Key, Kind, Members, RawJson, Receiver, Target};

pub(crate) const CODE: &str = "planted-code";

pub(crate) fn headers(code: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-ApiG-AppCode", code.parse().unwrap());
    headers
}

pub(crate) fn receiver(kind: Kind) -> Receiver {
    Receiver::new(kind, AppCodes::new([CODE]).unwrap())
}

/// What happens to a call instead of what should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and the answer is lost.
    LostAfter,
    /// It is not done, and nobody is told.
    LostBefore,
    /// It is refused with this code.
    Refused(i64),
    /// Before it, somebody else creates the same record.
    Raced(i64),
}

#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) records: Mutex<BTreeMap<String, Members>>,
    pub(crate) calls: Mutex<Vec<String>>,
    faults: Mutex<BTreeMap<&'static str, VecDeque<Fault>>>,
}

impl Fake {
    /// The next call of this kind (`find`, `create`, `update`) ends so.
    pub(crate) fn fail(self, call: &'static str, fault: Fault) -> Self {
        self.faults.lock().unwrap().entry(call).or_default().push_back(fault);
        self
    }

    pub(crate) fn with(self, name: &str, fields: &str) -> Self {
        let fields = Members::parse(fields).unwrap();
        self.records.lock().unwrap().insert(name.to_owned(), fields);
        self
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn record(&self, name: &str) -> Option<String> {
        self.records.lock().unwrap().get(name).map(|fields| fields.to_json().to_string())
    }

    fn enter(&self, call: &'static str, text: String) -> Option<Fault> {
        self.calls.lock().unwrap().push(text);
        self.faults.lock().unwrap().get_mut(call).and_then(VecDeque::pop_front)
    }

    fn put(&self, name: String, fields: &Members) {
        let mut records = self.records.lock().unwrap();
        let record = records.entry(name).or_default();
        for (field, value) in fields.iter() {
            record.set(field, value.clone());
        }
    }
}

fn lost() -> ErpError {
    ErpError::new("the connection broke").effect(Effect::Unknown)
}

#[async_trait]
impl Erp for Fake {
    async fn find(&self, target: &Target, key: &Key) -> Result<Vec<Key>, ErpError> {
        let name = target.name(key);
        if let Some(fault) = self.enter("find", format!("find {name} by {}", target.key_field)) {
            return Err(match fault {
                Fault::Refused(code) => ErpError::new("not allowed").code(code),
                _ => lost(),
            });
        }
        let found = self.records.lock().unwrap().get(&name).cloned();
        Ok(found
            .map(|record| match (target.entity_key == target.key_field, record) {
                (true, _) => key.clone(),
                (false, record) => {
                    let entry = record.text(&target.entity_key).unwrap().unwrap();
                    Key::Number(entry.parse().unwrap())
                }
            })
            .into_iter()
            .collect())
    }

    async fn create(&self, target: &Target, fields: &Members) -> Result<(), ErpError> {
        let key = fields.text(&target.key_field).unwrap().unwrap();
        let name = match fields.get(&target.key_field).unwrap().as_str().starts_with('"') {
            true => target.name(&Key::Text(key)),
            false => target.name(&Key::Number(key.parse().unwrap())),
        };
        let fault = self.enter("create", format!("create {name} {}", fields.to_json()));
        match fault {
            Some(Fault::LostBefore) => return Err(lost()),
            Some(Fault::Refused(code)) => return Err(ErpError::new("refused").code(code)),
            Some(Fault::Raced(code)) => {
                self.put(
                    name,
                    &[("By".to_owned(), RawJson::parse("1").unwrap())].into_iter().collect(),
                );
                return Err(ErpError::new("exists").code(code));
            }
            Some(Fault::LostAfter) | None => {}
        }
        if self.records.lock().unwrap().contains_key(&name) {
            return Err(ErpError::new("exists").code(-2035));
        }
        self.put(name, fields);
        if fault.is_some() { Err(lost()) } else { Ok(()) }
    }

    async fn update(
        &self,
        target: &Target,
        address: &Key,
        fields: &Members,
    ) -> Result<(), ErpError> {
        let name = target.name(address);
        let replace = if target.replace_collections { " replacing" } else { "" };
        let fault = self.enter("update", format!("update {name}{replace} {}", fields.to_json()));
        match fault {
            Some(Fault::LostBefore) => return Err(lost()),
            Some(Fault::Refused(code)) => {
                let text = "Could not commit transaction. Error -1 detected during transaction";
                return Err(ErpError::new(text).code(code));
            }
            _ => {}
        }
        self.put(name, fields);
        if fault.is_some() { Err(lost()) } else { Ok(()) }
    }
}
