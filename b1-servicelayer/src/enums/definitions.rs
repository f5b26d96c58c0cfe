//! Enums of the definitions of user-defined fields, tables and objects.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The type of a user-defined field.
    pub enum BoFieldTypes {
        /// Text of limited length.
        Alpha = "db_Alpha" | "A",
        /// Long text.
        Memo = "db_Memo" | "M",
        /// A whole number.
        Numeric = "db_Numeric" | "N",
        /// A date or time.
        Date = "db_Date" | "D",
        /// A decimal number.
        Float = "db_Float" | "B",
    }
}

open_enum! {
    /// The subtype of a user-defined field.
    pub enum BoFldSubTypes {
        /// None.
        None = "st_None",
        /// Address, of text.
        Address = "st_Address" | "?",
        /// Telephone number, of text.
        Phone = "st_Phone" | "#",
        /// Time of day, of a date.
        Time = "st_Time" | "T",
        /// Exchange rate, of a decimal.
        Rate = "st_Rate" | "R",
        /// Amount, of a decimal.
        Sum = "st_Sum" | "S",
        /// Price, of a decimal.
        Price = "st_Price" | "P",
        /// Quantity, of a decimal.
        Quantity = "st_Quantity" | "Q",
        /// Percentage, of a decimal.
        Percentage = "st_Percentage" | "%",
        /// Measure, of a decimal.
        Measurement = "st_Measurement" | "M",
        /// Link, of long text.
        Link = "st_Link" | "B",
        /// Image, of text.
        Image = "st_Image" | "I",
        /// Check box, of text.
        Checkbox = "st_Checkbox",
    }
}

open_enum! {
    /// The type of a user-defined table (UDT, 用户自定义表).
    pub enum BoUTBTableType {
        /// Documents: header of a user-defined object with `DocEntry`.
        Document = "bott_Document" | "3",
        /// Lines of documents.
        DocumentLines = "bott_DocumentLines" | "4",
        /// Master data: header of a user-defined object with `Code`.
        MasterData = "bott_MasterData" | "1",
        /// Lines of master data.
        MasterDataLines = "bott_MasterDataLines" | "2",
        /// A plain table, keyed by a text `Code`.
        NoObject = "bott_NoObject" | "0",
        /// A plain table, keyed by a number that the server counts up.
        NoObjectAutoIncrement = "bott_NoObjectAutoIncrement" | "5",
    }
}

open_enum! {
    /// The type of a user-defined object (UDO, 用户自定义对象).
    pub enum BoUDOObjType {
        /// Document, keyed by `DocEntry`.
        Document = "boud_Document" | "3",
        /// Master data, keyed by `Code`.
        MasterData = "boud_MasterData" | "1",
    }
}

edm_via_serde!(BoFieldTypes, BoFldSubTypes, BoUTBTableType, BoUDOObjType,);
