//! The approval procedure (审批流程): templates, requests, decisions, approved drafts.

use super::{Actor, Company};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{EntitySet, StructType};

const REQUESTS: &str = "ApprovalRequests";
const LINES: &str = "ApprovalRequestLines";

/// What became of a document that was posted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Posted {
    Created {
        set: String,
        key: Key,
    },
    /// An approval template made it a draft.
    Drafted {
        set: String,
        key: Key,
        request: Key,
    },
}

/// A member of the document's authorization status, whose prefix depends on the kind of draft.
fn authorization(drafts: &str, state: &str) -> String {
    let prefix = if drafts == "StockTransferDrafts" { "sas" } else { "das" };
    format!("{prefix}{state}")
}

impl Company {
    /// Creates a document, or a draft with an approval request when a template asks for it.
    pub(crate) fn post(
        &mut self,
        set: &EntitySet,
        mut body: Object,
        actor: Actor,
    ) -> Result<Posted, Refusal> {
        let template = if set.is_drafts() { None } else { self.template(set.object, actor)? };
        let (Some(template), Some(drafts)) = (template, set.drafts()) else {
            let key = self.create(set, body, actor)?;
            return Ok(Posted::Created { set: set.name.clone(), key });
        };
        let code = match drafts {
            "StockTransferDrafts" => set.object.to_string().into(),
            _ => self.object_name(set.object),
        };
        body.set("DocObjectCode", code);
        body.set("AuthorizationStatus", authorization(drafts, "Pending"));
        let draft_set = self.set(drafts)?;
        let key = self.create(&draft_set, body, actor)?;
        let request = self.request_approval(&draft_set, &key, set.object, &template, actor)?;
        Ok(Posted::Drafted { set: drafts.to_owned(), key, request })
    }

    /// The active template for documents of this object by this originator.
    pub(crate) fn template(&self, object: i64, actor: Actor) -> Result<Option<Object>, Refusal> {
        let kinds = self.schema.enumeration("ApprovalTemplatesDocumentTypeEnum").cloned();
        let kind = match object {
            // SAP's published values stop before this member.
            1_470_000_113 => Some("atdtPurchaseRequest"),
            _ => kinds.as_ref().and_then(|kinds| kinds.member(&object.to_string())),
        };
        let templates = self.store.all("ApprovalTemplates")?.into_iter().map(|stored| stored.body);
        Ok(templates.into_iter().find(|template| {
            template.text("IsActive") == Some("tYES")
                && kind.is_some()
                && template
                    .rows("ApprovalTemplateDocuments")
                    .any(|row| row.text("DocumentType") == kind)
                && template
                    .rows("ApprovalTemplateUsers")
                    .any(|row| row.int("UserID") == Some(actor.0))
        }))
    }

    fn request_approval(
        &self,
        drafts: &EntitySet,
        draft: &Key,
        object: i64,
        template: &Object,
        actor: Actor,
    ) -> Result<Key, Refusal> {
        let draft_body = self.find(&drafts.name, draft)?.body;
        let remarks = ["Document_ApprovalRequests", "StockTransfer_ApprovalRequests"]
            .iter()
            .find_map(|rows| draft_body.rows(rows).find_map(|row| row.get("Remarks")))
            .cloned();
        let stage = stages(template)
            .first()
            .copied()
            .ok_or_else(|| Refusal::business_rule("the approval template has no stage"))?;
        let code = self.store.next(REQUESTS, 1)?;
        let entry = draft_body.get("DocEntry").cloned().unwrap_or(Json::Null);
        let request = Object::default()
            .with("Code", code)
            .with("ApprovalTemplatesID", template.int("Code").unwrap_or_default())
            .with("ObjectType", object.to_string())
            .with("IsDraft", "Y")
            .with("ObjectEntry", Json::Null)
            .with("Status", "arsPending")
            .with("Remarks", remarks.unwrap_or(Json::Null))
            .with("CurrentStage", stage)
            .with("OriginatorID", actor.0)
            .with("CreationDate", self.today())
            .with("CreationTime", self.time_of_day())
            .with("DraftEntry", entry)
            .with("DraftType", drafts.object.to_string())
            .with(LINES, Json::Array(self.stage_lines(stage)?))
            .with("ApprovalRequestDecisions", Json::Array(Vec::new()));
        let key = Key::single(code);
        self.store.insert(REQUESTS, &key, &request)?;
        Ok(key)
    }

