//! The apps (应用) of the corp: who calls, what it may see and do, from where.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::callback::Subscription;

/// What kind of app it is: that decides which calls its secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppKind {
    /// A self-built app (自建应用).
    SelfBuilt,
    /// The built-in approval app (审批).
    Approval,
    /// Not an app proper: the secret for keeping contacts in step (通讯录同步).
    ContactsSync,
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) agent_id: i64,
    pub(super) secret: String,
    pub(super) kind: AppKind,
    /// Listed under approval → apps that may call the API (可调用接口的应用).
    pub(super) callable: bool,
    pub(super) enabled: bool,
    /// Members the app may see (可见范围), in lower case; `None`: all.
    pub(super) visible: Option<BTreeSet<String>>,
    pub(super) trusted: Trusted,
    pub(super) subscription: Option<Subscription>,
}

impl App {
    pub(super) fn new(agent_id: i64, secret: &str, kind: AppKind) -> Self {
        App {
            agent_id,
            secret: secret.to_owned(),
            kind,
            callable: kind != AppKind::ContactsSync,
            enabled: true,
            visible: None,
            trusted: Trusted::default(),
            subscription: None,
        }
    }

    pub(super) fn sees(&self, userid: &str) -> bool {
        self.visible.as_ref().is_none_or(|visible| visible.contains(&userid.to_lowercase()))
    }
}

/// The trusted addresses (企业可信IP); `None`: none are set up, any address may call.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    current: Option<Vec<String>>,
    /// A list saved later and from when it is effective.
    next: Option<(DateTime<Utc>, Option<Vec<String>>)>,
}

impl Trusted {
    pub(super) fn save(
        &mut self,
        list: Option<Vec<String>>,
        effective: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        self.current = self.effective(now).map(<[String]>::to_vec);
        self.next = Some((effective, list));
    }

    pub(super) fn allows(&self, address: &str, now: DateTime<Utc>) -> bool {
        self.effective(now).is_none_or(|list| list.iter().any(|one| one == address))
    }

    fn effective(&self, now: DateTime<Utc>) -> Option<&[String]> {
        match &self.next {
            Some((from, list)) if *from <= now => list.as_deref(),
            _ => self.current.as_deref(),
        }
    }
}
