//! The states and acts of a form, as numbers on the wire.

use crate::number_enum::number_enum;

number_enum! {
    /// State of a form (`sp_status`).
    pub enum FormStatus {
        /// Under approval (审批中).
        Pending = 1,
        /// Passed (已同意).
        Passed = 2,
        /// Rejected (已驳回).
        Rejected = 3,
        /// Revoked by the applicant before a decision (已撤销).
        Revoked = 4,
        /// Revoked after it had passed (通过后撤销).
        RevokedAfterPass = 6,
        /// Deleted (已删除).
        Deleted = 7,
        /// Paid (已支付): payment forms, after they passed.
        Paid = 10,
    }
}

impl FormStatus {
    /// Whether approval is over. A passed form can still be revoked, deleted or paid.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Unknown(_))
    }
}

number_enum! {
    /// What happened to a form (`StatuChangeEvent`; the spelling is theirs). Whether it goes on is
    /// told by [`FormStatus`]: somebody may have agreed while others have not.
    pub enum ChangeEvent {
        /// Submitted (提单).
        Submitted = 1,
        /// Somebody agreed (同意).
        Agreed = 2,
        /// Somebody rejected it (驳回).
        Rejected = 3,
        /// Somebody handed their task to another (转审).
        Transferred = 4,
        /// The applicant urged (催办).
        Urged = 5,
        /// Revoked (撤销).
        Revoked = 6,
        /// Revoked after it had passed (通过后撤销).
        RevokedAfterPass = 8,
        /// A remark was added (添加备注).
        Commented = 10,
        /// Sent back to an earlier approver (回退给指定审批人).
        SentBack = 11,
        /// An approver was added (添加审批人).
        SignerAdded = 12,
        /// Somebody agreed and added another signer (加签并同意).
        AgreedAndSignerAdded = 13,
        /// Handled (已办理).
        Handled = 14,
        /// The handling was handed over (已转交).
        HandedOver = 15,
    }
}

number_enum! {
    /// What one person or a whole node did.
    pub enum OpinionStatus {
        /// Not yet (审批中).
        Pending = 1,
        /// Agreed (已同意).
        Agreed = 2,
        /// Rejected (已驳回).
        Rejected = 3,
        /// Handed to another (已转审).
        Transferred = 4,
        /// Sent back to an earlier approver (已退回).
        SentBack = 11,
        /// Added a signer (已加签).
        SignerAdded = 12,
        /// Agreed and added a signer (已同意并加签).
        AgreedAndSignerAdded = 13,
        /// Handled (已办理).
        Handled = 14,
        /// Handed the handling over (已转交).
        HandedOver = 15,
    }
}

impl OpinionStatus {
    /// Whether it counts as a yes.
    #[must_use]
    pub fn is_agreement(self) -> bool {
        matches!(self, Self::Agreed | Self::AgreedAndSignerAdded)
    }
}

number_enum! {
    /// What a node of the flow is for.
    pub enum NodeType {
        /// Approvers (审批人).
        Approver = 1,
        /// People who get a copy (抄送人).
        Cc = 2,
        /// Handlers (办理人).
        Handler = 3,
    }
}

number_enum! {
    /// Who of a node's people has to sign, in the **current** numbering (`apv_rel`).
    ///
    /// The old numbering, [`ApproverAttr`], is the reverse.
    pub enum SignMode {
        /// All of them (会签).
        All = 1,
        /// Any one of them (或签).
        Any = 2,
        /// One after another (依次审批).
        Sequential = 3,
    }
}

number_enum! {
    /// Who of a node's people has to sign, in the **old** numbering (`attr`, `approverattr`).
    ///
    /// The current numbering, [`SignMode`], is the reverse.
    pub enum ApproverAttr {
        /// Any one of them (或签).
        Any = 1,
        /// All of them (会签).
        All = 2,
    }
}
