//! The event `sys_approval_change` (审批状态通知事件).

use std::fmt;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::detail::old_relation;
use super::enums::{Change, NodeKind};
use super::form::{Comment, Form, Node, Person};
use super::quirks::Quirks;

/// Agent id of the built-in approval app.
pub(super) const APPROVAL_AGENT: i64 = 3_010_040;

/// Something that happened to a form, with the form as it was then.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) form: Form,
    pub(super) change: Change,
    pub(super) at: DateTime<Utc>,
}

/// Which elements the body carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Body {
    #[default]
    Current,
    /// Before mid-2025: neither `SpNoStr` nor `ProcessList`.
    Old,
    /// Without `SpNo`.
    WithoutSpNo,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} change {}", self.form.sp_no, self.change.number())
    }
}

impl Event {
    pub(super) fn new(form: &Form, change: Change, at: DateTime<Utc>) -> Self {
        let form = Form { earlier: Vec::new(), ..form.clone() };
        Event { form, change, at }
    }

    /// The message for the app with this id.
    pub(super) fn xml(&self, corp_id: &str, agent: i64, body: Body, quirks: &Quirks) -> String {
        let agent = if quirks.events_name_approval_app { APPROVAL_AGENT } else { agent };
        let mut xml = Xml(String::new());
        xml.open("xml");
        xml.text("ToUserName", corp_id);
        xml.text("FromUserName", "sys");
        xml.number("CreateTime", self.at.timestamp());
        xml.text("MsgType", "event");
        xml.text("Event", "sys_approval_change");
        xml.number("AgentID", agent);
        xml.open("ApprovalInfo");
        self.info(&mut xml, body, quirks);
        xml.close("ApprovalInfo");
        xml.close("xml");
        xml.0
    }

    fn info(&self, xml: &mut Xml, body: Body, quirks: &Quirks) {
        let Form { sp_no, name, template_id, created, applicant, department, state, .. } =
            &self.form;
        if body != Body::Old {
            xml.text("SpNoStr", sp_no);
        }
        if body != Body::WithoutSpNo {
            xml.plain("SpNo", sp_no);
        }
        xml.text("SpName", name);
        xml.number("SpStatus", state.status as i64);
        xml.text("TemplateId", template_id);
        xml.number("ApplyTime", created.timestamp());
        xml.open("Applyer");
        xml.text("UserId", applicant);
        xml.text("Party", &department.to_string());
        xml.close("Applyer");
        for node in state.nodes.iter().filter(|node| node.kind == NodeKind::Approver) {
            record(xml, node, quirks);
        }
        let cc = state.nodes.iter().filter(|node| node.kind == NodeKind::Cc);
        for person in cc.flat_map(|node| &node.people) {
            xml.wrapped("Notifyer", "UserId", &person.userid);
        }
        if body != Body::Old {
            xml.open("ProcessList");
            for node in &state.nodes {
                process_node(xml, node);
            }
            xml.close("ProcessList");
        }
        for one in &state.comments {
            comment(xml, one);
        }
        xml.number("StatuChangeEvent", self.change.number());
    }
}

fn record(xml: &mut Xml, node: &Node, quirks: &Quirks) {
    xml.open("SpRecord");
    xml.number("SpStatus", node.status as i64);
    xml.number("ApproverAttr", old_relation(node.relation, quirks));
    for person in &node.people {
        xml.open("Details");
        xml.wrapped("Approver", "UserId", &person.userid);
        xml.text("Speech", &person.speech);
        xml.number("SpStatus", person.verdict as i64);
        xml.number("SpTime", acted(person));
        for media in &person.media {
            xml.text("Attach", media);
        }
        xml.close("Details");
    }
    xml.close("SpRecord");
}

