//! What people do in the app: submit, approve, refuse, hand over, send back, withdraw, comment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::enums::{Change, NodeKind, Status};
use super::event::{APPROVAL_AGENT, Event};
use super::flow::{NotPossible, Opinion, Side};
use super::form::{Comment, State};
use super::refusal::Refusal;
use super::request::Request;
use super::world::World;
use super::{WeCom, apply, control};
use crate::Error;

impl WeCom {
    /// A member submits a form by hand (提交审批), with the flow of its template. Returns the number.
    ///
    /// `values` is what the member types: an object from title to value. Texts and numbers are put
    /// into the control's own value, days are written `2026-01-31`, a choice by the option's text,
    /// and a list of objects becomes the rows of a table.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such template, [`Error::Refused`] when the values or
    /// the member are not right.
    pub fn submit(&self, template_id: &str, userid: &str, values: &Value) -> Result<String, Error> {
        // Members submit in the approval app, whatever other apps may see.
        let agent = APPROVAL_AGENT;
        self.platform.act(|world, now| {
            let template = world
                .templates
                .get(template_id)
                .ok_or_else(|| Error::NotFound(format!("WeCom has no template {template_id:?}")))?;
            let contents = control::by_hand(&template.controls, values)
                .map_err(|why| refused(Refusal::approval(why)))?;
            let summary = [json!({"text": "手工提交", "lang": "zh_CN"})];
            let body = json!({
                "creator_userid": userid,
                "template_id": template_id,
                "use_template_approver": 1,
                "apply_data": {"contents": contents},
                "summary_list": [{"summary_info": summary}],
            });
            let request = Request { agent, query: BTreeMap::new(), body, now };
            let answer = apply::apply(world, &request).map_err(refused)?;
            let sp_no = answer.get("sp_no").and_then(Value::as_str);
            Ok(sp_no.unwrap_or_default().to_owned())
        })
    }

    /// Somebody who is asked agrees (同意).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when the person is not
    /// asked now or an attachment is unknown.
    pub fn approve(&self, sp_no: &str, by: &str, opinion: impl Into<Opinion>) -> Result<(), Error> {
        self.act(sp_no, Change::Agreed, opinion.into(), |state, opinion, now| {
            state.agree(by, opinion, now)
        })
    }

    /// Somebody who is asked refuses (驳回), which ends the form.
    ///
    /// # Errors
    ///
    /// As for [`WeCom::approve`].
    pub fn refuse(&self, sp_no: &str, by: &str, opinion: impl Into<Opinion>) -> Result<(), Error> {
        self.act(sp_no, Change::Rejected, opinion.into(), |state, opinion, now| {
            state.reject(by, opinion, now)
        })
    }

    /// Everybody who is asked agrees, one after another, until the form has passed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when nobody is asked.
    pub fn approve_to_the_end(&self, sp_no: &str) -> Result<(), Error> {
        if !self.is_under_approval(sp_no)? {
            let message = "the form is not under approval".to_owned();
            return Err(impossible(NotPossible(message)));
        }
        while self.is_under_approval(sp_no)? {
            let next = self.asked(sp_no)?.into_iter().next();
            let next = next.ok_or_else(|| impossible(NotPossible("nobody is asked".to_owned())))?;
            self.approve(sp_no, &next, "同意")?;
        }
        Ok(())
    }

    /// Userids of those who are asked now.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form.
    pub fn asked(&self, sp_no: &str) -> Result<Vec<String>, Error> {
        self.platform.look(|world, _| {
            let form = world.form(sp_no).ok_or_else(|| no_form(sp_no))?;
            Ok(form.state.asked().into_iter().map(str::to_owned).collect())
        })
    }

    fn is_under_approval(&self, sp_no: &str) -> Result<bool, Error> {
        self.platform.look(|world, _| {
            let form = world.form(sp_no).ok_or_else(|| no_form(sp_no))?;
            Ok(form.state.status == Status::UnderApproval)
        })
    }

    /// The applicant withdraws a form that is under approval (撤销).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when it has ended.
    pub fn withdraw(&self, sp_no: &str) -> Result<(), Error> {
        self.act(sp_no, Change::Revoked, Opinion::default(), |state, _, _| state.revoke())
    }

