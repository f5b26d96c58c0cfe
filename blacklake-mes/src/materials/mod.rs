//! Materials (物料) and what they are made of: units, categories, attributes, batch numbers.
//!
//! ```no_run
//! use blacklake_mes::materials::MaterialImport;
//!
//! # async fn run(client: blacklake_mes::Client) -> blacklake_mes::Result<()> {
//! let materials = client.materials();
//! let import = MaterialImport::new("A00006", "HP 600 打印机", "个")
//!     .specification("600")
//!     .batch_managed(true);
//! materials.import(&import).await?; // creates or changes
//!
//! if let Some(material) = materials.find("A00006").await? {
//!     materials.stop([material.id]).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod batch_numbers;
mod categories;
mod import;
mod list;
mod states;
mod tree;
mod units;

use crate::client::Client;

pub use batch_numbers::{BatchNumber, BatchNumberFilter, BatchNumberForm};
pub use categories::{AttributeImport, Category, CategoryFilter, CategoryImport};
pub use import::{MaterialImport, UnitLine};
pub use list::{
    Attribute, BizRange, BizType, Material, MaterialCategory, MaterialDocument, MaterialFilter,
};
pub use tree::{
    BaseInfo, ConversionForm, FeedInfo, InventoryInfo, MaterialForm, ProductionInfo, PurchaseInfo,
    UnitList, Validity,
};
pub use units::{UnitFilter, UnitForm};

/// Materials. From [`Client::materials`].
#[derive(Clone, Debug)]
pub struct Materials {
    client: Client,
}

impl Client {
    /// Materials (物料), units, categories, batch numbers.
    #[must_use]
    pub fn materials(&self) -> Materials {
        Materials { client: self.clone() }
    }
}
