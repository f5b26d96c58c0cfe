//! The calls behind the token. Codes from 2000 on, and the names of members, are ours.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use super::world::{Entry, Refusal, World};
use super::{ENCRYPT_KEY, cipher};
use crate::easst::{Invoice, Seen, look};
use crate::servicelayer::json::{Json, Object};

type Outcome = Result<Json, Refusal>;

pub(super) struct Endpoint {
    pub(super) method: Method,
    path: &'static str,
    pub(super) run: fn(&mut World, &Call<'_>) -> Outcome,
}

/// A request behind the token.
pub(super) struct Call<'a> {
    pub(super) query: &'a BTreeMap<String, String>,
    pub(super) body: &'a [u8],
}

macro_rules! endpoints {
    ($($method:ident $path:literal => $run:path;)*) => {
        &[$(Endpoint { method: Method::$method, path: $path, run: $run }),*]
    };
}

const ENDPOINTS: &[Endpoint] = endpoints! {
    POST "/m3/bill/invoice/sys/check" => check_elements;
    POST "/m13/bill/invoice/sys/check" => check_elements;
    POST "/m5/bill/invoice/create" => create;
    POST "/m3/bill/invoice/img/Check/info" => check_picture;
    POST "/m3/bill/invoice/img/analyze/multiple/info" => recognize_all;
    POST "/m3/bill/invoice/img/analyze/multiple/check" => check_all;
    POST "/m3/bill/invoice/pdf/check" => check_pdf;
    POST "/m4/fpzs/getUserKey" => key;
    POST "/m4/fpzs/getLinkKey" => key;
    POST "/expense/entry/cache" => cache;
    POST "/expense/entry/save" => save;
    POST "/expense/entry/delete" => delete;
    POST "/expense/invoice/status/update" => set_status;
    GET "/bxdInvoices" => bound;
};

pub(super) fn find(path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path)
}

impl Call<'_> {
    /// An encrypted body.
    fn opened(&self) -> Result<Object, Refusal> {
        let text = cipher::open(self.body, ENCRYPT_KEY);
        let text = text.ok_or_else(|| Refusal::new("1500", "报文解密失败"))?;
        Object::parse(&text).map_err(|_| Refusal::new("1000", "请求体不是JSON对象"))
    }

    fn json(&self) -> Result<Object, Refusal> {
        let text = std::str::from_utf8(self.body).unwrap_or_default();
        Object::parse(text).map_err(|_| Refusal::new("1000", "请求体不是JSON对象"))
    }

    /// The invoices on a file in Base64.
    fn file(&self) -> Result<Vec<Invoice>, Refusal> {
        let bytes = STANDARD.decode(self.body);
        match look(&bytes.map_err(|_| Refusal::new("2003", "文件不是Base64"))?) {
            Seen::NoPicture => Err(Refusal::new("2004", "文件格式不支持")),
            Seen::Invoices(invoices) if invoices.is_empty() => {
                Err(Refusal::new("2005", "未识别到发票"))
            }
            Seen::Invoices(invoices) => Ok(invoices),
        }
    }
}

fn required(object: &Object, name: &str) -> Result<String, Refusal> {
    let text = object.text(name).unwrap_or_default();
    if text.is_empty() {
        return Err(Refusal::new("1000", format!("{name}不能为空")));
    }
    Ok(text.to_owned())
}

fn shown(invoice: &Invoice) -> Object {
    object! {
        "invoiceCode": invoice.code.as_str(), "invoiceNo": invoice.number.as_str(),
        "invoiceDate": invoice.date.to_string(), "buyerName": invoice.buyer.as_str(),
        "salerName": invoice.seller.as_str(), "invoiceAmount": invoice.amount,
        "totalTaxAmount": invoice.tax, "totalAmount": invoice.total(),
        "checkCode": invoice.check_code.as_str(),
    }
}

/// 发票查验.
fn check_elements(world: &mut World, call: &Call<'_>) -> Outcome {
    let number = required(&call.opened()?, "invoiceNo")?;
    world.invoice(&number).map(|invoice| shown(invoice).into())
}

/// 开票: the number may be given, or is the next one.
fn create(world: &mut World, call: &Call<'_>) -> Outcome {
    let wanted = call.opened()?;
    let number = match wanted.text("invoiceNo") {
        Some(number) if !number.is_empty() => number.to_owned(),
        _ => format!("{:020}", world.invoices.len() + 1),
    };
    if world.invoice(&number).is_ok() {
        return Err(Refusal::new("2002", format!("发票 {number} 已存在")));
    }
    let mut invoice = Invoice { lines: Vec::new(), ..Invoice::numbered(number.as_str()) };
    if let Some(buyer) = wanted.text("buyerName") {
        invoice.buyer = buyer.to_owned();
    }
    invoice.amount = wanted.decimal("invoiceAmount").unwrap_or_default();
    invoice.tax = wanted.decimal("totalTaxAmount").unwrap_or_default();
    world.invoices.push(invoice);
    Ok(object! { "invoiceNo": number }.into())
}