    /// A form that passed is withdrawn (通过后撤销).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when it has not passed.
    pub fn withdraw_passed(&self, sp_no: &str) -> Result<(), Error> {
        self.act(sp_no, Change::RevokedAfterPassing, Opinion::default(), |state, _, _| {
            state.revoke_after_passing()
        })
    }

    /// An approver hands the matter to somebody else (转审).
    ///
    /// # Errors
    ///
    /// As for [`WeCom::approve`]; also when the other person is unknown.
    pub fn transfer(
        &self,
        sp_no: &str,
        from: &str,
        to: &str,
        opinion: impl Into<Opinion>,
    ) -> Result<(), Error> {
        let to = self.present(to)?;
        self.act(sp_no, Change::Transferred, opinion.into(), |state, opinion, now| {
            state.pass_on(from, &to, NodeKind::Approver, opinion, now)
        })
    }

    /// An approver sends the form back to somebody who agreed before (退回): the flow goes on from
    /// there.
    ///
    /// # Errors
    ///
    /// As for [`WeCom::approve`]; also when the other person has not agreed before.
    pub fn send_back(
        &self,
        sp_no: &str,
        by: &str,
        to: &str,
        opinion: impl Into<Opinion>,
    ) -> Result<(), Error> {
        self.act(sp_no, Change::SentBack, opinion.into(), |state, opinion, now| {
            state.send_back(by, to, opinion, now)
        })
    }

    /// An approver adds a signer before or after (加签); the approver's own decision stays to be made.
    ///
    /// # Errors
    ///
    /// As for [`WeCom::approve`]; also when the signer is unknown.
    pub fn add_signer(&self, sp_no: &str, by: &str, signer: &str, side: Side) -> Result<(), Error> {
        let signer = self.present(signer)?;
        self.act(sp_no, Change::SignerAdded, Opinion::default(), |state, opinion, now| {
            state.add_signer(by, &signer, side, opinion, now)
        })
    }

    /// An approver agrees and adds a signer who is asked next (同意并加签).
    ///
    /// # Errors
    ///
    /// As for [`WeCom::add_signer`].
    pub fn approve_and_add(
        &self,
        sp_no: &str,
        by: &str,
        signer: &str,
        opinion: impl Into<Opinion>,
    ) -> Result<(), Error> {
        let signer = self.present(signer)?;
        self.act(sp_no, Change::AgreedAndAdded, opinion.into(), |state, opinion, now| {
            state.agree_and_add(by, &signer, opinion, now)
        })
    }

    /// A handler is done with it (办理).
    ///
    /// # Errors
    ///
    /// As for [`WeCom::approve`].
    pub fn handle(&self, sp_no: &str, by: &str, opinion: impl Into<Opinion>) -> Result<(), Error> {
        self.act(sp_no, Change::Handled, opinion.into(), |state, opinion, now| {
            state.handle(by, opinion, now)
        })
    }

    /// A handler hands the matter to somebody else (转交).
    ///
    /// # Errors
    ///
    /// As for [`WeCom::transfer`].
    pub fn hand_over(
        &self,
        sp_no: &str,
        from: &str,
        to: &str,
        opinion: impl Into<Opinion>,
    ) -> Result<(), Error> {
        let to = self.present(to)?;
        self.act(sp_no, Change::HandedOver, opinion.into(), |state, opinion, now| {
            state.pass_on(from, &to, NodeKind::Handler, opinion, now)
        })
    }

    /// A member adds a remark (备注), whatever the form's status.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when the member or an
    /// attachment is unknown.
    pub fn comment(&self, sp_no: &str, by: &str, remark: impl Into<Opinion>) -> Result<(), Error> {
        let userid = self.present(by)?;
        let id = self.platform.act(|world, _| world.ids.digits());
        self.act(sp_no, Change::Remarked, remark.into(), |state, remark, at| {
            let Opinion { speech, media } = remark.clone();
            state.comments.push(Comment { id, userid, text: speech, at, media });
            Ok(())
        })
    }