    /// One pending line for every approver of a stage.
    fn stage_lines(&self, stage: i64) -> Result<Vec<Json>, Refusal> {
        let stage_body = self.find("ApprovalStages", &Key::single(stage))?.body;
        let approvers = stage_body.rows("ApprovalStageApprovers").filter_map(|r| r.int("UserID"));
        let line = |user: i64| {
            Object::default()
                .with("StageCode", stage)
                .with("UserID", user)
                .with("Status", "ardPending")
                .with("Remarks", Json::Null)
                .with("CreationDate", self.today())
                .with("CreationTime", self.time_of_day())
                .into()
        };
        Ok(approvers.map(line).collect())
    }

    /// `PATCH ApprovalRequests`: only decisions are written.
    pub(super) fn decide(
        &mut self,
        key: &Key,
        changes: &Object,
        actor: Actor,
    ) -> Result<(), Refusal> {
        let mut request = self.find(REQUESTS, key)?.body;
        let mut decided = false;
        for decision in changes.rows("ApprovalRequestDecisions") {
            let approver = self.approver(decision, actor)?;
            self.decide_once(&mut request, decision, approver)?;
            decided = true;
        }
        if decided { self.store.update(REQUESTS, key, &request) } else { Ok(()) }
    }

    /// The session's user, or the one named in the decision.
    fn approver(&self, decision: &Object, actor: Actor) -> Result<Actor, Refusal> {
        let Some(name) = decision.text("ApproverUserName").filter(|name| !name.is_empty()) else {
            return Ok(actor);
        };
        let user = self.find_by("Users", "UserCode", &name.into())?;
        let user = user.filter(|user| {
            user.text("UserPassword") == Some(decision.text("ApproverPassword").unwrap_or_default())
        });
        let user = user.ok_or_else(Refusal::not_permitted)?;
        Ok(Actor(user.int("InternalKey").unwrap_or_default()))
    }

    fn decide_once(
        &mut self,
        request: &mut Object,
        decision: &Object,
        approver: Actor,
    ) -> Result<(), Refusal> {
        let verdict = decision.text("Status").unwrap_or_default().to_owned();
        if !matches!(verdict.as_str(), "ardApproved" | "ardNotApproved") {
            let message = "a decision's Status is ardApproved or ardNotApproved";
            return Err(Refusal::bad_patch(message));
        }
        let stage = request.int("CurrentStage").unwrap_or_default();
        let is_approver = request.rows(LINES).any(|line| line.int("UserID") == Some(approver.0));
        if request.text("Status") != Some("arsPending") {
            let refusal = if is_approver { self.decided() } else { Refusal::not_permitted() };
            return Err(refusal);
        }
        let (today, time) = (self.today(), self.time_of_day());
        let line = request.rows_mut(LINES).find(|line| {
            line.int("StageCode") == Some(stage) && line.int("UserID") == Some(approver.0)
        });
        let line = line.ok_or_else(Refusal::not_permitted)?;
        if line.text("Status") != Some("ardPending") {
            return Err(self.decided());
        }
        line.set("Status", verdict.as_str());
        line.set("Remarks", decision.get("Remarks").cloned().unwrap_or(Json::Null));
        line.set("UpdateDate", today);
        line.set("UpdateTime", time);
        if verdict == "ardNotApproved" {
            request.set("Status", "arsNotApproved");
            return self.mark_draft(request, "Rejected").map(drop);
        }
        self.finish_stage(request, stage)
    }

    fn decided(&self) -> Refusal {
        let status = http::StatusCode::BAD_REQUEST;
        let message = "The approval request has been decided already";
        Refusal::new(status, self.options.decided_twice_code, message)
    }

