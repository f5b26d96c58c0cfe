//! The platform's HTTP interface, `v3-hw.blacklake.cn`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, Uri};

use super::catalog;
use super::execution::{dispatch, feedings, reports, submit, tasks};
use super::gateway::{Incoming, envelope, require_post};
use super::material::{by_id, import, list as materials};
use super::page::PAGE;
use super::platform::Platform;
use super::refusal::Refusal;
use super::request::Request;
use super::work_order::{close, detail, edit, list as orders, store};
use super::world::{Arrangement, World};
use crate::servicelayer::json::Json;

const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// The gateway's prefix, as documented and as reverse proxies shorten it.
const PREFIXES: [&str; 2] = ["/api/openapi/domain/web/v1/route", "/openapi/domain/web/v1/route"];
const ACCOUNT_LOGIN: &str = "/api/openapi/domain/web/v1/system/_refreshToken";
const APP_LOGINS: [&str; 2] = [
    "/api/openapi/domain/web/v1/access_token/_get_access_token",
    "/api/openapi/domain/api/v1/access_token/_get_access_token",
];
/// The one call outside the prefix.
const EDIT: &str = "/api/schedule-for-openapi/med/open/v1/work_order/update";

/// Members that any call may carry: a person confirmed a weak-control rule.
const EVERYWHERE: &[&str] = &["skipWeakControlRule"];
const ID: &[&str] = &["id"];
const IDS: &[&str] = &["ids"];
const TASK: &[&str] = &["taskId"];
const ATTRIBUTE: &[&str] = &["attribute", "attributeItem"];
const CATEGORY: &[&str] = &[
    "categoryName",
    "categoryCode",
    "secondCategoryName",
    "secondCategoryCode",
    "thirdCategoryName",
    "thirdCategoryCode",
    "forthCategoryName",
    "forthCategoryCode",
];

struct Endpoint {
    path: &'static str,
    /// The members of the body that the sandbox knows.
    members: &'static [&'static [&'static str]],
    run: fn(&mut World, &Request) -> Result<Json, Refusal>,
}

macro_rules! endpoints {
    ($($path:literal [$($members:expr),*] => $run:path;)*) => {
        &[$(Endpoint { path: $path, members: &[$($members),*], run: $run }),*]
    };
}

const ENDPOINTS: &[Endpoint] = endpoints! {
    "/material/open/v1/material/_doimport" [import::MEMBERS] => import::import;
    "/material/open/v1/material/_list" [materials::MEMBERS, PAGE] => materials::list;
    "/material/open/v1/material/_detail" [ID] => materials::detail;
    "/material/open/v1/material/_start" [IDS] => materials::start;
    "/material/open/v1/material/_stop" [IDS] => materials::stop;
    "/material/open/v1/material/_create" [by_id::MEMBERS] => by_id::create;
    "/material/open/v1/material/_update" [by_id::MEMBERS] => by_id::update;
    "/material/open/v1/material/attribute/_doimport" [ATTRIBUTE] => catalog::import_attribute;
    "/material/open/v1/material/category/_doimport" [CATEGORY] => catalog::import_category;
    "/material/open/v1/material/category/_list" [catalog::CATEGORY_LIST, PAGE] => catalog::list_categories;
    "/material/open/v1/unit/_list" [catalog::UNIT_LIST, PAGE] => catalog::list_units;
    "/material/open/v1/unit/_detail" [ID] => catalog::unit_detail;
    "/material/open/v1/unit/_start" [IDS] => catalog::start_units;
    "/material/open/v1/unit/_stop" [IDS] => catalog::stop_units;

    "/med/open/v1/work_order/_doImport" [store::V1] => store::import_v1;
    "/med/open/v1/work_order/batch_close" [close::V1] => close::batch;
    "/med/open/v1/work_order/base/_detail" [detail::V1] => detail::base_v1;
    "/med/open/v1/work_order/base/_list" [orders::V1, PAGE] => orders::v1;
    "/med/open/v1/work_order/process_plan/_detail" [detail::V1] => detail::plan_v1;
    "/med/open/v1/work_order/input_material/_detail" [detail::V1] => detail::inputs_v1;
    "/med/open/v1/work_order/output/_detail" [detail::V1] => detail::outputs_v1;
    "/med/open/v1/work_order/source/_detail" [detail::V1] => detail::source;
    "/med/open/v2/work_order/_doimport" [store::V2] => store::import_v2;
    "/med/open/v2/work_order/_update_work_order_base_info" [edit::TIMES] => edit::base_info;
    "/med/open/v2/work_order/_dispatch" [dispatch::MEMBERS] => dispatch::dispatch;
    "/med/open/v2/work_order/batch_close" [close::V2] => close::batch;
    "/med/open/v2/work_order/base/_list" [orders::V2, PAGE] => orders::v2;
    "/med/open/v2/work_order/base/_detail" [detail::V2] => detail::base_v2;
    "/med/open/v2/work_order/process_plan/_detail" [detail::V2] => detail::plan_v2;
    "/med/open/v2/work_order/input_material/_detail" [detail::V2] => detail::inputs_v2;
    "/med/open/v2/work_order/output/_detail" [detail::V2] => detail::outputs_v2;
    "/custom-object/open/v1/object_service/_code_to_id" [orders::CODE_TO_ID] => orders::code_to_id;
    "/dev/open/v1/object_service/code_to_id" [orders::CODE_TO_ID] => orders::code_to_id;
    "/dev/open/v1/object_service/batch_code_to_id" [orders::BATCH_CODE_TO_ID] => orders::codes_to_ids;

    "/mfg/open/v1/progress_report/_list" [reports::MEMBERS, PAGE] => reports::list;
    "/mfg/open/v1/progress_report/_progress_report" [submit::MEMBERS] => submit::submit;
    "/mfg/open/v1/feed_record/feed_record/_detail" [feedings::DETAIL] => feedings::detail;
    "/mfg/open/v1/feed_record/_list" [feedings::LIST, PAGE] => feedings::list;
    "/mfg/open/v1/feed_retract_record/_list" [feedings::LIST, PAGE] => feedings::retractions;
    "/mfg/open/v1/produce_task/_list" [tasks::MEMBERS, PAGE] => tasks::list;
    "/mfg/open/v1/produce_task/_detail" [TASK] => tasks::detail;
};

const EDIT_ENDPOINT: Endpoint =
    Endpoint { path: EDIT, members: &[edit::MEMBERS], run: edit::by_code };

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, headers, body);
    let life = platform.options.token_life;
    let (response, delay) = platform.act(|world, now| {
        let call = Call { incoming: &incoming, now, until: now + life };
        let outcome = call.run(world);
        let delay = world.take_arranged(&incoming.path, |what| {
            matches!(what, Arrangement::DelayAfterCommit(_)) && outcome.is_ok()
        });
        let delay = match delay {
            Some(Arrangement::DelayAfterCommit(delay)) => delay,
            _ => Duration::ZERO,
        };
        (envelope(world, domain(&incoming.path), outcome), delay)
    });
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    response
}

