//! Adapters of Kingdee JDY (精斗云): journal entries of the ERP become vouchers (凭证) there.

mod save;
mod system;
mod voucher;

pub use save::SaveVoucher;
pub use voucher::{Dimension, MappedAccount, VoucherFields, VoucherMap};

pub(crate) use system::KIND;
pub(crate) use voucher::VOUCHER;

use crate::scenario::{Missing, Systems};

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "jdy";

/// The company set (账套) of a company.
///
/// # Errors
/// When the company has none.
pub fn client(systems: &Systems) -> Result<&kingdee_jdy::Client, Missing> {
    systems.get(SYSTEM)
}
