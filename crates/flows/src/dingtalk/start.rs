use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use dingtalk::Client;
use dingtalk::workflow::{CreateInstance, FormValue};
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::form::{Control, Form, FormOriginator};

/// Starts an approval instance (审批实例) for a mapped document.
///
/// DingTalk knows no key against creating twice: a create with an unknown outcome is looked up by
/// originator and source control among the instances of the last days.
#[derive(Clone, Debug)]
pub struct StartApproval {
    dingtalk: Client,
    process_code: String,
    look_back: TimeDelta,
}

impl StartApproval {
    /// For the form with this process code (`PROC-…`); looks seven days back.
    #[must_use]
    pub fn new(dingtalk: Client, process_code: impl Into<String>) -> Self {
        Self { dingtalk, process_code: process_code.into(), look_back: TimeDelta::days(7) }
    }

    /// How many days back an instance with an unknown outcome is looked for: longer than the
    /// program is ever down.
    #[must_use]
    pub fn look_back(mut self, days: u32) -> Self {
        self.look_back = TimeDelta::days(days.into());
        self
    }

    async fn originator(&self, form: &Form) -> Result<(String, i64), Failure> {
        match &form.originator {
            FormOriginator::User { user_id, dept_id } => Ok((user_id.clone(), *dept_id)),
            FormOriginator::Mobile(number) => {
                let person = self.dingtalk.contacts().originator_by_mobile(number).await?;
                Ok((person.user_id, person.dept_id))
            }
        }
    }
}

fn value(control: &Control) -> FormValue {
    FormValue::raw(&control.name, &control.value)
}

#[async_trait]
impl Target for StartApproval {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let form: Form = document.read()?;
        let (user, dept) = self.originator(&form).await?;
        let mut create = CreateInstance::new(user, &self.process_code)
            .dept(dept)
            .values(form.source.iter().map(value))
            .values(form.controls.iter().map(value));
        if let Some(agent) = self.dingtalk.agent_id() {
            create = create.agent_id(agent);
        }
        if let Some(table) = &form.table {
            let rows = table.rows.iter().map(|row| row.iter().map(value).collect::<Vec<_>>());
            create = create.value(FormValue::table(&table.name, rows));
        }
        Ok(Pushed::new(self.dingtalk.workflow().create(&create).await?))
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let form: Form = document.read()?;
        let Some(source) = &form.source else {
            return Ok(Found::CannotTell("the form has no source control to look for".to_owned()));
        };
        let (user, _) = self.originator(&form).await?;
        let workflow = self.dingtalk.workflow();
        let since = Utc::now() - self.look_back;
        let mut ids = workflow.list_ids(&self.process_code, since).originators([user]).ids();
        let mut found = Vec::new();
        while let Some(id) = ids.next().await {
            let id = id?;
            if document.previous_id.as_ref() == Some(&id) {
                continue;
            }
            match workflow.get(&id).await {
                Ok(instance) => {
                    let number = instance.form().get(&source.name).and_then(|one| one.text());
                    if number == Some(source.value.as_str()) {
                        found.push(id);
                    }
                }
                // Deleted between the list and now.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(match found.as_slice() {
            [] => Found::No,
            [id] => Found::Yes(Pushed::new(id)),
            several => Found::CannotTell(format!(
                "{} = {} is in several instances: {}",
                source.name,
                source.value,
                several.join(", "),
            )),
        })
    }
}