    /// With enough approvals the next stage begins, or the request is approved.
    fn finish_stage(&mut self, request: &mut Object, stage: i64) -> Result<(), Refusal> {
        let approvals = request.rows(LINES).filter(|line| {
            line.int("StageCode") == Some(stage) && line.text("Status") == Some("ardApproved")
        });
        let approvals = i64::try_from(approvals.count()).unwrap_or(i64::MAX);
        let stage_body = self.find("ApprovalStages", &Key::single(stage))?.body;
        if approvals < stage_body.int("NoOfApproversRequired").unwrap_or(1) {
            return Ok(());
        }
        let template = Key::single(request.int("ApprovalTemplatesID").unwrap_or_default());
        let template = self.find("ApprovalTemplates", &template)?.body;
        let next = stages(&template).into_iter().skip_while(|code| *code != stage).nth(1);
        if let Some(next) = next {
            let added = self.stage_lines(next)?;
            let mut lines =
                request.get(LINES).and_then(Json::as_array).unwrap_or_default().to_vec();
            lines.extend(added);
            request.set(LINES, Json::Array(lines));
            request.set("CurrentStage", next);
            return Ok(());
        }
        request.set("Status", "arsApproved");
        if let Some((set, key)) = self.mark_draft(request, "Approved")? {
            let version = self.find(&set, &key)?.version;
            self.store.note_approved(&set, &key, version)?;
        }
        Ok(())
    }

    /// Writes the request's state into its draft, if that still exists.
    fn mark_draft(&self, request: &Object, state: &str) -> Result<Option<(String, Key)>, Refusal> {
        let drafts = match request.text("DraftType") {
            Some("1179") => "StockTransferDrafts",
            _ => "Drafts",
        };
        let key = Key::single(request.get("DraftEntry").cloned().unwrap_or(Json::Null));
        let Some(mut draft) = self.store.get(drafts, &key)? else { return Ok(None) };
        draft.body.set("AuthorizationStatus", authorization(drafts, state));
        self.store.update(drafts, &key, &draft.body)?;
        Ok(Some((drafts.to_owned(), key)))
    }

    pub(super) fn withdraw(&self, request: &mut Object) -> Result<(), Refusal> {
        self.change_state(request, ("arsPending", "arsCancelled"), "Cancelled")
    }

    pub(super) fn restore(&self, request: &mut Object) -> Result<(), Refusal> {
        self.change_state(request, ("arsCancelled", "arsPending"), "Pending")
    }

    fn change_state(
        &self,
        request: &mut Object,
        (from, to): (&str, &str),
        draft: &str,
    ) -> Result<(), Refusal> {
        if request.text("Status") != Some(from) {
            return Err(Refusal::not_for_this_object());
        }
        request.set("Status", to);
        self.mark_draft(request, draft).map(drop)
    }

    /// Turns a draft into the document it is a draft of. `sent`: what the client sent beside the
    /// key.
    pub(crate) fn save_draft(
        &mut self,
        drafts: &str,
        key: &Key,
        sent: &Object,
        actor: Actor,
    ) -> Result<Posted, Refusal> {
        let draft_set = self.set(drafts)?;
        let draft = self.find(drafts, key)?;
        if draft.body.text("DocumentStatus") == Some("bost_Close") {
            return Err(Refusal::not_for_this_object());
        }
        let target = self.target_of(&draft.body)?;
        let status = draft.body.text("AuthorizationStatus").unwrap_or_default();
        let state = status.get(3..).unwrap_or_default().to_owned();
        match state.as_str() {
            "Without" => {
                if let Some(template) = self.template(target.object, actor)? {
                    let mut body = draft.body;
                    body.set("AuthorizationStatus", authorization(drafts, "Pending"));
                    self.store.update(drafts, key, &body)?;
                    let request =
                        self.request_approval(&draft_set, key, target.object, &template, actor)?;
                    return Ok(Posted::Drafted {
                        set: drafts.to_owned(),
                        key: key.clone(),
                        request,
                    });
                }
            }
            "Approved" => {
                let approved = self.store.approved_version(drafts, key)?;
                let changed = approved.is_some_and(|approved| approved != draft.version);
                let whole = || is_whole(&self.structure(&draft_set), &draft.body, sent);
                if changed && self.options.changed_draft_needs_full_body && !whole() {
                    let status = http::StatusCode::BAD_REQUEST;
                    let message = "The draft was changed after it was approved";
                    return Err(Refusal::new(status, 234_000_127, message));
                }
            }
            other => {
                let message = format!("the draft is not approved ({other})");
                return Err(Refusal::business_rule(message));
            }
        }
        self.generate(&draft_set, key, draft.body, &target, sent, actor)
    }

