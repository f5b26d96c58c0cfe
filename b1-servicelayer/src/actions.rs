//! The actions bound to entities, typed. Whether a set really takes one is decided by the server:
//! closing what is closed answers code -5006.
//!
//! None of them is repeated when its answer is lost: read the entity's status instead.

use crate::entities::{ApprovalRequest, Document, Item, ProductionOrder, StockTransfer, User};
use crate::{Record, Result};

macro_rules! actions {
    ($entity:ident: $($(#[$doc:meta])* $method:ident $action:literal;)+) => {
        impl Record<$entity> {$(
            #[doc = concat!("`POST /{Set}(key)/", $action, "`")]
            ///
            $(#[$doc])*
            ///
            /// # Errors
            /// Of kind `NotFound` when there is no such entity, of kind `Api` when its state does
            /// not allow it.
            pub async fn $method(self) -> Result<()> {
                self.action($action).await.map(drop)
            }
        )+}
    };
}

actions! { Document:
    /// Cancels the document (取消).
    cancel "Cancel";
    /// Closes the document (关闭).
    close "Close";
    /// Opens the document again (重新打开).
    reopen "Reopen";
    /// Creates the document that cancels this one.
    create_cancellation_document "CreateCancellationDocument";
}

actions! { StockTransfer:
    /// Cancels the transfer or request (取消).
    cancel "Cancel";
    /// Closes the request (关闭).
    close "Close";
}

actions! { ProductionOrder:
    /// Cancels the production order (取消生产订单).
    cancel "Cancel";
}

actions! { Item:
    /// Cancels the item.
    cancel "Cancel";
}

actions! { User:
    /// Closes the user.
    close "Close";
    /// Removes the user and frees the licence.
    remove_user_and_license "RemoveUserAndLicense";
}

actions! { ApprovalRequest:
    /// Cancels the approval request (取消审批请求).
    cancel "CancelApprovalRequest";
    /// Restores a cancelled approval request.
    restore "RestoreApprovalRequest";
}
