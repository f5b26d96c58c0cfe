//! Approval forms (审批单): submit one from an ERP document, follow it, read the decision.
//!
//! ```no_run
//! use wecom::approvals::{ControlValue, Decision, Process, SignMode, SubmitForm};
//!
//! # async fn run(client: wecom::Client) -> wecom::Result<()> {
//! let approvals = client.approvals();
//! let form = SubmitForm::new("chenmeng", "3Tka1eD6v6JfzhDMqPd3aMkFdxqtJMc2ZRioeFXkaaa")
//!     .value("草稿单号", ControlValue::text("10023")) // by title, or by the control's id
//!     .value("总金额", ControlValue::money(33_600))
//!     .rows("明细", [
//!         [("物料编码", ControlValue::text("A-0001")), ("数量", ControlValue::number(100))],
//!     ])
//!     .summary("采购订单 10023")
//!     .process(Process::new().approvers(SignMode::All, ["zhoukai", "liuyan"]).cc(["wangcai"]));
//! let sp_no = approvals.submit(&form).await?;
//!
//! let form = approvals.get(&sp_no).await?;
//! if form.decision() == Decision::Approved {
//!     println!("{:?} is approved", form.control("草稿单号")?.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! **Two numberings.** Flow nodes say how many of their people have to sign, and old and new members
//! count in opposite directions: 1 is "all" in [`SignMode`] and "any one" in [`ApproverAttr`]. They
//! are two types here, and nothing converts one into the other by number.

mod check;
mod control;
mod define;
mod engine;
mod form;
mod list;
mod process;
mod progress;
mod read;
mod status;
mod submit;
mod submit_once;
mod template;
mod vacation;
mod value;
mod write;

use crate::client::Client;

pub use control::{Control, Row};
pub use define::{ControlDefinition, OptionForm, TemplateDefinition};
pub use engine::{EngineForm, EngineItem, EngineNode, EnginePersonStatus, EngineStatus};
pub use form::{Applicant, Decision, Form};
pub use list::{ListForms, RecordType};
pub use process::{LegacyProcess, NotifyType, Process};
pub use progress::{Comment, Node, Opinion, Progress, Record};
pub use status::{ApproverAttr, ChangeEvent, FormStatus, NodeType, OpinionStatus, SignMode};
pub use submit::{Submit, SubmitForm};
pub use submit_once::{SubmitOnce, Submitted};
pub(crate) use template::TemplateMemory;
pub use template::{
    ContactMode, DateType, SelectorType, Template, TemplateControl, TemplateOption,
};
pub use vacation::{VacationQuota, VacationType};
pub use value::{
    Attendance, AttendanceKind, AttendanceSlice, AttendanceSlices, Bank, BankAccount,
    ContactDepartment, ContactMember, ControlKind, ControlValue, DateValue, FormFile, Location,
    Period, PunchCorrection, RelatedForm, SelectedOption, TimeZoneInfo, Vacation,
};

/// Approval forms and templates. From [`Client::approvals`].
#[derive(Clone, Debug)]
pub struct Approvals {
    client: Client,
}

impl Client {
    /// Approval forms and templates (审批). Each call may be made 600 times a minute.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        Approvals { client: self.clone() }
    }
}
