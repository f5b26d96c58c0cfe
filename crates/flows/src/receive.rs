//! How pushes of the systems reach the flows: receivers, all on one port.
//!
//! A [`Receiver`] is a path and what answers there. Platforms that want an answer in a second
//! (DingTalk, WeCom, MES) get it once the event is stored; callers that show the result to a
//! person (OA, PLM, barcode) get it once the work is done:
//!
//! ```
//! use axum::{Json, Router, routing::post};
//! use erplink::receive::{Entrance, Receiver};
//! use erplink_sync::{Document, FlowId, Outcome};
//! use serde_json::{Value, json};
//! use std::time::Duration;
//!
//! let results = Receiver::new("/SBODEMOCN/results", |path, doors| {
//!     let inlet = doors.only()?;
//!     let answer = move |body: String| {
//!         let inlet = inlet.clone();
//!         async move {
//!             let event = Document::new("the caller's key", serde_json::from_str(&body).unwrap());
//!             // First store, then wait for the flow, then answer.
//!             let receipt = inlet.accept(event).await.unwrap();
//!             let outcome = receipt.outcome(Duration::from_secs(25)).await.unwrap();
//!             Json(json!({ "success": matches!(outcome, Outcome::Done { .. }) }))
//!         }
//!     };
//!     Ok(Entrance::Routes(Router::new().route(path, post(answer))))
//! })
//! .door("", FlowId::new("SBODEMOCN", "results"));
//! ```
//!
//! The flow of such an event is made with
//! [`answers_a_person`](erplink_sync::Flow::answers_a_person).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use erplink_sync::{FlowId, Inlet, Runner};

/// How long a person is kept waiting for what a flow does; the usual gateway allows 60 seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

type Open = dyn Fn(&str, Doors) -> Result<Entrance, String> + Send + Sync;

/// A path at the port, and what answers there. Receivers of one path are one receiver with the
/// doors of all.
#[derive(Clone)]
pub struct Receiver {
    path: String,
    doors: Vec<(String, FlowId)>,
    open: Arc<Open>,
}

/// What a receiver is when it is open.
pub enum Entrance {
    /// Routes at the port.
    Routes(Router),
    /// A connection that we make and keep, such as DingTalk's Stream mode. It runs until it is
    /// dropped.
    Connection(Pin<Box<dyn Future<Output = ()> + Send>>),
}

impl Receiver {
    /// `open` makes the entrance at the path once the runner is there.
    pub fn new(
        path: impl Into<String>,
        open: impl Fn(&str, Doors) -> Result<Entrance, String> + Send + Sync + 'static,
    ) -> Self {
        Self { path: path.into(), doors: Vec::new(), open: Arc::new(open) }
    }

    /// Events about `topic` (the process code of a form, the id of a template) go to this flow.
    /// Empty where the path says it all.
    #[must_use]
    pub fn door(mut self, topic: impl Into<String>, flow: FlowId) -> Self {
        self.doors.push((topic.into(), flow));
        self
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("path", &self.path).field("doors", &self.doors).finish()
    }
}

/// The flows behind a receiver, by topic.
#[derive(Clone, Debug, Default)]
pub struct Doors(BTreeMap<String, Inlet>);

impl Doors {
    /// The flow that asked for this topic.
    #[must_use]
    pub fn get(&self, topic: &str) -> Option<&Inlet> {
        self.0.get(topic)
    }

    /// The flow of a receiver that has just one.
    ///
    /// # Errors
    /// When it has none or several.
    pub fn only(&self) -> Result<Inlet, String> {
        match self.0.values().collect::<Vec<_>>().as_slice() {
            [one] => Ok((*one).clone()),
            several => Err(format!("expected one flow, found {}", several.len())),
        }
    }
}

/// Receivers that are open.
#[derive(Default)]
pub struct Opened {
    /// All routes, for one port.
    pub routes: Router,
    /// Connections to be kept, side by side with the server.
    pub connections: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The paths at the port, for the log.
    pub paths: Vec<String>,
}

/// Opens receivers for the flows of a runner.
///
/// # Errors
/// When two flows want the same events, or a receiver cannot work.
pub fn open(receivers: Vec<Receiver>, runner: &Runner) -> Result<Opened, String> {
    let mut by_path: BTreeMap<String, (Arc<Open>, Doors)> = BTreeMap::new();
    for Receiver { path, doors, open } in receivers {
        let (_, known) = by_path.entry(path.clone()).or_insert((open, Doors::default()));
        for (topic, flow) in doors {
            let inlet = runner.inlet(&flow.company, &flow.flow).map_err(|no| no.to_string())?;
            if known.0.insert(topic.clone(), inlet).is_some() {
                return Err(format!(
                    "{path}: a second flow, {flow}, wants the events of `{topic}`"
                ));
            }
        }
    }
    let mut opened = Opened::default();
    for (path, (open, doors)) in by_path {
        match open(&path, doors).map_err(|problem| format!("{path}: {problem}"))? {
            Entrance::Routes(routes) => {
                opened.routes = opened.routes.merge(routes);
                opened.paths.push(path);
            }
            Entrance::Connection(connection) => opened.connections.push(connection),
        }
    }
    Ok(opened)
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Routes(_) => "Routes",
            Self::Connection(_) => "Connection",
        })
    }
}