    /// The applicant urges those who are asked (催办).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when nobody is asked.
    pub fn urge(&self, sp_no: &str) -> Result<(), Error> {
        self.act(sp_no, Change::Urged, Opinion::default(), |state, _, _| {
            if state.asked().is_empty() {
                return Err(NotPossible("nobody is asked".to_owned()));
            }
            Ok(())
        })
    }

    /// Somebody deletes the form (删除): its status is 7 from now on. Which event is pushed, if any,
    /// says [`Quirks::delete_event`](super::Quirks::delete_event).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form.
    pub fn delete(&self, sp_no: &str) -> Result<(), Error> {
        let number = self.platform.look(|world, _| world.quirks.delete_event);
        let change = number.map(Change::Undocumented);
        self.move_form(sp_no, change, Opinion::default(), |state, _, _| {
            state.status = Status::Deleted;
            Ok(())
        })
    }

    /// A form that passed is paid (已支付). Which event is pushed, if any, says
    /// [`Quirks::pay_event`](super::Quirks::pay_event).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form, [`Error::Refused`] when it has not passed.
    pub fn pay(&self, sp_no: &str) -> Result<(), Error> {
        let number = self.platform.look(|world, _| world.quirks.pay_event);
        let change = number.map(Change::Undocumented);
        self.move_form(sp_no, change, Opinion::default(), |state, _, _| state.pay())
    }

    /// A member puts a file into the temporary media (临时素材). Returns its media_id, for an opinion
    /// or a form.
    pub fn put_media(&self, name: &str, content: Vec<u8>) -> String {
        self.platform.act(|world, now| world.put_media(name, content, now))
    }

    fn act(
        &self,
        sp_no: &str,
        change: Change,
        opinion: Opinion,
        act: impl FnOnce(&mut State, &Opinion, DateTime<Utc>) -> Result<(), NotPossible>,
    ) -> Result<(), Error> {
        self.move_form(sp_no, Some(change), opinion, act)
    }

    /// Does something to a form and announces it; a refusal leaves the form as it was.
    fn move_form(
        &self,
        sp_no: &str,
        change: Option<Change>,
        opinion: Opinion,
        act: impl FnOnce(&mut State, &Opinion, DateTime<Utc>) -> Result<(), NotPossible>,
    ) -> Result<(), Error> {
        self.platform.act(|world, now| {
            let form = world.form(sp_no).ok_or_else(|| no_form(sp_no))?;
            let (before, mut after) = (form.state.clone(), form.state.clone());
            let opinion = kept(world, opinion, now)?;
            act(&mut after, &opinion, now).map_err(impossible)?;
            let form = world.forms.iter_mut().find(|form| form.sp_no == sp_no);
            let form = form.ok_or_else(|| no_form(sp_no))?;
            form.earlier.push((now, before));
            form.state = after;
            let event = change.map(|change| Event::new(form, change, now));
            world.events.extend(event);
            Ok(())
        })
    }

    /// The userid of somebody who is still there, in the platform's spelling.
    fn present(&self, userid: &str) -> Result<String, Error> {
        self.platform.look(|world, _| match world.directory.present(userid) {
            Some(user) => Ok(user.userid.clone()),
            None => Err(refused(Refusal::new(60111, format!("userid not found: {userid}")))),
        })
    }
}

/// The opinion with its attachments kept for good.
fn kept(world: &mut World, opinion: Opinion, now: DateTime<Utc>) -> Result<Opinion, Error> {
    let media: Result<Vec<_>, _> = opinion.media.iter().map(|id| world.keep(id, now)).collect();
    Ok(Opinion { media: media.map_err(refused)?, ..opinion })
}

pub(super) fn no_form(sp_no: &str) -> Error {
    Error::NotFound(format!("WeCom has no form {sp_no:?}"))
}

/// What a person cannot do in the app has no code of the platform.
fn impossible(NotPossible(message): NotPossible) -> Error {
    Error::Refused { system: "WeCom", code: "app".to_owned(), message }
}

pub(super) fn refused(refusal: Refusal) -> Error {
    Error::Refused { system: "WeCom", code: refusal.code.to_string(), message: refusal.message }
}
