//! A workflow (流程): its form and its nodes, as an administrator designs them.

use super::directory::Directory;

/// A workflow definition. The flow is a line: node after node, with returns to earlier ones.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// 流程id.
    pub id: i64,
    /// The name people see.
    pub name: String,
    /// Id of the workflow's type (流程类型).
    pub type_id: i64,
    /// Name of the workflow's type.
    pub type_name: String,
    /// Id of the form, negative for forms of one's own; its main table follows from it.
    pub form_id: i64,
    /// Fields of the main table.
    pub fields: Vec<Field>,
    /// The columns of each detail table (明细表).
    pub details: Vec<Vec<Field>>,
    /// Create node, approval nodes, archive node.
    pub nodes: Vec<Node>,
    /// Who may start it; empty: everybody.
    pub creators: Vec<String>,
    /// Who gets a copy (抄送) when it is archived.
    pub copy_to: Vec<String>,
    /// False: nobody may start it.
    pub enabled: bool,
    /// Where a return (退回) leads that names no node.
    pub reject_exit: RejectExit,
}

impl Workflow {
    /// A workflow that everybody may start, with a create node and an archive node.
    pub fn new(id: i64, name: &str, form_id: i64, fields: Vec<Field>) -> Self {
        let node = |offset, name, kind| Node {
            id: node_id(id, offset),
            name: String::from(name),
            kind,
            operators: Operators::Creator,
            sign: Sign::Any,
        };
        Workflow {
            id,
            name: name.to_owned(),
            type_id: 167,
            type_name: "ERP 单据".to_owned(),
            form_id,
            fields,
            details: Vec::new(),
            nodes: vec![
                node(0, "创建", NodeKind::Create),
                node(LAST_NODE, "归档", NodeKind::Archive),
            ],
            creators: Vec::new(),
            copy_to: Vec::new(),
            enabled: true,
            reject_exit: RejectExit::Creator,
        }
    }

    /// With one more detail table.
    #[must_use]
    pub fn detail(mut self, columns: Vec<Field>) -> Self {
        self.details.push(columns);
        self
    }

    /// With one more approval node before the archive.
    #[must_use]
    pub fn approval(mut self, name: &str, operators: Operators, sign: Sign) -> Self {
        let at = self.nodes.len().saturating_sub(1);
        let id = node_id(self.id, at);
        let name = name.to_owned();
        self.nodes.insert(at, Node { id, name, kind: NodeKind::Approve, operators, sign });
        self
    }

    /// `formtable_main_1356`.
    #[must_use]
    pub fn main_table(&self) -> String {
        format!("formtable_main_{}", self.form_id.unsigned_abs())
    }

    /// `formtable_main_1356_dt1` for the first detail table, whose index is 0.
    #[must_use]
    pub fn detail_table(&self, index: usize) -> String {
        format!("{}_dt{}", self.main_table(), index.saturating_add(1))
    }

    /// Table names compare without regard to case.
    pub(super) fn detail_index(&self, table: &str) -> Option<usize> {
        (0..self.details.len()).find(|index| self.detail_table(*index).eq_ignore_ascii_case(table))
    }

    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    pub(super) fn node_index(&self, id: i64) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    pub(super) fn archive(&self) -> usize {
        self.nodes.len().saturating_sub(1)
    }

    pub(super) fn may_start(&self, user: &str) -> bool {
        self.creators.is_empty() || self.creators.iter().any(|creator| creator == user)
    }
}

/// More nodes than anybody designs; the archive node's id comes after them.
const LAST_NODE: usize = 9;

/// Node ids follow from the workflow's: 781 has 3974, 3975, ….
fn node_id(workflow: i64, offset: usize) -> i64 {
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    workflow.saturating_sub(781).saturating_mul(10).saturating_add(3974).saturating_add(offset)
}

/// A node (节点).
#[derive(Debug, Clone)]
pub struct Node {
    /// 节点id.
    pub id: i64,
    /// The name people see.
    pub name: String,
    /// What kind of node.
    pub kind: NodeKind,
    /// Who is asked here.
    pub operators: Operators,
    /// How many of them have to sign.
    pub sign: Sign,
}

