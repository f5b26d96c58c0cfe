//! The demo corp: the same people as in the demo company of Service Layer, whose users carry these
//! userids in their fax numbers.

use std::collections::VecDeque;

use super::app::{App, AppKind};
use super::directory::{Department, Directory, ROOT_DEPARTMENT, User};
use super::enums::Relation;
use super::event::APPROVAL_AGENT;
use super::ids::Ids;
use super::limits::Meter;
use super::media::MediaStore;
use super::options::Options;
use super::push::PushLog;
use super::template::{Control, FlowNode, Template};
use super::tokens::Tokens;
use super::world::World;

/// The self-built app of the integration.
pub(super) const AGENT: i64 = 1_000_002;
/// Where the contacts-sync secret is kept; it belongs to no app that people see.
pub(super) const CONTACTS_SYNC: i64 = 2_000_002;

const PURCHASING: i64 = 2;
const SALES: i64 = 3;
const WAREHOUSE: i64 = 4;
const FINANCE: i64 = 5;
const PURCHASING_GROUP: i64 = 6;

const PURCHASING_HEAD: &str = "lisi";
const ACCOUNTANT: &str = "wangwu";
const STOREKEEPER: &str = "sunqi";
const GENERAL_MANAGER: &str = "zhouba";

pub(super) fn world(options: &Options) -> World {
    let templates = templates().into_iter();
    World {
        corp_id: "ww6f3c1d9a02b7e845".to_owned(),
        apps: vec![
            App::new(AGENT, "sandbox-Kd2mPq1x-app-secret", AppKind::SelfBuilt),
            App::new(APPROVAL_AGENT, "sandbox-7hYt2WqZ-approval-secret", AppKind::Approval),
            App::new(CONTACTS_SYNC, "sandbox-p0Rx9Lm4-contacts-secret", AppKind::ContactsSync),
        ],
        directory: directory(),
        templates: templates.map(|one| (one.template_id.clone(), one)).collect(),
        forms: Vec::new(),
        media: MediaStore::default(),
        ids: Ids::default(),
        events: Vec::new(),
        tokens: Tokens::default(),
        meter: Meter::default(),
        limits: options.limits,
        quirks: options.quirks,
        client_ip: "127.0.0.1".to_owned(),
        arranged: VecDeque::new(),
        push_log: PushLog::default(),
    }
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    for (id, name, parent) in [
        (ROOT_DEPARTMENT, "华星精密制造有限公司", 0),
        (PURCHASING, "采购部", ROOT_DEPARTMENT),
        (SALES, "销售部", ROOT_DEPARTMENT),
        (WAREHOUSE, "仓储部", ROOT_DEPARTMENT),
        (FINANCE, "财务部", ROOT_DEPARTMENT),
        (PURCHASING_GROUP, "采购一组", PURCHASING),
    ] {
        let order = 100_000_u32;
        directory.put_department(Department { id, name: name.to_owned(), parent, order });
    }
    for (user, position) in [
        (User::new("zhangsan", "张三", "13800000001", &[PURCHASING, PURCHASING_GROUP]), "采购员"),
        (User::new(PURCHASING_HEAD, "李四", "13800000002", &[PURCHASING]), "采购经理"),
        (User::new(ACCOUNTANT, "王五", "13800000003", &[FINANCE]), "财务主管"),
        (User::new("zhaoliu", "赵六", "13800000004", &[SALES]), "销售经理"),
        (User::new(STOREKEEPER, "孙七", "13800000005", &[WAREHOUSE]), "仓库管理员"),
        (User::new(GENERAL_MANAGER, "周八", "13800000006", &[ROOT_DEPARTMENT]), "总经理"),
        (User::new("wujiu", "吴九", "13800000099", &[SALES]), "销售员"),
    ] {
        let (leads, status) = match user.userid.as_str() {
            PURCHASING_HEAD => (vec![PURCHASING], 1),
            ACCOUNTANT => (vec![FINANCE], 1),
            "zhaoliu" => (vec![SALES], 1),
            GENERAL_MANAGER => (vec![ROOT_DEPARTMENT], 1),
            "wujiu" => (vec![], 5),
            _ => (vec![], 1),
        };
        directory.put_user(User { position: position.to_owned(), leads, status, ..user });
    }
    directory
}

