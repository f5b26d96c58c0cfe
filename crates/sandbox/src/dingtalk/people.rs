//! What people do in the app: start, approve, refuse, withdraw, hand over, comment, delete.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::directory::to_workflow;
use super::instance::{BizAction, Decision, Filled, Instance, Remark};
use super::refusal::Refusal;
use super::request::Request;
use super::{DingTalk, form, tasks};
use crate::Error;

impl DingTalk {
    /// A user starts an instance by hand (发起审批), in the user's main department.
    ///
    /// `values` is what the user types: an object from label to value. Texts stay, numbers become
    /// text, a list of objects becomes the rows of a table, other lists become JSON text.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the form, the user or the template is not right.
    pub fn start_by_hand(
        &self,
        process_code: &str,
        user: &str,
        values: &Value,
    ) -> Result<String, Error> {
        self.platform
            .act(|world, now| {
                let department = world.directory.user(user).and_then(|one| one.departments.first());
                let body = json!({
                    "processCode": process_code,
                    "originatorUserId": user,
                    "deptId": department.map(|id| to_workflow(*id)),
                    "formComponentValues": form::by_hand(values),
                });
                world.create(&Request { query: BTreeMap::new(), body, now })
            })
            .map_err(refused)
    }

    /// The originator changes (修改) an instance that passed: a new instance with other values,
    /// `bizAction` `MODIFY`, attached to the old one. Returns its id.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance, [`Error::Refused`] when it has not
    /// passed or the form is not right.
    pub fn modify(&self, instance: &str, values: &Value) -> Result<String, Error> {
        self.follow_up(instance, BizAction::Modify, |_| form::by_hand(values))
    }

    /// The originator revokes (撤回) an instance that passed: a new instance with the same values,
    /// `bizAction` `REVOKE`, attached to the old one. Returns its id.
    ///
    /// # Errors
    ///
    /// As for [`DingTalk::modify`].
    pub fn revoke(&self, instance: &str) -> Result<String, Error> {
        self.follow_up(instance, BizAction::Revoke, |earlier| {
            let entry = |one: &Filled| json!({"id": one.component_id, "value": one.value});
            earlier.form.iter().map(entry).collect()
        })
    }

    fn follow_up(
        &self,
        main: &str,
        action: BizAction,
        values: impl FnOnce(&Instance) -> Value,
    ) -> Result<String, Error> {
        self.platform.act(|world, now| {
            let earlier = world.instances.get(main).ok_or_else(|| no_instance(main))?;
            if earlier.result != Some(Decision::Agree) {
                let message = "审批实例没有通过";
                return Err(refused(Refusal::new("aflowProcessInstStatusException", message)));
            }
            let body = json!({
                "processCode": earlier.process_code,
                "originatorUserId": earlier.originator,
                "deptId": to_workflow(earlier.department),
                "formComponentValues": values(earlier),
            });
            let request = Request { query: BTreeMap::new(), body, now };
            let id = world.create(&request).map_err(refused)?;
            if let Some(later) = world.instances.get_mut(&id) {
                later.follows = Some((action, main.to_owned()));
            }
            if let Some(earlier) = world.instances.get_mut(main) {
                earlier.attached.push(id.clone());
            }
            Ok(id)
        })
    }

    /// A user agrees (同意) to the open task the user has on the instance.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance, [`Error::Refused`] when the user has no
    /// open task on it.
    pub fn approve(&self, instance: &str, user: &str, remark: &str) -> Result<(), Error> {
        self.decide(instance, user, Decision::Agree, remark)
    }

    /// A user refuses (拒绝), which ends the instance.
    ///
    /// # Errors
    ///
    /// As for [`DingTalk::approve`].
    pub fn refuse(&self, instance: &str, user: &str, remark: &str) -> Result<(), Error> {
        self.decide(instance, user, Decision::Refuse, remark)
    }

