//! The demo organisation: the same small manufacturer as in the other systems, with the workflows
//! that its ERP's documents go through.

use std::collections::{BTreeMap, VecDeque};

use super::cube::{CubeAccount, CubeMethod, ModeTable, Operation};
use super::directory::{Department, Directory, JobTitle, Subcompany, User, UserStatus};
use super::documents::Documents;
use super::ids::Ids;
use super::keys::KeyPair;
use super::options::Options;
use super::tokens::{App, Tokens};
use super::workflow::{ADMINISTRATOR, Field, FieldKind, Operators, Sign, Workflow};
use super::world::World;
use crate::Error;

pub(super) const APPID: &str = "EEAA5436-0000-4E6B-9B1C-000000000003";
const SECRET: &str = "e5b4257a-0000-4e3a-89d3-000000000001";

const BUYER: &str = "15273";
const PURCHASING_HEAD: &str = "15001";
const ACCOUNTANT: &str = "15002";
const SALES_HEAD: &str = "15003";
const STOREKEEPER: &str = "15004";
const GENERAL_MANAGER: &str = "15000";

pub(super) fn world(options: &Options) -> Result<World, Error> {
    let app = App { secret: SECRET.to_owned(), keys: KeyPair::new(0)?, registrations: 0 };
    Ok(World {
        apps: BTreeMap::from([(APPID.to_owned(), app)]),
        tokens: Tokens::default(),
        sessions: BTreeMap::new(),
        directory: directory(),
        workflows: workflows().into_iter().map(|one| (one.id, one)).collect(),
        requests: BTreeMap::new(),
        documents: Documents::new(),
        cube_account: CubeAccount {
            systemid: "SAPB1".to_owned(),
            password: "sandbox-cube-1234".to_owned(),
        },
        cube_methods: cube_methods(),
        mode_tables: mode_tables(),
        hr_identifier: "sandbox-hrm-identifier".to_owned(),
        ids: Ids::default(),
        quirks: options.quirks.clone(),
        received: VecDeque::new(),
        gate_faults: VecDeque::new(),
        arranged: VecDeque::new(),
        callbacks: Vec::new(),
        push_faults: VecDeque::new(),
        pushes: Vec::new(),
        presses: 0,
    })
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    let headquarters = Subcompany { id: "2".to_owned(), name: "总部".to_owned() };
    directory.subcompanies.insert(headquarters.id.clone(), headquarters);
    for (id, name, code, parent) in [
        ("34", "总经办", "D01", ""),
        ("35", "采购部", "D02", ""),
        ("36", "财务部", "D03", ""),
        ("37", "销售部", "D04", ""),
        ("38", "仓储部", "D05", ""),
        ("39", "采购一组", "D0201", "35"),
    ] {
        let department = Department {
            id: id.to_owned(),
            name: name.to_owned(),
            code: code.to_owned(),
            subcompany: "2".to_owned(),
            parent: parent.to_owned(),
        };
        directory.departments.insert(department.id.clone(), department);
    }
    // The same people, with the same mobile numbers, as in the other simulated systems.
    for (id, login, name, department, title, workcode, mobile, manager) in [
        (ADMINISTRATOR, "sysadmin", "系统管理员", "34", "系统管理员", "", "", ""),
        (GENERAL_MANAGER, "zhouba", "周八", "34", "总经理", "E0001", "13800000006", ""),
        (
            PURCHASING_HEAD,
            "lisi",
            "李四",
            "35",
            "采购经理",
            "E0011",
            "13800000002",
            GENERAL_MANAGER,
        ),
        (ACCOUNTANT, "wangwu", "王五", "36", "财务主管", "E0021", "13800000003", GENERAL_MANAGER),
        (SALES_HEAD, "zhaoliu", "赵六", "37", "销售经理", "E0031", "13800000004", GENERAL_MANAGER),
        (STOREKEEPER, "sunqi", "孙七", "38", "仓库管理员", "E0041", "13800000005", GENERAL_MANAGER),
        (BUYER, "zhangsan", "张三", "39", "采购员", "E0042", "13800000001", PURCHASING_HEAD),
        ("15274", "zhangsan2", "张三", "38", "采购员", "E0042", "13800000001", STOREKEEPER),
        ("15099", "wujiu", "吴九", "37", "销售员", "E0099", "13800000099", SALES_HEAD),
    ] {
        let titles = directory.job_titles.len();
        let known = directory.job_titles.values().find(|one| one.name == title);
        let job_title = known.map_or_else(|| (titles + 11).to_string(), |one| one.id.clone());
        let position = JobTitle { id: job_title.clone(), name: title.to_owned() };
        directory.job_titles.insert(job_title.clone(), position);
        let user = User {
            job_title,
            workcode: workcode.to_owned(),
            mobile: mobile.to_owned(),
            manager: manager.to_owned(),
            // A secondary account (次账号), and somebody who has left.
            belongs_to: if id == "15274" { BUYER.to_owned() } else { String::new() },
            status: if id == "15099" { UserStatus::Left } else { UserStatus::Formal },
            ..User::new(id, login, name, department)
        };
        directory.users.insert(user.id.clone(), user);
    }
    directory
}

