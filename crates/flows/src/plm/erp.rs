use async_trait::async_trait;
use b1_servicelayer::{Changes, Client, Field, Filter, RawJson};
use erplink_core::Members;
use erplink_sync::map::at;
use plm_tianyu::{Erp, ErpError, Key, Target};

use crate::b1::Row;

/// Items, bills of material and routings in SAP Business One, over the Service Layer.
#[derive(Clone, Debug)]
pub struct EngineeringData {
    b1: Client,
}

impl EngineeringData {
    /// In the company of this client.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        Self { b1 }
    }
}

#[async_trait]
impl Erp for EngineeringData {
    async fn find(&self, target: &Target, key: &Key) -> Result<Vec<Key>, ErpError> {
        let rows = self.b1.set::<Row>(target.entity_set.clone());
        let rows = rows
            .filter(has_key(&target.key_field, key))
            .select(vec![Field::<Row, String>::named(target.entity_key.clone())]);
        let rows = rows.top(2).all().await.map_err(|error| told(&error))?;
        rows.iter().map(|row| address(target, &row.0)).collect()
    }

    async fn create(&self, target: &Target, fields: &Members) -> Result<(), ErpError> {
        // The answer would be the whole record, of which nothing is needed.
        let post = self.b1.raw().post(&target.entity_set).json(fields);
        let created = post.header("Prefer", "return-no-content").await;
        created.map(drop).map_err(|error| told(&error))
    }

    async fn update(
        &self,
        target: &Target,
        address: &Key,
        fields: &Members,
    ) -> Result<(), ErpError> {
        let record = self.b1.set::<Row>(target.entity_set.clone()).key(match address {
            Key::Text(text) => b1_servicelayer::Key::from(text.clone()),
            Key::Number(number) => b1_servicelayer::Key::from(*number),
        });
        let mut changes = Changes::new();
        for (name, value) in fields.iter() {
            changes = changes.set(Field::<Row, RawJson>::named(name.to_owned()), value.clone());
        }
        let update = record.update(changes);
        let update = match target.replace_collections {
            true => update.replace_collections(),
            false => update,
        };
        update.await.map_err(|error| told(&error))
    }
}

fn has_key(field: &str, key: &Key) -> Filter<Row> {
    match key {
        Key::Text(text) => Field::<Row, String>::named(field.to_owned()).eq(text),
        Key::Number(number) => Field::<Row, i64>::named(field.to_owned()).eq(*number),
    }
}

fn address(target: &Target, row: &RawJson) -> Result<Key, ErpError> {
    let Target { entity_set, entity_key, .. } = target;
    let value = at(entity_key, row).ok().flatten();
    let number = value.as_ref().and_then(|value| value.get().ok()).map(Key::Number);
    let text = || value.as_ref().and_then(|value| value.get().ok()).map(Key::Text);
    number.or_else(text).ok_or_else(|| {
        ErpError::new(format!("{entity_set}: a record came without a readable {entity_key}"))
    })
}

/// The ERP's own code and words, where it has spoken.
fn told(error: &b1_servicelayer::Error) -> ErpError {
    let Some(api) = error.api_error() else {
        return ErpError::new(error.to_string()).effect(error.effect());
    };
    let told = ErpError::new(api.message()).effect(error.effect());
    match api.number() {
        Some(code) => told.code(code),
        None => told,
    }
}

/// Looks at the set and the key field of a target, which the configuration names.
pub(crate) async fn check(b1: &Client, target: &Target) -> Result<(), String> {
    let fields = [&target.key_field, &target.entity_key];
    let fields = fields.map(|name| Field::<Row, String>::named(name.clone())).to_vec();
    let look = b1.set::<Row>(target.entity_set.clone()).select(fields).top(1).all().await;
    look.map(drop).map_err(|error| {
        let Target { entity_set, key_field, entity_key, .. } = target;
        format!("check `routing`: object {entity_set}, {key_field} and {entity_key}: {error}")
    })
}