    fn decide(
        &self,
        instance: &str,
        user: &str,
        decision: Decision,
        remark: &str,
    ) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let (found, mut moment) =
                world.stage(instance, now).ok_or_else(|| no_instance(instance))?;
            let task = open_task(found, user)?;
            found.decide(task, decision, &Remark::text(remark), &mut moment);
            Ok(())
        })
    }

    /// Everybody who is asked agrees, one after another, until the instance is completed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance, [`Error::Refused`] when it has ended.
    pub fn approve_to_the_end(&self, instance: &str) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let (found, mut moment) =
                world.stage(instance, now).ok_or_else(|| no_instance(instance))?;
            if !found.is_running() {
                return Err(ended());
            }
            while let Some(task) = found.any_open_task() {
                found.decide(task, Decision::Agree, &Remark::text("同意"), &mut moment);
            }
            Ok(())
        })
    }

    /// The originator withdraws the instance (撤销). The app has no waiting time, unlike the call.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance, [`Error::Refused`] when it has ended or
    /// its template forbids it.
    pub fn withdraw(&self, instance: &str) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let found = world.instances.get(instance).ok_or_else(|| no_instance(instance))?;
            let originator = found.originator.clone();
            world.withdraw(instance, &originator, &Remark::default(), now).map_err(refused)
        })
    }

    /// A user hands the open task over to somebody else (转交).
    ///
    /// # Errors
    ///
    /// As for [`DingTalk::approve`]; also [`Error::Refused`] when the new user is unknown.
    pub fn redirect(&self, instance: &str, from: &str, to: &str) -> Result<(), Error> {
        self.platform.act(|world, now| {
            world.require_user(to).map_err(refused)?;
            let (found, mut moment) =
                world.stage(instance, now).ok_or_else(|| no_instance(instance))?;
            let task = open_task(found, from)?;
            found.hand_over(task, to, &Remark::default(), &mut moment);
            Ok(())
        })
    }

    /// A user comments the instance (评论).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the instance or the user is unknown or the text is empty.
    pub fn comment(&self, instance: &str, user: &str, text: &str) -> Result<(), Error> {
        let body = json!({"processInstanceId": instance, "commentUserId": user, "text": text});
        self.platform
            .act(|world, now| tasks::comment(world, &Request { query: BTreeMap::new(), body, now }))
            .map(drop)
            .map_err(refused)
    }

    /// Somebody deletes the instance (删除): it is gone, and the event `delete` is pushed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance.
    pub fn delete(&self, instance: &str) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let (found, mut moment) =
                world.stage(instance, now).ok_or_else(|| no_instance(instance))?;
            found.announce_deletion(&mut moment);
            world.instances.remove(instance);
            Ok(())
        })
    }

    /// A user puts a file into the approval space (审批钉盘). Returns the five values a form needs:
    /// `spaceId`, `fileId`, `fileName`, `fileSize`, `fileType`.
    pub fn upload(&self, name: &str, content: Vec<u8>) -> Value {
        self.platform.act(|world, _| world.files.put(name, content))
    }
}

fn open_task(instance: &Instance, user: &str) -> Result<i64, Error> {
    if !instance.is_running() {
        return Err(ended());
    }
    let task = instance.open_task_of(user);
    task.map(|task| task.id).ok_or_else(|| {
        let asked: Vec<_> = instance.open_tasks().map(|task| task.user.as_str()).collect();
        let message = format!("{user} 没有待处理的任务 (open tasks: {})", asked.join(", "));
        refused(Refusal::new("aflowProcessInstCanNotBeExecuted", message))
    })
}

fn ended() -> Error {
    refused(Refusal::new("aflowProcessInstStatusException", "审批实例已结束"))
}

fn no_instance(id: &str) -> Error {
    Error::NotFound(format!("DingTalk has no instance {id:?}"))
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused { system: "DingTalk", code: refusal.code, message: refusal.message }
}