fn workflows() -> Vec<Workflow> {
    let stock = |id, name, form_id| {
        Workflow::new(id, name, form_id, document_fields()).detail(stock_columns()).approval(
            "仓储或财务审批",
            Operators::users(&[STOREKEEPER, ACCOUNTANT]),
            Sign::Any,
        )
    };
    vec![
        Workflow::new(781, "采购申请", -1356, document_fields())
            .detail(purchase_columns())
            .approval("采购经理审批", Operators::users(&[PURCHASING_HEAD]), Sign::Any),
        stock(782, "库存转储", -1357),
        stock(783, "库存收货", -1358),
        stock(784, "库存发货", -1359),
        Workflow::new(785, "采购订单", -1360, document_fields())
            .detail(purchase_columns())
            .approval("采购经理审批", Operators::users(&[PURCHASING_HEAD]), Sign::Any)
            .approval("财务会签", Operators::users(&[ACCOUNTANT, GENERAL_MANAGER]), Sign::All),
        Workflow::new(
            786,
            "供应商准入",
            -1361,
            vec![
                Field::text("cardcode", "供应商编码").mandatory(),
                Field::text("cardname", "供应商名称").mandatory(),
                Field::text("currency", "币种"),
                Field::text("phone", "电话"),
                Field::text("email", "邮箱"),
                Field::new("gyslx", "供应商类型", supplier_kinds()),
            ],
        )
        .approval("采购经理审批", Operators::users(&[PURCHASING_HEAD]), Sign::Any),
        Workflow::new(
            787,
            "销售订单",
            -1362,
            vec![
                Field::text("cardcode", "客户编码").mandatory(),
                Field::text("numatcard", "客户订单号"),
                Field::date("docduedate", "交货日期"),
                Field::new("comments", "备注", FieldKind::LongText),
            ],
        )
        .detail(vec![
            Field::text("itemcode", "物料编码").mandatory(),
            Field::number("qty", "数量").mandatory(),
            Field::number("price", "单价"),
        ])
        .approval("销售经理审批", Operators::users(&[SALES_HEAD]), Sign::Any),
    ]
}

fn supplier_kinds() -> FieldKind {
    let option = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    FieldKind::Select(vec![option("0", "生产物料"), option("1", "服务")])
}

/// The main table of a form for a document of the ERP.
fn document_fields() -> Vec<Field> {
    vec![
        Field::text("docentry", "单据号").mandatory(),
        Field::text("docnum", "单据编号"),
        Field::text("objtype", "单据类型"),
        Field::text("cardcode", "业务伙伴编码"),
        Field::text("cardname", "业务伙伴名称"),
        Field::new("sqr", "申请人", FieldKind::Person),
        Field::new("sqbm", "申请部门", FieldKind::Department),
        Field::date("docdate", "过账日期"),
        Field::date("reqdate", "需求日期"),
        Field::number("amount", "金额"),
        Field::new("comments", "备注", FieldKind::LongText),
        Field::new("fj", "附件", FieldKind::Attachment(Some(12))),
        Field::new("fj2", "附件 (没有目录)", FieldKind::Attachment(None)),
    ]
}

fn item_columns() -> Vec<Field> {
    vec![
        Field::text("itemcode", "物料编码").mandatory(),
        Field::text("itemname", "物料名称"),
        Field::number("qty", "数量").mandatory(),
        Field::text("unit", "单位"),
        Field::text("whs", "仓库"),
        Field::text("linenum", "行号"),
    ]
}

fn purchase_columns() -> Vec<Field> {
    let mut columns = item_columns();
    columns.extend([Field::number("price", "单价"), Field::date("reqdate", "需求日期")]);
    columns
}

fn stock_columns() -> Vec<Field> {
    let mut columns = item_columns();
    columns.push(Field::text("towhs", "目标仓库"));
    columns
}

fn cube_methods() -> BTreeMap<String, CubeMethod> {
    interfaces("Items", "uf_item").chain(interfaces("BusinessPartners", "uf_bp")).collect()
}

/// The identifiers of a table's interfaces (接口标识): `saveItems`, `listItems`, ….
pub(super) fn interfaces(
    kind: &str,
    table: &str,
) -> impl Iterator<Item = (String, CubeMethod)> + use<> {
    let (kind, table) = (kind.to_owned(), table.to_owned());
    let operations = [
        ("save", Operation::Save),
        ("list", Operation::List),
        ("count", Operation::Count),
        ("delete", Operation::Delete),
    ];
    operations.into_iter().map(move |(verb, operation)| {
        (format!("{verb}{kind}"), CubeMethod { operation, table: table.clone() })
    })
}

fn mode_tables() -> BTreeMap<String, ModeTable> {
    let items =
        ModeTable::new(Some("itemcode"), &["itemcode", "itemname", "unit", "spec", "price", "fj"])
            .detail(&["whs", "qty"]);
    let partners = ModeTable::new(
        Some("cardcode"),
        &["cardcode", "cardname", "cardtype", "currency", "phone", "email"],
    );
    [("uf_item", items), ("uf_bp", partners)]
        .into_iter()
        .map(|(name, table)| (name.to_owned(), table))
        .collect()
}