    fn target_of(&self, draft: &Object) -> Result<EntitySet, Refusal> {
        let code = draft.text("DocObjectCode").unwrap_or_default();
        let objects = self.schema.enumeration("BoObjectTypes");
        let number = objects.map_or(code, |objects| objects.value(code));
        let number: i64 = number.parse().unwrap_or_default();
        let target = self.schema.sets().find(|set| set.object == number && set.has_drafts());
        target.cloned().ok_or_else(|| {
            Refusal::inconsistent(format!("DocObjectCode '{code}' is no document to create"))
        })
    }

    fn generate(
        &mut self,
        drafts: &EntitySet,
        key: &Key,
        mut draft: Object,
        target: &EntitySet,
        sent: &Object,
        actor: Actor,
    ) -> Result<Posted, Refusal> {
        let status = draft.text("AuthorizationStatus");
        let approved = status == Some(authorization(&drafts.name, "Approved").as_str());
        let structure = self.structure(target);
        let mut document = draft.clone();
        super::merge::merge(&self.schema, &structure, &mut document, sent, false);
        // What belongs to the draft and not to the document.
        for name in ["DocEntry", "DocNum", "DocumentStatus", "AuthorizationStatus"] {
            document.remove(name);
        }
        for line in document.rows_mut("DocumentLines") {
            line.remove("DocEntry");
            if line.int("BaseType") == Some(super::documents::PRODUCTION_ORDER) {
                // Filled from the order when the draft was saved.
                line.remove("ItemCode");
            }
        }
        let originator = if approved { self.originator(drafts, key)? } else { None };
        if approved {
            let status = authorization(&drafts.name, "Generated");
            document.set("AuthorizationStatus", status.as_str());
            draft.set("AuthorizationStatus", status);
        }
        let created = self.create(target, document, originator.unwrap_or(actor))?;
        draft.set("DocumentStatus", "bost_Close");
        self.store.update(&drafts.name, key, &draft)?;
        if approved && let Some((request_key, mut request)) = self.request_of(drafts, key)? {
            let entry = created.stored().parse::<i64>().unwrap_or_default();
            request.set("Status", "arsGenerated");
            request.set("ObjectEntry", entry);
            request.set("IsDraft", "N");
            self.store.update(REQUESTS, &request_key, &request)?;
        }
        Ok(Posted::Created { set: target.name.clone(), key: created })
    }

    fn originator(&self, drafts: &EntitySet, key: &Key) -> Result<Option<Actor>, Refusal> {
        let request = self.request_of(drafts, key)?;
        Ok(request.and_then(|(_, request)| request.int("OriginatorID")).map(Actor))
    }

    /// The newest request of a draft.
    fn request_of(&self, drafts: &EntitySet, key: &Key) -> Result<Option<(Key, Object)>, Refusal> {
        let draft_type = drafts.object.to_string();
        let entry = key.stored().parse::<i64>().ok();
        let mut all = self.store.all(REQUESTS)?.into_iter().map(|stored| stored.body).rev();
        let found = all.find(|request| {
            request.text("DraftType") == Some(draft_type.as_str())
                && request.int("DraftEntry") == entry
        });
        Ok(found.map(|request| (Key::single(request.int("Code").unwrap_or_default()), request)))
    }
}

/// Whether `sent` has all members of the draft that a client can write and that have a value.
fn is_whole(structure: &StructType, draft: &Object, sent: &Object) -> bool {
    let mut written = structure.properties.iter().filter(|property| !property.read_only);
    written.all(|property| {
        draft.get(&property.name).is_none_or(Json::is_null) || sent.get(&property.name).is_some()
    })
}

/// The template's stages in their order.
fn stages(template: &Object) -> Vec<i64> {
    let mut rows: Vec<(i64, i64)> = template
        .rows("ApprovalTemplateStages")
        .filter_map(|row| {
            Some((row.int("SortID").unwrap_or_default(), row.int("ApprovalStageCode")?))
        })
        .collect();
    rows.sort_by_key(|(position, _)| *position);
    rows.into_iter().map(|(_, code)| code).collect()
}