/// `currentNodeType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// 创建, 0.
    Create,
    /// 批准, 1.
    Approve,
    /// 提交 (处理), 2.
    Submit,
    /// 归档, 3: the end.
    Archive,
}

impl NodeKind {
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

/// Who is asked at a node (操作者).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operators {
    /// Who started the request.
    Creator,
    /// The superior of who started the request; the system administrator when there is none.
    Manager,
    /// These users.
    Users(Vec<String>),
}

impl Operators {
    /// These users.
    pub fn users(ids: &[&str]) -> Self {
        Operators::Users(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    /// Ids of the users, never empty: the server gives what finds nobody to the administrator.
    pub(super) fn resolve(&self, creator: &str, directory: &Directory) -> Vec<String> {
        let mut found = match self {
            Operators::Creator => vec![creator.to_owned()],
            Operators::Manager => {
                let manager = directory.users.get(creator).map(|user| user.manager.clone());
                manager.into_iter().filter(|id| !id.is_empty()).collect()
            }
            Operators::Users(users) => users.clone(),
        };
        found.retain(|id| directory.user(id).is_some());
        if found.is_empty() {
            found.push(ADMINISTRATOR.to_owned());
        }
        found
    }
}

/// The system administrator's user id.
pub(super) const ADMINISTRATOR: &str = "1";

/// How many of a node's operators have to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// 非会签: one is enough.
    Any,
    /// 会签: all of them.
    All,
    /// 依次逐个处理: all of them, one after the other.
    InTurn,
}

/// Where a return (退回) leads that names no node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectExit {
    /// The create node: the creator may correct and submit again.
    Creator,
    /// The node before.
    Previous,
    /// The archive node: the refusal ends the request.
    Archive,
}

/// A field (字段) of the main table or a column of a detail table.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the database column.
    pub name: String,
    /// The label people see.
    pub label: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Must not be empty.
    pub mandatory: bool,
}

impl Field {
    /// A field that may stay empty.
    pub fn new(name: &str, label: &str, kind: FieldKind) -> Self {
        Field { name: name.to_owned(), label: label.to_owned(), kind, mandatory: false }
    }

    /// A line of text.
    pub fn text(name: &str, label: &str) -> Self {
        Self::new(name, label, FieldKind::Text)
    }

    /// A decimal number.
    pub fn number(name: &str, label: &str) -> Self {
        Self::new(name, label, FieldKind::Number)
    }

    /// A date, `2024-11-20`.
    pub fn date(name: &str, label: &str) -> Self {
        Self::new(name, label, FieldKind::Date)
    }

    /// The same, mandatory (必填).
    #[must_use]
    pub fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// 单行文本.
    Text,
    /// 多行文本.
    LongText,
    /// 浮点数.
    Number,
    /// 日期, `2024-11-20`.
    Date,
    /// 时间, `14:51`.
    Time,
    /// 选择框: values with their labels.
    Select(Vec<(String, String)>),
    /// 人力资源: user ids, comma-separated.
    Person,
    /// 部门: department ids, comma-separated.
    Department,
    /// 附件上传: files go to this document directory; none: it was forgotten, uploads fail.
    Attachment(Option<i64>),
}

impl FieldKind {
    /// `fieldHtmlType`, `fieldType` and `fieldDBType`.
    pub(super) fn types(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            FieldKind::Text => ("1", "1", "varchar(500)"),
            FieldKind::LongText => ("2", "1", "text"),
            FieldKind::Number => ("1", "3", "decimal(38,6)"),
            FieldKind::Date => ("3", "2", "char(10)"),
            FieldKind::Time => ("3", "19", "char(5)"),
            FieldKind::Select(_) => ("5", "1", "int"),
            FieldKind::Person => ("3", "17", "text"),
            FieldKind::Department => ("3", "57", "text"),
            FieldKind::Attachment(_) => ("6", "1", "text"),
        }
    }
}
