//! What a worker types in.

use rust_decimal::Decimal;
use serde::Deserialize;

/// Whether what was reported or fed is good (质量状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// 合格, 1.
    #[default]
    Qualified,
    /// 让步合格, 2.
    Concession,
    /// 待检, 3.
    Pending,
    /// 不合格, 4.
    Rejected,
}

impl Quality {
    pub(in crate::mes) fn number(self) -> i64 {
        match self {
            Quality::Qualified => 1,
            Quality::Concession => 2,
            Quality::Pending => 3,
            Quality::Rejected => 4,
        }
    }
}

/// A production report (报工). A number alone reports so many good pieces on the last operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// How many, in the unit of the order's product.
    #[serde(with = "erplink_core::decimal")]
    pub quantity: Decimal,
    /// Number of the operation (工序号), e.g. `20`; `None`: the last one.
    #[serde(default)]
    pub process: Option<String>,
    /// Whether it is good.
    #[serde(default)]
    pub quality: Quality,
    /// Batch number; `None`: one is made up for batch-managed materials.
    #[serde(default)]
    pub batch: Option<String>,
    /// Remark.
    #[serde(default)]
    pub remark: String,
    /// The report fails, for this reason: nothing is booked, and the event says so.
    #[serde(default)]
    pub fails: Option<String>,
}

impl Report {
    /// So many good pieces on the last operation.
    pub fn new(quantity: impl Into<Decimal>) -> Self {
        Report {
            quantity: quantity.into(),
            process: None,
            quality: Quality::default(),
            batch: None,
            remark: String::new(),
            fails: None,
        }
    }

    /// On the operation with this number.
    #[must_use]
    pub fn process(mut self, num: &str) -> Self {
        self.process = Some(num.to_owned());
        self
    }

    /// Of this quality.
    #[must_use]
    pub fn quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }

    /// With this batch number.
    #[must_use]
    pub fn batch(mut self, batch: &str) -> Self {
        self.batch = Some(batch.to_owned());
        self
    }

    /// The report fails: its event carries `result: false` and the reason.
    #[must_use]
    pub fn fails(mut self, reason: &str) -> Self {
        self.fails = Some(reason.to_owned());
        self
    }
}

/// A feeding (投料). A number alone feeds so much of the component.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// How much, in the unit of the component.
    #[serde(with = "erplink_core::decimal")]
    pub quantity: Decimal,
    /// Whether it is good.
    #[serde(default)]
    pub quality: Quality,
    /// Batch number.
    #[serde(default)]
    pub batch: Option<String>,
    /// The component this material stands in for (替代料), by its code.
    #[serde(default)]
    pub instead_of: Option<String>,
    /// Remark.
    #[serde(default)]
    pub remark: String,
    /// The feeding fails, for this reason: nothing is booked, and the event says so.
    #[serde(default)]
    pub fails: Option<String>,
}

impl Feed {
    /// So much of the component.
    pub fn new(quantity: impl Into<Decimal>) -> Self {
        Feed {
            quantity: quantity.into(),
            quality: Quality::default(),
            batch: None,
            instead_of: None,
            remark: String::new(),
            fails: None,
        }
    }

    /// Of this quality.
    #[must_use]
    pub fn quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }

    /// With this batch number.
    #[must_use]
    pub fn batch(mut self, batch: &str) -> Self {
        self.batch = Some(batch.to_owned());
        self
    }

    /// The material stands in for a component of the order (替代料).
    #[must_use]
    pub fn instead_of(mut self, material: &str) -> Self {
        self.instead_of = Some(material.to_owned());
        self
    }

    /// The feeding fails: its event carries `result: false` and the reason.
    #[must_use]
    pub fn fails(mut self, reason: &str) -> Self {
        self.fails = Some(reason.to_owned());
        self
    }
}

impl From<i32> for Report {
    fn from(quantity: i32) -> Self {
        Report::new(quantity)
    }
}

impl From<Decimal> for Report {
    fn from(quantity: Decimal) -> Self {
        Report::new(quantity)
    }
}

impl From<i32> for Feed {
    fn from(quantity: i32) -> Self {
        Feed::new(quantity)
    }
}

impl From<Decimal> for Feed {
    fn from(quantity: Decimal) -> Self {
        Feed::new(quantity)
    }
}
