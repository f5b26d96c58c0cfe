//! The event `sys_approval_change` (审批状态通知事件).

use std::fmt;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::detail::old_relation;
use super::flow::{Change, NodeKind};
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
