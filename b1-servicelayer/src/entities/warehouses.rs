//! Warehouses (仓库) and bins (库位).

use crate::enums::BoYesNoEnum;
use crate::{Decimal, Entity, UserFields};

/// A warehouse (仓库), set `Warehouses`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Warehouses", key = "WarehouseCode")]
pub struct Warehouse {
    /// Code of the warehouse; the key.
    pub warehouse_code: Option<String>,
    /// Name of the warehouse.
    pub warehouse_name: Option<String>,
    /// Whether it is out of use.
    pub inactive: Option<BoYesNoEnum>,
    /// Whether it has bins (库位).
    pub enable_bin_locations: Option<BoYesNoEnum>,
    /// Key of the usual bin.
    pub default_bin: Option<i32>,
    /// Whether the usual bin must be used.
    pub default_bin_enforced: Option<BoYesNoEnum>,
    /// What stands between the parts of a bin's code.
    pub bin_loc_code_separator: Option<String>,
    /// Number of the branch (分支).
    #[entity(name = "BusinessPlaceID")]
    pub business_place_id: Option<i32>,
    /// Number of the location.
    pub location: Option<i32>,
    /// Whether goods go directly from supplier to customer.
    pub drop_ship: Option<BoYesNoEnum>,
    /// Whether requirements planning counts its stock.
    pub nettable: Option<BoYesNoEnum>,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub street_no: Option<String>,
    /// Block.
    pub block: Option<String>,
    /// Building, floor, room.
    pub building_floor_room: Option<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// County.
    pub county: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country, two letters.
    pub country: Option<String>,
    /// Stock account.
    pub stock_account: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A bin in a warehouse (库位), set `BinLocations`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "BinLocations", key = "AbsEntry")]
pub struct BinLocation {
    /// Key of the bin.
    pub abs_entry: Option<i32>,
    /// Code of the bin, made of the warehouse and the sublevels.
    pub bin_code: Option<String>,
    /// Code of the warehouse.
    pub warehouse: Option<String>,
    /// First part of the code.
    pub sublevel1: Option<String>,
    /// Second part of the code.
    pub sublevel2: Option<String>,
    /// Third part of the code.
    pub sublevel3: Option<String>,
    /// Fourth part of the code.
    pub sublevel4: Option<String>,
    /// Bar code.
    pub bar_code: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Code to sort by.
    pub alternative_sort_code: Option<String>,
    /// Whether it is out of use.
    pub inactive: Option<BoYesNoEnum>,
    /// Whether the system made it.
    pub is_system_bin: Option<BoYesNoEnum>,
    /// Whether goods are received into it.
    pub receiving_bin_location: Option<BoYesNoEnum>,
    /// Code of the only item that it may hold.
    pub specific_item: Option<String>,
    /// Number of the only item group that it may hold.
    pub specific_item_group: Option<i32>,
    /// Why it is restricted.
    pub restriction_reason: Option<String>,
    /// Lowest quantity.
    pub minimum_qty: Option<Decimal>,
    /// Highest quantity.
    pub maximum_qty: Option<Decimal>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
