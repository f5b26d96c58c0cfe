//! The modelling engine (建模引擎): modelled tables, and the REST calls that read and write them.

mod read;
mod save;
mod table;

use chrono::{NaiveDateTime, TimeDelta};
use http::Method;
use serde_json::{Map, Value, json};

use super::incoming::{Incoming, scalar};
use super::md5;
use super::quirks::CubeRows;
use super::reply::Answer;
use super::time;
use super::world::World;

pub use table::ModeTable;

pub(super) const PATH: &str = "/api/cube/restful/interface/";

/// How far the clock of a caller may be off.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// An authorisation entry (授权): who may call.
#[derive(Clone)]
pub(super) struct CubeAccount {
    pub(super) systemid: String,
    pub(super) password: String,
}

/// An interface definition (接口): an operation on a table.
#[derive(Debug, Clone)]
pub(super) struct CubeMethod {
    pub(super) operation: Operation,
    pub(super) table: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Save,
    List,
    Count,
    Delete,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Save => "saveOrUpdateModeData",
            Operation::List => "getModeDataPageList",
            Operation::Count => "getModeDataPageCount",
            Operation::Delete => "deleteModeDataByPK",
        }
    }
}

/// A refusal of the whole call: `{"status":"0",…}` with the text in `info` or `result`.
struct Refusal(&'static str, String);

impl Refusal {
    fn info(text: impl Into<String>) -> Self {
        Refusal("info", text.into())
    }
}

/// `POST /api/cube/restful/interface/<operation>/<method>`.
pub(super) fn answer(world: &mut World, incoming: &Incoming) -> Answer {
    let Some((operation, name)) =
        incoming.path.strip_prefix(PATH).and_then(|rest| rest.split_once('/'))
    else {
        return Answer::not_found();
    };
    if incoming.method != Method::POST {
        return Answer::html(http::StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(method) = world.cube_methods.get(name).cloned() else {
        tracing::warn!(name, "the cube has no interface with this identifier");
        return Answer::not_found();
    };
    // Reading one row has no interface of its own here: it shares that of the pages.
    let one = !world.quirks.cube_read_one.is_empty() && operation == world.quirks.cube_read_one;
    let matches = if one {
        method.operation == Operation::List
    } else {
        method.operation.name() == operation
    };
    if !matches {
        tracing::warn!(name, operation, "the cube's interface is bound to another operation");
        return Answer::not_found();
    }
    let outcome = read_datajson(incoming).and_then(|datajson| {
        world.check_header(&datajson, incoming)?;
        match method.operation {
            Operation::Save => world.save(&method.table, &datajson),
            Operation::Delete => world.delete(&method.table, &datajson),
            Operation::List if one => world.read_one(&method.table, &datajson),
            Operation::List => world.page(&method.table, &datajson),
            Operation::Count => world.count(&method.table, &datajson),
        }
    });
    let body = outcome.unwrap_or_else(|Refusal(member, text)| json!({"status": "0", member: text}));
    Answer::Json(if world.quirks.cube_double_encoded { json!(body.to_string()) } else { body })
}

fn read_datajson(incoming: &Incoming) -> Result<Value, Refusal> {
    let datajson = incoming.parameters(false).json("datajson").ok();
    datajson
        .filter(Value::is_object)
        .ok_or_else(|| Refusal("result", "json解析异常,请核查json格式".to_owned()))
}

impl World {
    /// The signature of the body, and its time in China.
    fn check_header(&self, datajson: &Value, incoming: &Incoming) -> Result<(), Refusal> {
        let text = |name: &str| {
            let header = datajson.get("header").and_then(|header| header.get(name));
            header.and_then(scalar).unwrap_or_default()
        };
        let (systemid, at, mut sign) = (text("systemid"), text("currentDateTime"), text("Md5"));
        let CubeAccount { systemid: known, password } = &self.cube_account;
        if self.quirks.cube_upper_case_md5 {
            sign.make_ascii_lowercase();
        }
        if systemid != *known || sign != md5::hex(&format!("{systemid}{password}{at}")) {
            return Err(Refusal::info("HeaderError:系统标识或密码不正确"));
        }
        let signed = NaiveDateTime::parse_from_str(&at, "%Y%m%d%H%M%S").ok();
        let skew = signed.map(|at| incoming.now.signed_duration_since(time::from_china(at)).abs());
        if skew.is_none_or(|skew| skew > SKEW) {
            return Err(Refusal::info("HeaderError:数据请求超时;正负不能超过10分钟"));
        }
        Ok(())
    }

    /// The user whom `operationinfo` names.
    fn operator(&self, of: &Value) -> Result<(), String> {
        let operator = of.get("operationinfo").and_then(|info| info.get("operator"));
        let operator = operator.and_then(scalar).unwrap_or_default();
        match self.directory.user(&operator) {
            Some(_) => Ok(()),
            None => Err(format!("操作者不存在: {operator}")),
        }
    }

    /// The answer to a write: one entry a record, in their order.
    fn written(&self, records: Vec<Result<i64, String>>) -> Value {
        let any = records.iter().any(Result::is_ok);
        let rows: Vec<_> = records
            .into_iter()
            .map(|record| match record {
                Ok(id) => json!({"billid": id, "status": "1"}),
                Err(why) => json!({"billid": "", "status": "0", "info": why}),
            })
            .collect();
        let status = if any { "1" } else { "0" };
        match self.quirks.cube_rows {
            CubeRows::DatajsonText => {
                json!({"status": status, "datajson": json!({"data": rows}).to_string()})
            }
            CubeRows::ResultText => json!({"status": status, "result": json!(rows).to_string()}),
            CubeRows::ResultArray => json!({"status": status, "result": rows}),
        }
    }
}

/// Members of an object as column texts; structures stay JSON text.
fn columns(of: &Value) -> Map<String, Value> {
    let members = of.as_object().into_iter().flatten();
    let texts = members.map(|(name, value)| {
        let text = match value {
            Value::Null => String::new(),
            other => scalar(other).unwrap_or_else(|| other.to_string()),
        };
        (name.clone(), Value::String(text))
    });
    texts.collect()
}
