//! What people do in DingTalk.

use erplink_sandbox::Sandbox;
use serde_json::Value;

use crate::Failure;

/// The control with the number of the ERP's document.
const SOURCE: &str = "来源单号";

/// A form in DingTalk as its readers see it.
pub(super) struct Form {
    pub id: String,
    pub process_code: String,
    pub source: String,
    running: bool,
    asked: Option<String>,
}

/// All forms.
pub(super) fn forms(sandbox: &Sandbox) -> Result<Vec<Form>, Failure> {
    let office = sandbox.dingtalk();
    let form = |id: String| {
        let state = office.instance(&id)?;
        let controls = state["formComponentValues"].as_array();
        let source = controls.into_iter().flatten().find(|control| control["name"] == SOURCE);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Form {
            source: source.map(|control| text(&control["value"])).unwrap_or_default(),
            process_code: text(&state["processCode"]),
            running: state["status"] == "RUNNING",
            asked: state["openTasks"][0].as_str().map(str::to_owned),
            id,
        })
    };
    office.instances().into_iter().map(form).collect()
}

/// The only form of a template for the document with this number.
pub(super) fn only_form<'a>(
    forms: &'a [Form],
    process_code: &str,
    source: &str,
) -> Result<&'a Form, Failure> {
    let ours = |form: &&Form| form.process_code == process_code && form.source == source;
    let found: Vec<_> = forms.iter().filter(ours).collect();
    match found.as_slice() {
        [form] => Ok(form),
        [] => Err(format!("document {source} has no form in DingTalk").into()),
        several => Err(format!("document {source} is {} times in DingTalk", several.len()).into()),
    }
}

impl Form {
    /// Everybody agrees, or the first who is asked refuses. Nothing happens to what has ended.
    pub(super) fn decide(&self, sandbox: &Sandbox, approve: bool) -> Result<(), Failure> {
        match &self.asked {
            Some(_) if self.running && approve => {
                Ok(sandbox.dingtalk().approve_to_the_end(&self.id)?)
            }
            Some(asked) if self.running => {
                Ok(sandbox.dingtalk().refuse(&self.id, asked, "下季度再议")?)
            }
            _ => Ok(()),
        }
    }
}