/// The service a call belongs to, as sub-codes spell it.
fn domain(path: &str) -> &'static str {
    let is_in = |service: &str| path.contains(&format!("/{service}/open/"));
    if is_in("material") {
        "MATERIAL"
    } else if is_in("med") {
        "MED"
    } else if is_in("mfg") {
        "MFG"
    } else if is_in("custom-object") || is_in("dev") {
        "CUSTOM-OBJECT"
    } else {
        "OPENAPI"
    }
}

/// One request at one moment.
struct Call<'a> {
    incoming: &'a Incoming,
    now: DateTime<Utc>,
    /// When a token handed out now ends.
    until: DateTime<Utc>,
}

impl Call<'_> {
    fn run(&self, world: &mut World) -> Result<Json, Refusal> {
        let Call { incoming, now, until } = *self;
        let path = incoming.path.as_str();
        if path == ACCOUNT_LOGIN || APP_LOGINS.contains(&path) {
            require_post(incoming)?;
            self.arranged(world)?;
            let body = incoming.json()?;
            return if path == ACCOUNT_LOGIN {
                world.log_account_in(&body, until)
            } else {
                world.log_app_in(&body, now, until)
            };
        }
        match find(path) {
            Some(endpoint) => self.business(world, endpoint),
            None => Err(Refusal::unsupported(&format!("{} {path}", incoming.method))),
        }
    }

    fn business(&self, world: &mut World, endpoint: &Endpoint) -> Result<Json, Refusal> {
        let Call { incoming, now, .. } = *self;
        require_post(incoming)?;
        world.admit(incoming, endpoint.path, now)?;
        let request =
            Request { body: incoming.json()?, now, lenient: world.quirks.ignore_unknown_members };
        let confirmed = !request.fields().texts("skipWeakControlRule")?.is_empty();
        let is_early = |what: &Arrangement| match what {
            // Whoever confirmed the rule is not asked again.
            Arrangement::Refuse(refusal) => !(refusal.needs_check && confirmed),
            _ => false,
        };
        if let Some(Arrangement::Refuse(refusal)) = world.take_arranged(&incoming.path, is_early) {
            return Err(refusal);
        }
        if !request.lenient {
            let known: Vec<_> = endpoint.members.iter().copied().chain([EVERYWHERE]).collect();
            request.fields().only(&known)?;
        }
        let data = (endpoint.run)(world, &request)?;
        let is_late = |what: &Arrangement| matches!(what, Arrangement::RefuseAfterCommit(_));
        match world.take_arranged(&incoming.path, is_late) {
            Some(Arrangement::RefuseAfterCommit(refusal)) => Err(refusal),
            _ => Ok(data),
        }
    }

    fn arranged(&self, world: &mut World) -> Result<(), Refusal> {
        let is_early = |what: &Arrangement| matches!(what, Arrangement::Refuse(_));
        match world.take_arranged(&self.incoming.path, is_early) {
            Some(Arrangement::Refuse(refusal)) => Err(refusal),
            _ => Ok(()),
        }
    }
}

fn find(path: &str) -> Option<&'static Endpoint> {
    if path == EDIT {
        return Some(&EDIT_ENDPOINT);
    }
    let service = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix))?;
    ENDPOINTS.iter().find(|endpoint| endpoint.path == service)
}