/// A node in the new view; its `Sptime` is spelt otherwise than the `SpTime` of the old one.
fn process_node(xml: &mut Xml, node: &Node) {
    xml.open("NodeList");
    xml.number("NodeType", node.kind as i64);
    let is_cc = node.kind == NodeKind::Cc;
    if !is_cc {
        xml.number("SpStatus", node.status as i64);
        xml.number("ApvRel", node.relation as i64);
    }
    for person in &node.people {
        xml.open("SubNodeList");
        xml.wrapped("UserInfo", "UserId", &person.userid);
        if !is_cc {
            xml.text("Speech", &person.speech);
            xml.number("SpYj", person.verdict as i64);
            xml.number("Sptime", acted(person));
            for media in &person.media {
                xml.text("MediaIds", media);
            }
        }
        xml.close("SubNodeList");
    }
    xml.close("NodeList");
}

fn comment(xml: &mut Xml, comment: &Comment) {
    xml.open("Comments");
    xml.wrapped("CommentUserInfo", "UserId", &comment.userid);
    xml.number("CommentTime", comment.at.timestamp());
    xml.text("CommentContent", &comment.text);
    xml.text("CommentId", &comment.id);
    for media in &comment.media {
        xml.text("Attach", media);
    }
    xml.close("Comments");
}

fn acted(person: &Person) -> i64 {
    person.acted.map_or(0, |at| at.timestamp())
}

/// XML as the platform writes it: no white space, texts as CDATA, numbers plain.
pub(super) struct Xml(pub(super) String);

impl Xml {
    pub(super) fn open(&mut self, name: &str) {
        self.push(format_args!("<{name}>"));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.push(format_args!("</{name}>"));
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        // The end mark of a CDATA section cannot stand inside one.
        let text = text.replace("]]>", "]]]]><![CDATA[>");
        self.push(format_args!("<{name}><![CDATA[{text}]]></{name}>"));
    }

    pub(super) fn number(&mut self, name: &str, number: i64) {
        self.push(format_args!("<{name}>{number}</{name}>"));
    }

    fn plain(&mut self, name: &str, digits: &str) {
        self.push(format_args!("<{name}>{digits}</{name}>"));
    }

    fn wrapped(&mut self, outer: &str, inner: &str, text: &str) {
        self.open(outer);
        self.text(inner, text);
        self.close(outer);
    }

