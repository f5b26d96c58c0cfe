//! Bills of materials (物料清单).

use crate::enums::{BoIssueMethod, BoItemTreeTypes, BoYesNoEnum, ProductionItemType};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// A bill of materials (物料清单), set `ProductTrees`. The parent item must exist.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ProductTrees", key = "TreeCode")]
pub struct ProductTree {
    /// Code of the parent item (父项); the key.
    pub tree_code: Option<String>,
    /// Type of the bill; production when not given.
    pub tree_type: Option<BoItemTreeTypes>,
    /// Quantity of the parent item that the lines are for.
    pub quantity: Option<Decimal>,
    /// Code of the warehouse of the parent item.
    pub warehouse: Option<String>,
    /// Number of the price list.
    pub price_list: Option<i32>,
    /// Name of the parent item. Read-only.
    pub product_description: Option<String>,
    /// Planned average lot size.
    pub plan_avg_prod_size: Option<Decimal>,
    /// Whether components are left out in print.
    #[entity(name = "HideBOMComponentsInPrintout")]
    pub hide_bom_components_in_printout: Option<BoYesNoEnum>,
    /// Code of the project.
    pub project: Option<String>,
    /// Distribution rule of the first dimension.
    pub distribution_rule: Option<String>,
    /// Distribution rule of the second dimension.
    pub distribution_rule2: Option<String>,
    /// Distribution rule of the third dimension.
    pub distribution_rule3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub distribution_rule4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub distribution_rule5: Option<String>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// Components (子项).
    pub product_tree_lines: Option<Vec<ProductTreeLine>>,
    /// Stages of the route.
    pub product_tree_stages: Option<Vec<ProductTreeStage>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A component of a bill of materials (子项).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductTreeLine {
    /// Code of the component.
    pub item_code: Option<String>,
    /// Name of the component.
    pub item_name: Option<String>,
    /// Item, resource or text.
    pub item_type: Option<ProductionItemType>,
    /// Quantity for `Quantity` of the parent item.
    pub quantity: Option<Decimal>,
    /// Quantity beside that of the parent item.
    pub additional_quantity: Option<Decimal>,
    /// Code of the warehouse that it is issued from.
    pub warehouse: Option<String>,
    /// How it is issued.
    pub issue_method: Option<BoIssueMethod>,
    /// Name of the unit of measure. Read-only.
    #[entity(name = "InventoryUOM")]
    pub inventory_uom: Option<String>,
    /// Price of one unit.
    pub price: Option<Decimal>,
    /// Currency of the price.
    pub currency: Option<String>,
    /// Number of the price list.
    pub price_list: Option<i32>,
    /// Remarks.
    pub comment: Option<String>,
    /// Text of a text line.
    pub line_text: Option<String>,
    /// Code of the parent item.
    pub parent_item: Option<String>,
    /// Number of the stage.
    #[entity(name = "StageID")]
    pub stage_id: Option<i32>,
    /// Number of the line, from 0. Read-only.
    pub child_num: Option<i32>,
    /// Place of the line on the screen.
    pub visual_order: Option<i32>,
    /// Account of work in process.
    pub wip_account: Option<String>,
    /// Code of the project.
    pub project: Option<String>,
    /// Distribution rule of the first dimension.
    pub distribution_rule: Option<String>,
    /// Distribution rule of the second dimension.
    pub distribution_rule2: Option<String>,
    /// Distribution rule of the third dimension.
    pub distribution_rule3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub distribution_rule4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub distribution_rule5: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A stage of the route of a bill of materials.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductTreeStage {
    /// Code of the parent item.
    pub father: Option<String>,
    /// Number of the stage, which lines name.
    #[entity(name = "StageID")]
    pub stage_id: Option<i32>,
    /// Place in the sequence.
    pub sequence_number: Option<i32>,
    /// Key of the stage's definition.
    pub stage_entry: Option<i32>,
    /// Name of the stage.
    pub name: Option<String>,
    /// Days of waiting.
    pub waiting_days: Option<Decimal>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
