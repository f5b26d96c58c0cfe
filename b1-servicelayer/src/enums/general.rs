//! Enums that every area uses.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// Yes or no (是/否). The Service Layer has no booleans.
    pub enum BoYesNoEnum {
        /// No (否).
        No = "tNO" | "N",
        /// Yes (是).
        Yes = "tYES" | "Y",
    }
}

open_enum! {
    /// Yes, no, or not said.
    pub enum BoYesNoNoneEnum {
        /// No (否).
        No = "boNO",
        /// Yes (是).
        Yes = "boYES",
        /// Not said.
        None = "boNONE",
    }
}

open_enum! {
    /// The state of a document or of one of its lines.
    pub enum BoStatus {
        /// Open (未清).
        Open = "bost_Open" | "O",
        /// Closed (已结算).
        Close = "bost_Close" | "C",
        /// Paid.
        Paid = "bost_Paid" | "P",
        /// Delivered.
        Delivered = "bost_Delivered" | "D",
    }
}

open_enum! {
    /// Whether a document has been printed.
    pub enum PrintStatusEnum {
        /// Not printed.
        No = "psNo" | "N",
        /// Printed.
        Yes = "psYes" | "Y",
        /// Printed, then changed.
        Amended = "psAmended" | "A",
    }
}

open_enum! {
    /// Which of an item's three prices a special price starts from.
    pub enum SourceCurrencyEnum {
        /// The price in the primary currency.
        PrimaryCurrency = "sc_PrimaryCurrency" | "0",
        /// The price in the first additional currency.
        AdditionalCurrency1 = "sc_AdditionalCurrency1" | "1",
        /// The price in the second additional currency.
        AdditionalCurrency2 = "sc_AdditionalCurrency2" | "2",
    }
}

open_enum! {
    /// Whether a batch may be issued.
    pub enum BatchDetailServiceStatusEnum {
        /// Released (已释放).
        Released = "bdsStatus_Released" | "0",
        /// Not accessible.
        NotAccessible = "bdsStatus_NotAccessible" | "1",
        /// Locked (已锁定).
        Locked = "bdsStatus_Locked" | "2",
    }
}

edm_via_serde!(
    BoYesNoEnum,
    BoYesNoNoneEnum,
    BoStatus,
    PrintStatusEnum,
    SourceCurrencyEnum,
    BatchDetailServiceStatusEnum,
);

impl From<bool> for BoYesNoEnum {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
