//! Bills of material.

use erplink_core::{Decimal, MemberError, Members, RawJson, open_enum};

use crate::RowError;
use crate::payload::{Body, take_decimal, take_text};

open_enum! {
    /// What a bill of material is for.
    pub enum TreeType {
        /// None.
        NotATree = "iNotATree",
        /// Assembly (装配).
        Assembly = "iAssemblyTree",
        /// Sales (销售).
        Sales = "iSalesTree",
        /// Production (生产). What the ERP takes where nothing is said.
        Production = "iProductionTree",
        /// Template (模板).
        Template = "iTemplateTree",
    }
}

open_enum! {
    /// How a component is issued to production.
    pub enum IssueMethod {
        /// By itself, with the receipt of the product (倒冲). The ERP's default.
        Backflush = "im_Backflush",
        /// By hand (手动).
        Manual = "im_Manual",
    }
}

/// A bill of material (物料清单), with the names of the ERP's `ProductTrees`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bom {
    /// The item that is made (父项). It is the key.
    pub tree_code: String,
    /// Its description.
    pub product_description: Option<String>,
    /// What the bill is for.
    pub tree_type: Option<TreeType>,
    /// How many are made of the lines. The ERP takes 1 where nothing is said.
    pub quantity: Option<Decimal>,
    /// The components (子项), at least one.
    pub lines: Vec<BomLine>,
    /// Whatever else the PLM maps, as it was sent.
    pub rest: Members,
}

/// A component (子项) of a bill of material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BomLine {
    /// The item.
    pub item_code: String,
    /// How many of it. The ERP takes 1 where nothing is said.
    pub quantity: Option<Decimal>,
    /// The warehouse (仓库) it is taken from.
    pub warehouse: Option<String>,
    /// How it is issued.
    pub issue_method: Option<IssueMethod>,
    /// Whatever else the PLM maps, as it was sent.
    pub rest: Members,
}

const LINES: &str = "ProductTreeLines";

impl Bom {
    /// Reads a row.
    ///
    /// # Errors
    /// When `TreeCode`, the lines or the `ItemCode` of a line is missing, or a known field holds
    /// something else than it should. The error names the line.
    pub fn read(mut row: Members) -> Result<Self, RowError> {
        let tree_code =
            take_text(&mut row, "TreeCode")?.ok_or_else(|| RowError::missing("TreeCode"))?;
        let lines = row.objects(LINES)?;
        row.remove(LINES);
        if lines.is_empty() {
            return Err(RowError::missing(LINES));
        }
        Ok(Self {
            tree_code,
            product_description: take_text(&mut row, "ProductDescription")?,
            tree_type: take_text(&mut row, "TreeType")?.map(TreeType::from),
            quantity: take_decimal(&mut row, "Quantity")?,
            lines: (0..)
                .zip(lines)
                .map(|(place, line)| BomLine::read(place, line))
                .collect::<Result<_, _>>()?,
            rest: row,
        })
    }

    pub(crate) fn body(&self) -> Members {
        let lines: Vec<Members> = self.lines.iter().map(BomLine::body).collect();
        Body::new()
            .text("TreeCode", Some(&self.tree_code))
            .text("ProductDescription", self.product_description.as_deref())
            .text("TreeType", self.tree_type.as_ref().map(TreeType::as_str))
            .decimal("Quantity", self.quantity)
            .objects(LINES, &lines)
            .rest(&self.rest)
    }
}

impl From<Bom> for RawJson {
    /// The bill as the ERP takes it.
    fn from(bom: Bom) -> Self {
        bom.body().to_json()
    }
}

impl BomLine {
    fn read(place: usize, mut line: Members) -> Result<Self, RowError> {
        let here = format!("{LINES}[{place}].");
        let named = |error: MemberError| RowError::Field { place: here.clone(), error };
        Ok(Self {
            item_code: take_text(&mut line, "ItemCode")
                .map_err(named)?
                .ok_or_else(|| RowError::missing(format!("{here}ItemCode")))?,
            quantity: take_decimal(&mut line, "Quantity").map_err(named)?,
            warehouse: take_text(&mut line, "Warehouse").map_err(named)?,
            issue_method: take_text(&mut line, "IssueMethod").map_err(named)?.map(Into::into),
            rest: line,
        })
    }

    fn body(&self) -> Members {
        Body::new()
            .text("ItemCode", Some(&self.item_code))
            .decimal("Quantity", self.quantity)
            .text("Warehouse", self.warehouse.as_deref())
            .text("IssueMethod", self.issue_method.as_ref().map(IssueMethod::as_str))
            .rest(&self.rest)
    }
}
