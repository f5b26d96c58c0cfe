//! Leave and its balances (假期管理): only leave forms need them.

use std::time::Duration;

use erplink_core::Idempotency;
use serde_json::{Value, json};

use super::Approvals;
use crate::client::{Endpoint, Input};
use crate::contacts::required;
use crate::error::{Error, Result};
use crate::tree::Tree;

const TYPES: Endpoint = Endpoint::new("GET /cgi-bin/oa/vacation/getcorpconf", Idempotency::Safe);
const QUOTA: Endpoint =
    Endpoint::new("POST /cgi-bin/oa/vacation/getuservacationquota", Idempotency::Safe);
const SET_QUOTA: Endpoint =
    Endpoint::new("POST /cgi-bin/oa/vacation/setoneuserquota", Idempotency::Idempotent);

/// A type of leave (假期类型).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VacationType {
    /// Its id: as text the key of the option in a vacation control.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is taken in hours instead of days.
    pub is_by_hour: bool,
    /// Whether calendar days count instead of working days.
    pub counts_calendar_days: bool,
    /// What counts as a day, in seconds.
    pub perday_duration: Option<i64>,
    /// The type as the platform sent it, rules of its balance included.
    pub raw: Value,
}

/// The balance of one type of leave of one member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VacationQuota {
    /// Id of the type.
    pub id: i64,
    /// Name of the type.
    pub name: String,
    /// What was granted, in seconds.
    pub assigned: i64,
    /// What was taken, in seconds.
    pub used: i64,
    /// What is left, in seconds.
    pub left: i64,
    /// What was really granted this year, in seconds.
    pub really_assigned: Option<i64>,
}

impl Approvals {
    /// `GET /cgi-bin/oa/vacation/getcorpconf`: the corp's types of leave (获取企业假期管理配置).
    ///
    /// # Errors
    /// Code `301062` when the app may not.
    pub async fn vacation_types(&self) -> Result<Vec<VacationType>> {
        self.client
            .read(&TYPES, Input::default(), |answer| {
                let list = Tree::new(answer).get("lists").list().into_iter().enumerate();
                list.map(|(at, one)| {
                    Ok(VacationType {
                        id: one.get("id").require_int(&format!("lists[{at}].id"))?,
                        name: one.get("name").text().unwrap_or_default(),
                        is_by_hour: one.get("time_attr").int() == Some(1),
                        counts_calendar_days: one.get("duration_type").int() == Some(0),
                        perday_duration: one.get("perday_duration").int(),
                        raw: one.value().cloned().unwrap_or_default(),
                    })
                })
                .collect()
            })
            .await
    }

    /// `POST /cgi-bin/oa/vacation/getuservacationquota`: the balances of a member
    /// (获取成员假期余额).
    ///
    /// # Errors
    /// Code `301062` when the app may not.
    pub async fn vacation_quotas(&self, userid: &str) -> Result<Vec<VacationQuota>> {
        let userid = required("userid", userid)?;
        let input = Input::json(&json!({ "userid": userid }))?.about(format!("userid {userid}"));
        self.client
            .read(&QUOTA, input, |answer| {
                let list = Tree::new(answer).get("lists").list().into_iter().enumerate();
                list.map(|(at, one)| {
                    let seconds = |name: &str| one.get(name).int().unwrap_or_default();
                    Ok(VacationQuota {
                        id: one.get("id").require_int(&format!("lists[{at}].id"))?,
                        name: one.get("vacationname").text().unwrap_or_default(),
                        assigned: seconds("assignduration"),
                        used: seconds("usedduration"),
                        left: seconds("leftduration"),
                        really_assigned: one.get("real_assignduration").int(),
                    })
                })
                .collect()
            })
            .await
    }

    /// `POST /cgi-bin/oa/vacation/setoneuserquota`: sets what is left of a type of leave for a
    /// member (修改成员假期余额).
    ///
    /// # Errors
    /// [`Invalid`](erplink_core::ErrorKind::Invalid) unless `left` is a multiple of 360 seconds for
    /// leave by the hour, of 8640 seconds (a tenth of a day) for leave by the day, and at most
    /// 24000 hours or 1000 days.
    pub async fn set_vacation_quota(
        &self,
        userid: &str,
        vacation: &VacationType,
        left: Duration,
        remarks: Option<&str>,
    ) -> Result<()> {
        let userid = required("userid", userid)?;
        let (step, most) = if vacation.is_by_hour { (360, 86_400_000) } else { (8640, 86_400_000) };
        let seconds = left.as_secs();
        if !seconds.is_multiple_of(step) || seconds > most {
            return Err(Error::invalid(format!(
                "leftduration of {} ({}): expected a multiple of {step} of at most {most} seconds, \
                 found {seconds}",
                vacation.name, vacation.id,
            )));
        }
        let mut body = json!({
            "userid": userid,
            "vacation_id": vacation.id,
            "leftduration": seconds,
            "time_attr": u8::from(vacation.is_by_hour),
        });
        if let Some(remarks) = remarks {
            body["remarks"] = json!(remarks);
        }
        let input = Input::json(&body)?.about(format!("userid {userid}"));
        self.client.call(&SET_QUOTA, input).await.map(|_| ())
    }
}