fn illegible() -> Refusal {
    Refusal::new("2006", "图片不清晰，无法识别")
}

/// 识别并查验: the first invoice on the picture.
fn check_picture(world: &mut World, call: &Call<'_>) -> Outcome {
    let kind = call.query.get("type").map(String::as_str).unwrap_or_default();
    if !matches!(kind, "jpg" | "pdf") {
        return Err(Refusal::new("1000", format!("type {kind} 不支持")));
    }
    check_first(world, &call.file()?)
}

fn check_pdf(world: &mut World, call: &Call<'_>) -> Outcome {
    check_first(world, &call.file()?)
}

fn check_first(world: &World, invoices: &[Invoice]) -> Outcome {
    let first = invoices.first().filter(|invoice| !invoice.illegible).ok_or_else(illegible)?;
    world.invoice(&first.number).map(|invoice| shown(invoice).into())
}

fn recognize_all(_: &mut World, call: &Call<'_>) -> Outcome {
    Ok(each(&call.file()?, |invoice| Ok(shown(invoice))))
}

fn check_all(world: &mut World, call: &Call<'_>) -> Outcome {
    Ok(each(&call.file()?, |invoice| world.invoice(&invoice.number).map(shown)))
}

/// One outcome an invoice: some may fail.
fn each(invoices: &[Invoice], look_up: impl Fn(&Invoice) -> Result<Object, Refusal>) -> Json {
    let one = |invoice: &Invoice| {
        let outcome = if invoice.illegible { Err(illegible()) } else { look_up(invoice) };
        match outcome {
            Ok(found) => found.with("errcode", "0000"),
            Err(refusal) => {
                object! { "errcode": refusal.code, "description": refusal.description }
            }
        }
    };
    invoices.iter().map(one).collect::<Vec<Object>>().into()
}

fn key(world: &mut World, call: &Call<'_>) -> Outcome {
    call.json()?;
    Ok(world.draw().into())
}

fn entry(call: &Call<'_>) -> Result<(String, Vec<String>), Refusal> {
    let body = call.json()?;
    let numbers = body.get("invoiceNos").and_then(Json::as_array).unwrap_or_default();
    let numbers = numbers.iter().filter_map(|number| number.as_text().map(str::to_owned)).collect();
    Ok((required(&body, "expenseId")?, numbers))
}

fn cache(_: &mut World, call: &Call<'_>) -> Outcome {
    entry(call).map(|_| Json::Null)
}

fn save(world: &mut World, call: &Call<'_>) -> Outcome {
    let (expense, invoices) = entry(call)?;
    for number in &invoices {
        world.invoice(number)?;
        let taken = world.expenses.iter().find(|(_, entry)| entry.invoices.contains(number));
        if let Some((other, _)) = taken {
            return Err(Refusal::new("2010", format!("发票 {number} 已在报销单 {other} 中")));
        }
    }
    world.expenses.insert(expense, Entry { invoices, status: 30 });
    Ok(Json::Null)
}

fn delete(world: &mut World, call: &Call<'_>) -> Outcome {
    let (expense, _) = entry(call)?;
    world.expenses.remove(&expense);
    Ok(Json::Null)
}

fn set_status(world: &mut World, call: &Call<'_>) -> Outcome {
    let (expense, _) = entry(call)?;
    let status = call.json()?.int("expenseStatus").unwrap_or_default();
    if ![1, 30, 60, 65].contains(&status) {
        return Err(Refusal::new("1000", format!("expenseStatus {status} 不支持")));
    }
    let missing = || Refusal::new("2011", format!("报销单 {expense} 不存在"));
    world.expenses.get_mut(&expense).ok_or_else(missing)?.status = status;
    Ok(Json::Null)
}

fn bound(world: &mut World, call: &Call<'_>) -> Outcome {
    let expense = call.query.get("expenseId").map(String::as_str).unwrap_or_default();
    let Some(Entry { invoices, status }) = world.expenses.get(expense) else {
        return Ok(Vec::<Object>::new().into());
    };
    let shown = invoices.iter().filter_map(|number| {
        let invoice = world.invoice(number).ok()?;
        Some(shown(invoice).with("expenseStatus", *status))
    });
    Ok(shown.collect::<Vec<Object>>().into())
}
