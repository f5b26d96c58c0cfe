//! What people do in WeCom.

use erplink_sandbox::Sandbox;
use serde_json::Value;

use crate::Failure;

/// A form in WeCom as its readers see it.
pub(super) struct Form {
    pub sp_no: String,
    pub template_id: String,
    /// What is in its first control: the number of the ERP's document.
    pub source: String,
    running: bool,
    asked: Option<String>,
}

/// All forms.
pub(super) fn forms(sandbox: &Sandbox) -> Result<Vec<Form>, Failure> {
    let office = sandbox.wecom();
    let form = |sp_no: String| {
        let state = office.form(&sp_no)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Form {
            template_id: text(&state["template_id"]),
            source: text(&state["apply_data"]["contents"][0]["value"]["text"]),
            running: state["sp_status"] == 1,
            asked: state["asked"][0].as_str().map(str::to_owned),
            sp_no,
        })
    };
    office.forms().into_iter().map(form).collect()
}

/// The only form of a template for the document with this number.
pub(super) fn only_form<'a>(
    forms: &'a [Form],
    template_id: &str,
    source: &str,
) -> Result<&'a Form, Failure> {
    let ours = |form: &&Form| form.template_id == template_id && form.source == source;
    let found: Vec<_> = forms.iter().filter(ours).collect();
    match found.as_slice() {
        [form] => Ok(form),
        [] => Err(format!("document {source} has no form in WeCom").into()),
        several => Err(format!("document {source} is {} times in WeCom", several.len()).into()),
    }
}

impl Form {
    /// Everybody agrees, or the first who is asked refuses. Nothing happens to what has ended.
    pub(super) fn decide(&self, sandbox: &Sandbox, approve: bool) -> Result<(), Failure> {
        match &self.asked {
            Some(_) if self.running && approve => {
                Ok(sandbox.wecom().approve_to_the_end(&self.sp_no)?)
            }
            Some(asked) if self.running => {
                Ok(sandbox.wecom().refuse(&self.sp_no, asked, "下季度再议")?)
            }
            _ => Ok(()),
        }
    }

    /// The key of its end in the ledger.
    pub(super) fn end(&self, approved: bool) -> String {
        format!("{}:{}", self.sp_no, if approved { 2 } else { 3 })
    }
}
