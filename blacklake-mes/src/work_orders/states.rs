//! States and kinds of work orders.

use crate::number_enum::number_enum;

number_enum! {
    /// State of a work order (工单状态). The MES may move it on by itself, so what was written does
    /// not have to stay.
    pub enum WorkOrderStatus {
        /// Draft (草稿).
        Draft = 0,
        /// Created (新建).
        Created = 1,
        /// Dispatched (已下发).
        Dispatched = 2,
        /// Under way (执行中).
        Executing = 3,
        /// Finished (已完成).
        Finished = 4,
        /// Closed (已关闭).
        Closed = 5,
    }

    /// How a work order was closed (关闭类型).
    pub enum CloseType {
        /// Done (正常关闭).
        Normal = 1,
        /// Broken off (异常关闭).
        Abnormal = 2,
    }

    /// Kind of a work order (工单类型).
    pub enum WorkOrderType {
        /// Ordinary (普通).
        Ordinary = 1,
        /// Rework (返工).
        Rework = 2,
        /// Conversion (改制).
        Conversion = 3,
        /// Repair (维修).
        Repair = 4,
    }
}

impl WorkOrderType {
    /// The text that imports of the first contract use.
    pub(crate) fn import_text(self) -> String {
        match self {
            Self::Ordinary => "普通".to_owned(),
            Self::Rework => "返工".to_owned(),
            Self::Conversion => "改制".to_owned(),
            Self::Repair => "维修".to_owned(),
            Self::Unknown(number) => number.to_string(),
        }
    }
}
