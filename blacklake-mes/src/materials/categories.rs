//! Categories and attributes of materials.

use erplink_core::Results;

use super::Materials;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, request};
use crate::id::Id;
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;

const IMPORT_ATTRIBUTE: Endpoint =
    Endpoint::repeatable("POST /material/open/v1/material/attribute/_doimport");
const IMPORT_CATEGORY: Endpoint =
    Endpoint::repeatable("POST /material/open/v1/material/category/_doimport");
const LIST: Endpoint = Endpoint::read("POST /material/open/v1/material/category/_list");

/// The levels of a path: prefix of the members on the wire. `forth` is the platform's spelling.
const LEVELS: [(&str, &str); 4] = [
    ("categoryName", "categoryCode"),
    ("secondCategoryName", "secondCategoryCode"),
    ("thirdCategoryName", "thirdCategoryCode"),
    ("forthCategoryName", "forthCategoryCode"),
];

/// A path of categories to create, from the root, four levels at most.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct CategoryImport {
    levels: Vec<(String, String)>,
}

impl CategoryImport {
    /// A path that begins with this category.
    pub fn new(code: impl Into<String>, name: impl Into<String>) -> Self {
        Self { levels: vec![(code.into(), name.into())] }
    }

    /// The next level below.
    pub fn below(mut self, code: impl Into<String>, name: impl Into<String>) -> Self {
        self.levels.push((code.into(), name.into()));
        self
    }

    fn fields(&self) -> Result<Fields> {
        if self.levels.len() > LEVELS.len() {
            return Err(Error::invalid(format!(
                "a path of {} categories: at most {} are taken",
                self.levels.len(),
                LEVELS.len()
            )));
        }
        let mut fields = Fields::default();
        for ((name_key, code_key), (code, name)) in LEVELS.iter().zip(&self.levels) {
            if code.trim().is_empty() || name.trim().is_empty() {
                return Err(Error::invalid(format!("{code_key} or {name_key} is empty")));
            }
            fields.set(*name_key, Field::Text(name.clone()));
            fields.set(*code_key, Field::Text(code.clone()));
        }
        Ok(fields)
    }
}

/// An attribute of materials and values it may have.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct AttributeImport {
    name: String,
    values: Vec<String>,
}

impl AttributeImport {
    /// An attribute, such as 颜色, with values such as 黑色.
    pub fn new(
        name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self { name: name.into(), values: values.into_iter().map(Into::into).collect() }
    }
}

request! {
    /// Which categories to list.
    pub struct CategoryFilter {
        /// These codes, exactly.
        codes: texts = "codeList",
        /// These names, exactly.
        names: texts = "nameList",
        /// A part of the code.
        code: text = "code",
        /// A part of the name.
        name: text = "name",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl CategoryFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

model! {
    /// A category of materials (物料分类).
    pub struct Category {
        /// Id.
        pub id: Id,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Level, 1 is the root.
        pub level: Option<i64>,
        /// Remark.
        pub remark: String,
        /// Whether it has none below: materials belong to leaves.
        pub leaf: bool,
    }
}

impl Row for Category {
    fn row_id(&self) -> i64 {
        self.id.get()
    }
}

impl Materials {
    /// `POST /material/open/v1/material/category/_doimport`: creates a path of categories, or what
    /// it lacks (导入物料分类).
    pub async fn import_category(&self, path: &CategoryImport) -> Result<()> {
        self.client.call(&IMPORT_CATEGORY, &path.fields()?).await.map(drop)
    }

    /// `POST /material/open/v1/material/category/_list`: categories (物料分类列表).
    pub fn categories(&self, filter: CategoryFilter) -> Results<Kept<Category>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /material/open/v1/material/attribute/_doimport`: an attribute and its values
    /// (导入物料属性).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for a value twice or with a comma in it:
    /// the platform separates values by commas.
    pub async fn import_attribute(&self, attribute: &AttributeImport) -> Result<()> {
        let AttributeImport { name, values } = attribute;
        for (at, value) in values.iter().enumerate() {
            if value.contains(',') || values[..at].contains(value) {
                return Err(Error::invalid(format!(
                    "attribute `{name}`: the value `{value}` stands there twice or has a comma"
                )));
            }
        }
        let fields = Fields::default()
            .with("attribute", Field::Text(name.clone()))
            .with("attributeItem", Field::Text(values.join(",")));
        self.client.call(&IMPORT_ATTRIBUTE, &fields).await.map(drop)
    }
}
