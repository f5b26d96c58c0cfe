//! Enums of business partners (业务伙伴).

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The type of a business partner.
    pub enum BoCardTypes {
        /// Customer (客户).
        Customer = "cCustomer" | "C",
        /// Supplier (供应商).
        Supplier = "cSupplier" | "S",
        /// Lead (潜在客户). The server spells it so.
        Lid = "cLid" | "L",
    }
}

open_enum! {
    /// What an address is for.
    pub enum BoAddressType {
        /// Goods are shipped to it (收货方).
        ShipTo = "bo_ShipTo" | "S",
        /// Invoices are sent to it (付款方).
        BillTo = "bo_BillTo" | "B",
    }
}

open_enum! {
    /// Whether a partner pays value-added tax.
    pub enum BoVatStatus {
        /// Exempt (免税).
        Exempted = "vExempted" | "N",
        /// Liable (应税).
        Liable = "vLiable" | "Y",
        /// Inside the European Community.
        Ec = "vEC" | "E",
    }
}

open_enum! {
    /// The gender of a person.
    pub enum BoGenderTypes {
        /// Female (女).
        Female = "gt_Female" | "F",
        /// Male (男).
        Male = "gt_Male" | "M",
        /// Not said.
        Undefined = "gt_Undefined" | "E",
        /// Hidden from this user.
        Masked = "gt_Masked" | "*",
    }
}

edm_via_serde!(BoCardTypes, BoAddressType, BoVatStatus, BoGenderTypes,);
