use async_trait::async_trait;
use b1_servicelayer::{Changes, Client, Field, Filter};
use erplink_sync::Failure;
use erplink_sync::map::MappedField;
use erplink_sync::ports::{Delivered, Marked, Marker, Pushed};

use super::place::Place;
use super::row::{Row, has_id, the_one};

/// Marks a document in the ERP after the form exists: a flag, and the id of the form.
#[derive(Clone, Debug)]
pub struct WriteBack {
    b1: Client,
    place: Place,
    flag: Option<(String, String)>,
    id_field: Option<String>,
}

impl WriteBack {
    /// Nothing is written until a field is named.
    #[must_use]
    pub fn new(b1: Client, place: Place) -> Self {
        Self { b1, place, flag: None, id_field: None }
    }

    /// Sets a field to a value, such as `U_ISSYN` to `Y`.
    #[must_use]
    pub fn flag(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.flag = Some((field.into(), value.into()));
        self
    }

    /// Writes the id of the form into a field, such as `U_instanceID`.
    #[must_use]
    pub fn id_field(mut self, field: impl Into<String>) -> Self {
        self.id_field = Some(field.into());
        self
    }
}

#[async_trait]
impl Marker for WriteBack {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure> {
        let mut changes = Changes::new();
        if let Some((field, value)) = &self.flag {
            changes = changes.udf(field, value);
        }
        if let Some(field) = &self.id_field {
            changes = changes.udf(field, &delivered.target_id);
        }
        let (set, key) = self.place.find(&delivered.document.source)?;
        self.b1.set::<Row>(set.to_owned()).key(key).update(changes).await?;
        Ok(Marked::Yes)
    }
}

/// The field of a document that tells how a platform decided: approved or refused, `Y` or `N`. For
/// documents without an approval of their own in the ERP.
#[derive(Clone, Debug)]
pub struct ResultField {
    b1: Client,
    set: String,
    key: String,
    id_field: String,
    success_field: String,
    approved: String,
    refused: String,
    more: Vec<MappedField>,
}

impl ResultField {
    /// For the documents of `set` with `key` (such as `DocEntry`) that have the id of the form in
    /// `id_field`; the result goes into `success_field`.
    #[must_use]
    pub fn new(b1: Client, set: &str, key: &str, id_field: &str, success_field: &str) -> Self {
        Self {
            b1,
            set: set.to_owned(),
            key: key.to_owned(),
            id_field: id_field.to_owned(),
            success_field: success_field.to_owned(),
            approved: "Y".to_owned(),
            refused: "N".to_owned(),
            more: Vec::new(),
        }
    }

    /// Other values than `Y` and `N`.
    #[must_use]
    pub fn values(mut self, approved: impl Into<String>, refused: impl Into<String>) -> Self {
        (self.approved, self.refused) = (approved.into(), refused.into());
        self
    }

    /// Writes these fields as well, what a map made of the form.
    #[must_use]
    pub fn also(mut self, fields: Vec<MappedField>) -> Self {
        self.more = fields;
        self
    }

    /// What a result is written as.
    #[must_use]
    pub fn value(&self, approved: bool) -> &str {
        if approved { &self.approved } else { &self.refused }
    }

    /// Writes the result into the one document that has this id.
    ///
    /// # Errors
    /// When none or several have it, or the ERP refused.
    pub async fn write(&self, id: &str, approved: bool) -> Result<Pushed, Failure> {
        self.write_where(has_id(&self.id_field, id), approved).await
    }

    /// Writes the result into the one document that has this number in a property, such as
    /// `DocNum`.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_to_number(
        &self,
        property: &str,
        number: i64,
        approved: bool,
    ) -> Result<Pushed, Failure> {
        let property = Field::<Row, i64>::named(property.to_owned());
        self.write_where(property.eq(number), approved).await
    }

    async fn write_where(&self, filter: Filter<Row>, approved: bool) -> Result<Pushed, Failure> {
        let (place, key) = the_one(&self.b1, &self.set, &self.key, filter).await?;
        let mut changes = Changes::new().udf(&self.success_field, self.value(approved));
        for field in &self.more {
            changes = changes.udf(&field.name, &field.value);
        }
        self.b1.set::<Row>(self.set.clone()).key(key).update(changes).await?;
        Ok(Pushed::new(place))
    }
}