    fn push(&mut self, text: fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _written = self.0.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::enums::Relation;
    use super::super::flow::Opinion;
    use super::super::form::State;
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// The event of this name in the vectors, which were not made by this project.
    fn expected(id: &str) -> String {
        let vectors = include_str!("../../tests/fixtures/wecom.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let mut events = vectors["events"].as_array().unwrap().iter();
        events.find(|event| event["id"] == id).unwrap()["xml"].as_str().unwrap().to_owned()
    }

    fn form(sp_no: &str, name: &str, template: &str, created: i64, by: (&str, i64)) -> Form {
        Form {
            sp_no: sp_no.to_owned(),
            name: name.to_owned(),
            template_id: template.to_owned(),
            record_type: None,
            created: at(created),
            applicant: by.0.to_owned(),
            department: by.1,
            contents: Vec::new(),
            state: State::start(Vec::new()),
            earlier: Vec::new(),
        }
    }

    fn node(kind: NodeKind, relation: Relation, users: &[&str]) -> Node {
        let users: Vec<_> = users.iter().map(|user| (*user).to_owned()).collect();
        Node::new(kind, relation, &users)
    }

    fn xml(form: &Form, change: Change, created: i64, agent: i64) -> String {
        let event = Event::new(form, change, at(created));
        event.xml("ww6f3c1d9a02b7e845", agent, Body::Current, &Quirks::default())
    }

    #[test]
    fn an_approval_reads_as_the_platform_writes_it() {
        const TEMPLATE: &str = "3WN6KvVqHhTnRz5e8BsJ2YxQmCpL7dFgUaEt9XoS";
        let by = ("chenmeng", 2);
        let mut form = form("202507010001", "采购订单审批", TEMPLATE, 1_751_335_198, by);
        form.state = State::start(vec![
            node(NodeKind::Approver, Relation::All, &["zhoukai", "liuyan"]),
            node(NodeKind::Approver, Relation::Any, &["sunboss"]),
            node(NodeKind::Cc, Relation::All, &["wangcai"]),
        ]);
        let submitted = xml(&form, Change::Submitted, 1_751_335_200, APPROVAL_AGENT);
        assert_eq!(submitted, expected("chg-01-submit"));
        let opinion = Opinion::from("同意，单价已核对");
        form.state.agree("zhoukai", &opinion, at(1_751_335_798)).unwrap();
        let agreed = xml(&form, Change::Agreed, 1_751_335_800, 1_000_002);
        assert_eq!(agreed, expected("chg-02-agree-one-of-two"));
        form.state.agree("liuyan", &"同意".into(), at(1_751_337_000)).unwrap();
        form.state.agree("sunboss", &"批准 👍".into(), at(1_751_338_798)).unwrap();
        let passed = xml(&form, Change::Agreed, 1_751_338_800, 1_000_002);
        assert_eq!(passed, expected("chg-03-passed"));
    }

    #[test]
    fn a_rejection_carries_its_attachments_and_special_characters() {
        const TEMPLATE: &str = "Bs7xLp4QvRkT2mNwYc9HsDfGjZ3eUaKq8VbXo1Ti";
        let mut form = form("202507010002", "付款申请", TEMPLATE, 1_751_335_260, ("libai", 5));
        form.state = State::start(vec![
            node(NodeKind::Approver, Relation::Any, &["zhoukai"]),
            node(NodeKind::Approver, Relation::Any, &["sunboss"]),
        ]);
        form.state.agree("zhoukai", &Opinion::default(), at(1_751_336_400)).unwrap();
        let speech = "金额不符：合同 <HT-2025-88> 为 1,000.00 & 含税\n请修改后重新提交";
        let opinion = Opinion::from(speech).attach("WWCISP_aB3-xQ_1").attach("WWCISP_aB3-xQ_2");
        form.state.reject("sunboss", &opinion, at(1_751_342_398)).unwrap();
        let rejected = xml(&form, Change::Rejected, 1_751_342_400, 1_000_002);
        assert_eq!(rejected, expected("chg-04-rejected"));
    }

    #[test]
    fn a_transfer_shows_both_people() {
        const TEMPLATE: &str = "3WN6KvVqHhTnRz5e8BsJ2YxQmCpL7dFgUaEt9XoS";
        let by = ("wu.jun-jie", 12);
        let mut form = form("202507010003", "销售报价审批", TEMPLATE, 1_751_335_300, by);
        form.state = State::start(vec![node(NodeKind::Approver, Relation::Any, &["zhoukai"])]);
        let (kind, opinion) = (NodeKind::Approver, Opinion::from("请刘燕处理"));
        form.state.pass_on("zhoukai", "liuyan", kind, &opinion, at(1_751_336_098)).unwrap();
        let transferred = xml(&form, Change::Transferred, 1_751_336_100, 1_000_002);
        assert_eq!(transferred, expected("chg-05-transferred"));
        let event = Event::new(&form, Change::Urged, at(1_751_336_200));
        let old = event.xml("ww1", 1_000_002, Body::Old, &Quirks::default());
        assert!(!old.contains("SpNoStr") && !old.contains("ProcessList"), "{old}");
        let without = event.xml("ww1", 1_000_002, Body::WithoutSpNo, &Quirks::default());
        assert!(without.contains("<SpNoStr>") && !without.contains("<SpNo>"), "{without}");
    }

    #[test]
    fn a_text_cannot_end_its_section() {
        let mut xml = Xml(String::new());
        xml.text("Speech", "a]]>b");
        assert_eq!(xml.0, "<Speech><![CDATA[a]]]]><![CDATA[>b]]></Speech>");
    }
}