fn templates() -> Vec<Template> {
    let by_the_head = || FlowNode::approvers(Relation::All, &[PURCHASING_HEAD]);
    let by_the_store = || FlowNode::approvers(Relation::Any, &[STOREKEEPER, ACCOUNTANT]);
    let mut templates = vec![
        // Drafts: the key is the draft's number.
        Template::new(
            "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa",
            "采购申请草稿审批",
            erp_document("草稿单号", "需求日期", purchase_columns()),
        )
        .node(by_the_head())
        .node(FlowNode::cc(&[ACCOUNTANT])),
        // Custom and formal documents: the key is the document's number.
        Template::new(
            "3TkaPurchaseRequest9mNwYc9HsDfGjZ3eUaKq8aaa",
            "采购申请审批",
            erp_document("单据编号", "需求日期", purchase_columns()),
        )
        .node(FlowNode::approvers(Relation::Sequential, &[PURCHASING_HEAD, ACCOUNTANT]))
        .node(FlowNode::approvers(Relation::All, &[GENERAL_MANAGER])),
        Template::new(
            "3TkaPurchaseOrder6KvVqHhTnRz5e8BsJ2YxQaaa",
            "采购订单审批",
            purchase_order(),
        )
        .node(FlowNode::approvers(Relation::All, &[PURCHASING_HEAD, ACCOUNTANT]))
        .node(FlowNode::cc(&[GENERAL_MANAGER])),
    ];
    for (id, name) in [
        ("3TkaGoodsReceiptDraftRz5e8BsJ2YxQmCpL7d1aaa", "库存收货草稿审批"),
        ("3TkaGoodsIssueDraftnRz5e8BsJ2YxQmCpL7dF2aaa", "库存发货草稿审批"),
        ("3TkaStockTransferDraft5e8BsJ2YxQmCpL7dF3aaa", "库存转储草稿审批"),
    ] {
        let columns = vec![Control::new("Text", 25, "仓库"), Control::new("Text", 26, "目标仓库")];
        let form = erp_document("草稿单号", "过账日期", columns);
        templates.push(Template::new(id, name, form).node(by_the_store()));
    }
    templates
}

/// A form for a document of the ERP: its number, its date, its lines with some columns of their own.
fn erp_document(key: &str, date: &str, more_columns: Vec<Control>) -> Vec<Control> {
    let mut columns = vec![
        Control::new("Text", 21, "物料编码"),
        Control::new("Text", 22, "物料名称"),
        Control::new("Number", 23, "数量"),
        Control::new("Text", 24, "单位"),
    ];
    columns.extend(more_columns);
    vec![
        Control::new("Text", 11, key).required(),
        Control::new("Text", 12, "申请人"),
        Control::day(13, date),
        Control::new("Textarea", 14, "备注"),
        Control::table(15, "物料明细", columns),
        Control::sum(16, "数量合计", &["Number-23"]),
        Control::new("File", 17, "附件"),
    ]
}

fn purchase_columns() -> Vec<Control> {
    vec![Control::day(25, "需求日期"), Control::new("Text", 26, "仓库")]
}

fn purchase_order() -> Vec<Control> {
    vec![
        Control::new("Text", 11, "单据编号").required(),
        Control::new("Text", 12, "供应商编码"),
        Control::new("Text", 13, "供应商名称"),
        Control::new("Money", 14, "总金额").required(),
        Control::choice(15, "付款方式", &[("option-1", "月结30天"), ("option-2", "现结")]),
        Control::day(16, "交货日期"),
        Control::table(
            17,
            "订单明细",
            vec![
                Control::new("Text", 21, "物料编码"),
                Control::new("Text", 22, "物料名称"),
                Control::new("Number", 23, "数量"),
                Control::new("Money", 24, "单价"),
                Control::new("Money", 25, "金额"),
            ],
        ),
        Control::new("Textarea", 18, "备注"),
        Control::new("File", 19, "附件"),
    ]
}
