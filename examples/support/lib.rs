//! What the examples share and a reader may skip: where they play, and how they print.
//!
//! A scenario itself is in its own file, such as `examples/dingtalk_purchase_approval.rs`.

mod company;
mod factory;
mod folder;
mod office;
mod scenario_stage;
mod settings;
mod stage;
pub mod story;
pub mod systems;
mod table;
mod visit;

pub use company::{Company, meanwhile};
pub use factory::Factory;
pub use folder::Folder;
pub use office::Office;
pub use scenario_stage::ScenarioStage;
pub use settings::{
    CallbackSettings, PurchaseSettings, QuotationSettings, Settings, WeComSettings,
};
pub use stage::{Stage, wait_for};
pub use table::Table;
pub use visit::visit;

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
