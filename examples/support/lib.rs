//! What the examples share and a reader may skip: where they play, and how they print.
//!
//! A scenario itself is in its own file, such as `examples/dingtalk_purchase_approval.rs`.

mod company;
mod ecology_office;
mod folder;
mod settings;
mod stage;
pub mod story;
pub mod systems;
mod table;
mod wecom_office;

pub use company::CompanyStage;
pub use ecology_office::{EcologyOffice, meanwhile};
pub use folder::Folder;
pub use settings::{
    CallbackSettings, PurchaseSettings, QuotationSettings, Settings, WeComSettings,
};
pub use stage::{Stage, wait_for};
pub use table::Table;
pub use wecom_office::WeComOffice;

/// Any failure of an example: printed, and the exit code is not 0.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The README's snippets compile.
#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
pub struct Readme;

/// The Chinese README's snippets compile.
#[doc = include_str!("../../README.zh-CN.md")]
#[cfg(doctest)]
pub struct ChineseReadme;
