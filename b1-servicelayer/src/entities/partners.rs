//! Business partners (业务伙伴): customers, suppliers and leads.

use chrono::{NaiveDate, NaiveTime};

use crate::enums::{BoAddressType, BoCardTypes, BoGenderTypes, BoVatStatus, BoYesNoEnum};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// A customer, supplier or lead, set `BusinessPartners`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "BusinessPartners", key = "CardCode", versioned)]
pub struct BusinessPartner {
    /// Code of the partner (业务伙伴代码); the key.
    pub card_code: Option<String>,
    /// Name (业务伙伴名称).
    pub card_name: Option<String>,
    /// Name in another language.
    pub card_foreign_name: Option<String>,
    /// Customer, supplier or lead.
    pub card_type: Option<BoCardTypes>,
    /// Number of the partner group.
    pub group_code: Option<i32>,
    /// Tax number (税号).
    #[entity(name = "FederalTaxID")]
    pub federal_tax_id: Option<String>,
    /// Currency; `##` is all currencies.
    pub currency: Option<String>,
    /// Telephone.
    pub phone1: Option<String>,
    /// Second telephone.
    pub phone2: Option<String>,
    /// Mobile telephone (手机).
    pub cellular: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// E-mail address.
    pub email_address: Option<String>,
    /// Web page.
    pub website: Option<String>,
    /// Name of the usual contact (联系人).
    pub contact_person: Option<String>,
    /// Street of the bill-to address.
    pub address: Option<String>,
    /// Postal code of the bill-to address.
    pub zip_code: Option<String>,
    /// City of the bill-to address.
    pub city: Option<String>,
    /// County of the bill-to address.
    pub county: Option<String>,
    /// Country of the bill-to address, two letters.
    pub country: Option<String>,
    /// Short remarks.
    pub notes: Option<String>,
    /// Long remarks.
    pub free_text: Option<String>,
    /// Number of the payment terms (付款条款).
    pub pay_terms_grp_code: Option<i32>,
    /// Number of the price list.
    pub price_list_num: Option<i32>,
    /// Number of the sales person; -1 is none.
    pub sales_person_code: Option<i32>,
    /// Credit limit, in local currency (信用额度).
    pub credit_limit: Option<Decimal>,
    /// Balance, in local currency. Read-only.
    pub current_account_balance: Option<Decimal>,
    /// Whether the partner pays value-added tax.
    pub vat_liable: Option<BoVatStatus>,
    /// Tax code.
    pub vat_group: Option<String>,
    /// Whether the partner is active (有效).
    pub valid: Option<BoYesNoEnum>,
    /// First active day.
    pub valid_from: Option<NaiveDate>,
    /// Last active day.
    pub valid_to: Option<NaiveDate>,
    /// Whether the partner is inactive (冻结).
    pub frozen: Option<BoYesNoEnum>,
    /// First inactive day.
    pub frozen_from: Option<NaiveDate>,
    /// Last inactive day.
    pub frozen_to: Option<NaiveDate>,
    /// Numbering series.
    pub series: Option<i32>,
    /// Alias.
    pub alias_name: Option<String>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// Day of creation. Read-only.
    pub create_date: Option<NaiveDate>,
    /// Time of creation. Read-only.
    pub create_time: Option<NaiveTime>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
    /// Time of the last change. Read-only.
    pub update_time: Option<NaiveTime>,
    /// Counts the changes. Read-only.
    pub data_version: Option<i32>,
    /// Addresses (地址).
    #[entity(name = "BPAddresses")]
    pub bp_addresses: Option<Vec<BpAddress>>,
    /// Contacts (联系人).
    pub contact_employees: Option<Vec<ContactEmployee>>,
    /// Bank accounts (银行账户).
    #[entity(name = "BPBankAccounts")]
    pub bp_bank_accounts: Option<Vec<BpBankAccount>>,
    /// Branches that may use the partner.
    #[entity(name = "BPBranchAssignment")]
    pub bp_branch_assignment: Option<Vec<BpBranchAssignmentItem>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// An address of a business partner.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct BpAddress {
    /// Name of the address; identifies it together with its type.
    pub address_name: Option<String>,
    /// Ship-to or bill-to.
    pub address_type: Option<BoAddressType>,
    /// Second line of the name.
    pub address_name2: Option<String>,
    /// Third line of the name.
    pub address_name3: Option<String>,
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
    /// Tax number at this address.
    #[entity(name = "FederalTaxID")]
    pub federal_tax_id: Option<String>,
    /// Tax code.
    pub tax_code: Option<String>,
    /// Code of the partner.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// Number of the row.
    pub row_num: Option<i32>,
    /// Global location number.
    pub global_location_number: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A contact at a business partner (联系人).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ContactEmployee {
    /// Code of the partner.
    pub card_code: Option<String>,
    /// Key of the contact, for `ContactPersonCode` of documents.
    pub internal_code: Option<i32>,
    /// Name that identifies the contact at the partner.
    pub name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Form of address.
    pub title: Option<String>,
    /// Position.
    pub position: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Telephone.
    pub phone1: Option<String>,
    /// Second telephone.
    pub phone2: Option<String>,
    /// Mobile telephone.
    pub mobile_phone: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// E-mail address.
    #[entity(name = "E_Mail")]
    pub e_mail: Option<String>,
    /// Remarks.
    pub remarks1: Option<String>,
    /// More remarks.
    pub remarks2: Option<String>,
    /// Gender.
    pub gender: Option<BoGenderTypes>,
    /// Day of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Whether the contact is in use.
    pub active: Option<BoYesNoEnum>,
    /// Day of creation. Read-only.
    pub create_date: Option<NaiveDate>,
    /// Time of creation. Read-only.
    pub create_time: Option<NaiveTime>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
    /// Time of the last change. Read-only.
    pub update_time: Option<NaiveTime>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A bank account of a business partner.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct BpBankAccount {
    /// Key of the account.
    pub internal_key: Option<i32>,
    /// Code of the partner.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// Code of the bank.
    pub bank_code: Option<String>,
    /// Number of the account (银行账号).
    pub account_no: Option<String>,
    /// Name of the account (账户名称).
    pub account_name: Option<String>,
    /// Branch of the bank (支行).
    pub branch: Option<String>,
    /// International account number.
    #[entity(name = "IBAN")]
    pub iban: Option<String>,
    /// BIC of the bank.
    #[entity(name = "BICSwiftCode")]
    pub bic_swift_code: Option<String>,
    /// Country of the bank, two letters.
    pub country: Option<String>,
    /// Street of the bank.
    pub street: Option<String>,
    /// City of the bank.
    pub city: Option<String>,
    /// Postal code of the bank.
    pub zip_code: Option<String>,
    /// Control key.
    pub control_key: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A branch that may use a business partner.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct BpBranchAssignmentItem {
    /// Code of the partner.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// Number of the branch (分支).
    #[entity(name = "BPLID")]
    pub bplid: Option<i32>,
    /// Whether the branch may not use the partner.
    #[entity(name = "DisabledForBP")]
    pub disabled_for_bp: Option<BoYesNoEnum>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
