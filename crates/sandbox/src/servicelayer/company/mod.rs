//! The company: its entities and the rules they obey.

mod accept;
mod actions;
mod approval;
mod create;
mod defaults;
mod documents;
mod journal;
mod merge;
mod production;
mod seed;
mod stored_queries;
mod update;
mod userdefined;

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Offset as _, Utc};

use super::json::{Json, Object};
use super::key::Key;
use super::options::Options;
use super::refusal::Refusal;
use super::schema::{EntitySet, Schema, StructType};
use super::store::{Store, Stored};
use crate::Clock;

pub(crate) use accept::{Dialect, Purpose};
pub(crate) use approval::Posted;
pub(crate) use seed::{COMPANY, MANAGER, PASSWORD};
pub(crate) use update::Mode;

/// Sets of the real server that people may look for here.
const NOT_SIMULATED: &[&str] = &[
    "Activities",
    "AlternateCatNum",
    "Attachments2",
    "BusinessPartnerGroups",
    "IncomingPayments",
    "ItemImages",
    "SQLViews",
    "SerialNumberDetails",
    "UnitOfMeasurements",
    "UserKeysMD",
    "VendorPayments",
];

/// Who does something: `Users.InternalKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) i64);

#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) store: Store,
    pub(crate) schema: Arc<Schema>,
    pub(crate) options: Options,
    clock: Clock,
}

impl Company {
    /// The demo company.
    pub(crate) fn demo(options: Options, clock: Clock) -> Result<Self, Refusal> {
        let store = Store::in_memory()?;
        let schema = Arc::new(Schema::standard().map_err(Refusal::internal)?);
        let mut company = Self { store, schema, options, clock };
        company.atomically(seed::fill)?;
        Ok(company)
    }

    /// Runs `work`; what it stored is undone when it refuses.
    pub(crate) fn atomically<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let schema = Arc::clone(&self.schema);
        self.store.begin()?;
        match work(self) {
            Ok(done) => {
                self.store.commit()?;
                Ok(done)
            }
            Err(refusal) => {
                self.store.roll_back()?;
                self.schema = schema;
                Err(refusal)
            }
        }
    }

    /// The company's own time, which it calls local.
    pub(crate) fn local_time(&self) -> DateTime<FixedOffset> {
        let zone = self.options.time_zone().unwrap_or_else(|| Utc.fix());
        self.clock.now().with_timezone(&zone)
    }

    fn today(&self) -> String {
        self.local_time().format("%Y-%m-%d").to_string()
    }

    fn time_of_day(&self) -> String {
        self.local_time().format("%H:%M:%S").to_string()
    }

    pub(crate) fn set(&self, name: &str) -> Result<EntitySet, Refusal> {
        self.schema.set(name).cloned().ok_or_else(|| {
            if NOT_SIMULATED.contains(&name) {
                return Refusal::unsupported(format_args!("the entity set {name}"));
            }
            let status = http::StatusCode::NOT_FOUND;
            Refusal::new(status, -1000, format!("Unrecognized resource path: {name}"))
        })
    }

    pub(crate) fn structure(&self, set: &EntitySet) -> Arc<StructType> {
        self.schema.row_type(&set.type_name)
    }

    pub(crate) fn find(&self, set: &str, key: &Key) -> Result<Stored, Refusal> {
        self.store.get(set, key)?.ok_or_else(Refusal::not_found)
    }

    /// The first entity whose member has this value.
    pub(crate) fn find_by(
        &self,
        set: &str,
        member: &str,
        value: &Json,
    ) -> Result<Option<Object>, Refusal> {
        let all = self.store.all(set)?;
        Ok(all.into_iter().map(|stored| stored.body).find(|body| body.get(member) == Some(value)))
    }

    /// Refuses a reference to an entity that does not exist; a missing or null reference is fine.
    fn check_reference(&self, from: &Object, member: &str, set: &str) -> Result<(), Refusal> {
        match from.get(member) {
            None | Some(Json::Null) => Ok(()),
            Some(value) => match self.store.get(set, &Key::single(value.clone()))? {
                Some(_) => Ok(()),
                None => {
                    let message = format!("{member} {value} does not exist in {set}");
                    Err(Refusal::inconsistent(message))
                }
            },
        }
    }
}
