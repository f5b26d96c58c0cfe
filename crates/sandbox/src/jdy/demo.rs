//! The demo company: the same small manufacturer as in the other systems, with its chart of accounts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::options::Options;
use super::world::{Account, World};

pub(super) const CLIENT_ID: &str = "200421";
/// With the characters that break clients which do not quote: `$ + / & =`.
pub(super) const CLIENT_SECRET: &str = "Sbx$jdy+demo/secret&0001==";
pub(super) const USERNAME: &str = "13800000003";
pub(super) const PASSWORD: &str = "Jdy&Sandbox+1234";
pub(super) const TID: &str = "7481001";
pub(super) const TID_SECRET: &str = "sandbox-org-secret";
pub(super) const OUTER_INSTANCE_ID: &str = "492475033566973952";
pub(super) const APP_KEY: &str = "sbxAppKey01";
pub(super) const ROUTER: &str = "https://tf.jdy.com";
pub(super) const S_ID: &str = "7480001";
pub(super) const DB_ID: &str = "7480002";
pub(super) const COMPANY: &str = "示例制造有限公司";
/// Vouchers of earlier periods are refused.
const CURRENT_PERIOD: i64 = 202_001;

/// Number, name, debit, group, whether it wants a customer, a supplier.
const ACCOUNTS: &[(&str, &str, bool, &str, bool, bool)] = &[
    ("1001", "库存现金", true, "流动资产", false, false),
    ("1002", "银行存款", true, "流动资产", false, false),
    ("1122", "应收账款", true, "流动资产", true, false),
    ("1403", "原材料", true, "流动资产", false, false),
    ("1405", "库存商品", true, "流动资产", false, false),
    ("2202", "应付账款", false, "流动负债", false, true),
    ("222101", "应交增值税", false, "流动负债", false, false),
    ("5001", "主营业务收入", false, "营业收入", false, false),
    ("5401", "主营业务成本", true, "营业成本", false, false),
    ("6602", "管理费用", true, "期间费用", false, false),
];

pub(super) fn world(options: Options) -> World {
    let accounts =
        ACCOUNTS.iter().map(|&(number, name, debit, group, customer, supplier)| Account {
            debit,
            group: group.to_owned(),
            customer,
            supplier,
            ..Account::plain(number, name)
        });
    World {
        quirks: options.quirks.clone(),
        options,
        tokens: BTreeMap::new(),
        tokens_given: 0,
        app_secret_version: 0,
        nonces: BTreeSet::new(),
        current_period: CURRENT_PERIOD,
        accounts: accounts.collect(),
        customers: ["C001", "C002"].map(str::to_owned).to_vec(),
        suppliers: vec!["V001".to_owned()],
        vouchers: Vec::new(),
        // Ids are longer than a float holds.
        last_voucher: 9_007_199_254_740_992,
        refused_vouchers: BTreeMap::new(),
        arranged: VecDeque::new(),
    }
}
