//! The demo organisation: a small manufacturer that approves what its ERP sends.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};

use super::directory::{Department, Directory, ROOT_DEPARTMENT, User};
use super::files::Files;
use super::ids::Ids;
use super::limits::Meter;
use super::options::Options;
use super::push::PushLog;
use super::stream::Gateway;
use super::template::{Component, FlowNode, Mode, Template};
use super::tokens::Tokens;
use super::world::{App, World};
use super::{api, legacy};

const PURCHASING: i64 = 417_223_049;
const SALES: i64 = 417_223_050;
const WAREHOUSE: i64 = 417_223_051;
const FINANCE: i64 = 417_223_052;
const PURCHASING_GROUP: i64 = 417_223_060;

const BUYER: &str = "manager4974";
const PURCHASING_HEAD: &str = "0147282552401293909";
const ACCOUNTANT: &str = "08058646137";
const SALES_HEAD: &str = "user0031";
const STOREKEEPER: &str = "00213";
const GENERAL_MANAGER: &str = "boss0001";

pub(super) fn world(options: &Options, now: DateTime<Utc>) -> World {
    let templates = templates().into_iter().map(|mut template| {
        template.modified = now;
        (template.process_code.clone(), template)
    });
    World {
        app: App {
            corp_id: "ding9f50b15bccd16741f5bf40eda33b7ba0".to_owned(),
            client_id: "dingabcdefgh12345678".to_owned(),
            client_secret: "sandbox-8Kd2mPq1-client-secret".to_owned(),
            agent_id: 41_605_932,
            scopes: api::SCOPES.into_iter().chain(legacy::SCOPES).collect(),
        },
        directory: directory(),
        templates: templates.collect(),
        instances: BTreeMap::new(),
        files: Files::new(3_996_960_664),
        ids: Ids::default(),
        events: Vec::new(),
        tokens: Tokens::default(),
        meter: Meter::default(),
        limits: options.limits,
        quirks: options.quirks,
        ban: None,
        arranged: VecDeque::new(),
        subscription: None,
        push_log: PushLog::default(),
        stream: Gateway::new(options.stream.clone()),
    }
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    for (id, name, parent) in [
        (ROOT_DEPARTMENT, "华星精密制造有限公司", None),
        (PURCHASING, "采购部", Some(ROOT_DEPARTMENT)),
        (SALES, "销售部", Some(ROOT_DEPARTMENT)),
        (WAREHOUSE, "仓储部", Some(ROOT_DEPARTMENT)),
        (FINANCE, "财务部", Some(ROOT_DEPARTMENT)),
        (PURCHASING_GROUP, "采购一组", Some(PURCHASING)),
    ] {
        directory.put_department(Department { id, name: name.to_owned(), parent });
    }
    for (user, title) in [
        (User::new(BUYER, "张三", "13800000001", &[PURCHASING, PURCHASING_GROUP]), "采购员"),
        (User::new(PURCHASING_HEAD, "李四", "13800000002", &[PURCHASING]), "采购经理"),
        (User::new(ACCOUNTANT, "王五", "13800000003", &[FINANCE]), "财务主管"),
        (User::new(SALES_HEAD, "赵六", "13800000004", &[SALES]), "销售经理"),
        (User::new(STOREKEEPER, "孙七", "13800000005", &[WAREHOUSE]), "仓库管理员"),
        (User::new(GENERAL_MANAGER, "周八", "13800000006", &[ROOT_DEPARTMENT]), "总经理"),
        (User::new("left0099", "吴九", "13800000099", &[SALES]), "销售员"),
    ] {
        let employed = user.userid != "left0099";
        let leads = match user.userid.as_str() {
            PURCHASING_HEAD => vec![PURCHASING],
            SALES_HEAD => vec![SALES],
            ACCOUNTANT => vec![FINANCE],
            GENERAL_MANAGER => vec![ROOT_DEPARTMENT],
            _ => Vec::new(),
        };
        let admin = user.userid == GENERAL_MANAGER;
        directory.put_user(User { title: title.to_owned(), leads, admin, employed, ..user });
    }
    directory
}

fn templates() -> Vec<Template> {
    let purchasing_head =
        || FlowNode::users("1918_5cd3", "采购经理审批", Mode::Single, &[PURCHASING_HEAD]);
    let mut templates = vec![
        Template::new("PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536", "采购申请", purchase_request())
            .node(purchasing_head()),
    ];
    for (code, name) in [
        ("PROC-2AA7D808-0B7C-4C53-9A0D-3C1A53B6E001", "库存收货"),
        ("PROC-2AA7D808-0B7C-4C53-9A0D-3C1A53B6E002", "库存发货"),
        ("PROC-2AA7D808-0B7C-4C53-9A0D-3C1A53B6E003", "库存转储"),
    ] {
        templates.push(Template::new(code, name, stock_movement()).node(FlowNode::users(
            "2044_a1b2",
            "仓储或财务审批",
            Mode::Or,
            &[STOREKEEPER, ACCOUNTANT],
        )));
    }
    let approve_price = |template: Template, head: &str| {
        template
            .node(FlowNode::users("3101_0d4e", "部门经理审批", Mode::Single, &[head]))
            .node(FlowNode::users("3102_77fa", "财务审批", Mode::Single, &[ACCOUNTANT]))
    };
    for (code, name, head) in [
        ("PROC-6C1D3B52-7A54-4E0C-8D0B-5B1F0E7A1001", "业务报价", SALES_HEAD),
        ("PROC-6C1D3B52-7A54-4E0C-8D0B-5B1F0E7A1002", "采购核价", PURCHASING_HEAD),
    ] {
        let form = price_columns().into_iter().map(Component::required).collect();
        templates.push(approve_price(Template::new(code, name, form), head));
    }
    for (code, name, head) in [
        ("PROC-6C1D3B52-7A54-4E0C-8D0B-5B1F0E7A2001", "业务报价明细", SALES_HEAD),
        ("PROC-6C1D3B52-7A54-4E0C-8D0B-5B1F0E7A2002", "采购核价明细", PURCHASING_HEAD),
    ] {
        let form =
            vec![Component::text("备注"), Component::table("价格明细", price_columns()).required()];
        templates.push(approve_price(Template::new(code, name, form), head));
    }
    templates
}

fn purchase_request() -> Vec<Component> {
    erp_document("需求日期", vec![Component::date("需求日期"), Component::text("仓库")])
}

fn stock_movement() -> Vec<Component> {
    erp_document("过账日期", vec![Component::text("仓库"), Component::text("目标仓库")])
}

/// A form for a document of the ERP: its number, its date, its lines with some columns of their own.
fn erp_document(date: &str, more_columns: Vec<Component>) -> Vec<Component> {
    let mut columns = vec![
        Component::text("物料编码"),
        Component::text("物料名称"),
        Component::number("数量"),
        Component::text("单位"),
    ];
    columns.extend(more_columns);
    vec![
        Component::text("来源单号").required(),
        Component::text("申请人"),
        Component::date(date),
        Component::new("TextareaField", "备注"),
        Component::number("数量合计"),
        Component::table("物料明细", columns),
    ]
}

fn price_columns() -> Vec<Component> {
    vec![
        Component::text("物料编码"),
        Component::text("业务伙伴编码"),
        Component::number("价格"),
        Component::text("币种"),
        Component::date("生效日期"),
        Component::date("失效日期"),
        Component::number("价目表"),
    ]
}
