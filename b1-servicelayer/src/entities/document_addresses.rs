//! Addresses of marketing documents.

use crate::{ComplexType, Decimal, UserFields};

/// Tax data of a document, and its addresses in parts.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct TaxExtension {
    /// Tax number.
    pub tax_id0: Option<String>,
    /// State of the tax office.
    pub state: Option<String>,
    /// County of the tax office.
    pub county: Option<String>,
    /// Incoterms.
    pub incoterms: Option<String>,
    /// Vehicle.
    pub vehicle: Option<String>,
    /// Code of the carrier.
    pub carrier: Option<String>,
    /// Number of packages.
    pub pack_quantity: Option<i32>,
    /// Kind of packages.
    pub pack_description: Option<String>,
    /// Net weight.
    pub net_weight: Option<Decimal>,
    /// Gross weight.
    pub gross_weight: Option<Decimal>,
    /// Street of the ship-to address.
    pub street_s: Option<String>,
    /// Block of the ship-to address.
    pub block_s: Option<String>,
    /// Building of the ship-to address.
    pub building_s: Option<String>,
    /// City of the ship-to address.
    pub city_s: Option<String>,
    /// Postal code of the ship-to address.
    pub zip_code_s: Option<String>,
    /// County of the ship-to address.
    pub county_s: Option<String>,
    /// State or province of the ship-to address.
    pub state_s: Option<String>,
    /// Country of the ship-to address, two letters.
    pub country_s: Option<String>,
    /// Street of the bill-to address.
    pub street_b: Option<String>,
    /// Block of the bill-to address.
    pub block_b: Option<String>,
    /// Building of the bill-to address.
    pub building_b: Option<String>,
    /// City of the bill-to address.
    pub city_b: Option<String>,
    /// Postal code of the bill-to address.
    pub zip_code_b: Option<String>,
    /// County of the bill-to address.
    pub county_b: Option<String>,
    /// State or province of the bill-to address.
    pub state_b: Option<String>,
    /// Country of the bill-to address, two letters.
    pub country_b: Option<String>,
    /// Key of the document.
    pub doc_entry: Option<i32>,
}

/// The addresses of a document in parts.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct AddressExtension {
    /// Street of the ship-to address.
    pub ship_to_street: Option<String>,
    /// House number of the ship-to address.
    pub ship_to_street_no: Option<String>,
    /// Block of the ship-to address.
    pub ship_to_block: Option<String>,
    /// Building of the ship-to address.
    pub ship_to_building: Option<String>,
    /// City of the ship-to address.
    pub ship_to_city: Option<String>,
    /// Postal code of the ship-to address.
    pub ship_to_zip_code: Option<String>,
    /// County of the ship-to address.
    pub ship_to_county: Option<String>,
    /// State or province of the ship-to address.
    pub ship_to_state: Option<String>,
    /// Country of the ship-to address, two letters.
    pub ship_to_country: Option<String>,
    /// Second line of the ship-to address.
    pub ship_to_address2: Option<String>,
    /// Third line of the ship-to address.
    pub ship_to_address3: Option<String>,
    /// Street of the bill-to address.
    pub bill_to_street: Option<String>,
    /// House number of the bill-to address.
    pub bill_to_street_no: Option<String>,
    /// Block of the bill-to address.
    pub bill_to_block: Option<String>,
    /// Building of the bill-to address.
    pub bill_to_building: Option<String>,
    /// City of the bill-to address.
    pub bill_to_city: Option<String>,
    /// Postal code of the bill-to address.
    pub bill_to_zip_code: Option<String>,
    /// County of the bill-to address.
    pub bill_to_county: Option<String>,
    /// State or province of the bill-to address.
    pub bill_to_state: Option<String>,
    /// Country of the bill-to address, two letters.
    pub bill_to_country: Option<String>,
    /// Second line of the bill-to address.
    pub bill_to_address2: Option<String>,
    /// Third line of the bill-to address.
    pub bill_to_address3: Option<String>,
    /// Key of the document.
    pub doc_entry: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
