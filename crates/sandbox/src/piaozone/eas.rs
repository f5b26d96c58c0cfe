//! The login of Kingdee EAS: `POST /ormrpc/services/EASLogin`, SOAP in the style of Axis 1.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};

use super::world::Platform;
use super::{EAS_DATA_CENTER, EAS_PASSWORD, EAS_USER};

/// The arguments in their order; the last two are those of the longer overloads.
const ARGUMENTS: [&str; 8] = [
    "userName",
    "password",
    "slnName",
    "dcName",
    "language",
    "dbType",
    "authPattern",
    "isEncodePwd",
];
const SHORTEST: usize = 6;

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (status, body) = match (uri.path(), &method) {
        ("/ormrpc/services/EASLogin", &Method::POST) => log_in(&platform, &headers, &body),
        ("/ormrpc/services/EASLogin", _) => {
            (StatusCode::NOT_IMPLEMENTED, "the sandbox answers POST only".to_owned())
        }
        (path, _) if path.starts_with("/ormrpc/services/") => {
            (StatusCode::NOT_IMPLEMENTED, format!("the sandbox does not simulate {path}"))
        }
        _ => (StatusCode::NOT_FOUND, "<html><body>404</body></html>".to_owned()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("text/xml;charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, xml);
    response
}

fn log_in(platform: &Platform, headers: &HeaderMap, body: &[u8]) -> (StatusCode, String) {
    let fault = |words: &str| {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            envelope(&format!(
                "<soapenv:Fault><faultcode>soapenv:Server.userException</faultcode><faultstring>{words}\
         </faultstring></soapenv:Fault>"
            )),
        )
    };
    if !headers.contains_key("soapaction") {
        return fault("no SOAPAction header!");
    }
    let text = String::from_utf8_lossy(body);
    let Some(call) = text.split_once("urn:client").map(|(_, call)| call) else {
        return fault("the namespace is not urn:client");
    };
    let arguments: Vec<String> = match arguments(call) {
        Ok(arguments) => arguments,
        Err(problem) => return fault(&problem),
    };
    let given = |at: usize| arguments.get(at).map(String::as_str).unwrap_or_default();
    platform.act(|world, _| {
        let problem = if given(3) != EAS_DATA_CENTER {
            Some(format!("数据中心 {} 不存在", escaped(given(3))))
        } else if given(2) != "eas" {
            Some(format!("解决方案 {} 不存在", escaped(given(2))))
        } else if (given(0), given(1)) != (EAS_USER, EAS_PASSWORD) {
            Some("用户名或密码错误".to_owned())
        } else {
            None
        };
        match problem {
            Some(words) if world.quirks.eas_says_why => fault(&words),
            Some(_) => {
                (StatusCode::OK, context("<sessionId xsi:type=\"xsd:string\" xsi:nil=\"true\"/>"))
            }
            None => {
                let session = world.draw();
                world.eas_sessions.push(session.clone());
                let session = format!("<sessionId xsi:type=\"xsd:string\">{session}</sessionId>");
                (StatusCode::OK, context(&session))
            }
        }
    })
}

/// The arguments of the call, all in their order.
fn arguments(call: &str) -> Result<Vec<String>, String> {
    let mut rest = call;
    let mut found = Vec::new();
    for name in ARGUMENTS {
        let Some((_, after)) = rest.split_once(&format!("<{name}")) else {
            if found.len() < SHORTEST {
                return Err(format!("No such operation 'login' without {name} at its place"));
            }
            break;
        };
        let (_, after) = after.split_once('>').ok_or("the tag does not end")?;
        let (value, after) = after.split_once(&format!("</{name}>")).ok_or("the tag stays open")?;
        let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        found.push(value.replace("&apos;", "'").replace("&amp;", "&"));
        rest = after;
    }
    Ok(found)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// As Axis writes an object: by reference.
fn context(session: &str) -> String {
    envelope(&format!(
        "<ns1:loginResponse soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:ns1=\"urn:client\"><loginReturn href=\"#id0\"/></ns1:loginResponse><multiRef \
         id=\"id0\" soapenc:root=\"0\" xsi:type=\"ns2:WSContext\" xmlns:ns2=\"urn:client\" \
         xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\"><dcName \
         xsi:type=\"xsd:string\">{EAS_DATA_CENTER}</dcName>{session}</multiRef>"
    ))
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    )
}
