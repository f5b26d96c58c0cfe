//! What differs from system to system when the flows play in the sandbox. A system joins with a
//! line in each function.

use std::path::{Path, PathBuf};
use std::time::Duration;

use erplink_sandbox::plm::{Family, TargetInterface};
use erplink_sandbox::{Sandbox, barcode, dingtalk, ecology, wecom};

use crate::Failure;
use crate::story::invoice_ledger;

/// The company (账套) of the configuration files.
const COMPANY: &str = "SBODEMOCN";

/// The files with the secrets of the sandbox, beside the configurations.
pub const SECRETS: &[(&str, &str)] = &[
    ("b1-password", include_str!("../config/secrets/b1-password")),
    ("dingtalk-client-secret", include_str!("../config/secrets/dingtalk-client-secret")),
    ("dingtalk-callback-token", include_str!("../config/secrets/dingtalk-callback-token")),
    ("dingtalk-callback-aes-key", include_str!("../config/secrets/dingtalk-callback-aes-key")),
    ("easst-app-secret", include_str!("../config/secrets/easst-app-secret")),
    ("piaozone-client-secret", include_str!("../config/secrets/piaozone-client-secret")),
    ("piaozone-encrypt-key", include_str!("../config/secrets/piaozone-encrypt-key")),
    ("eas-password", include_str!("../config/secrets/eas-password")),
    ("ecology-secret", include_str!("../config/secrets/ecology-secret")),
    ("ecology-app-code", include_str!("../config/secrets/ecology-app-code")),
    ("ecology-cube-password", include_str!("../config/secrets/ecology-cube-password")),
    ("jdy-client-secret", include_str!("../config/secrets/jdy-client-secret")),
    ("jdy-password", include_str!("../config/secrets/jdy-password")),
    ("eteams-app-secret", include_str!("../config/secrets/eteams-app-secret")),
    ("plm-app-code", include_str!("../config/secrets/plm-app-code")),
    ("barcode-app-code", include_str!("../config/secrets/barcode-app-code")),
    ("wecom-secret", include_str!("../config/secrets/wecom-secret")),
    ("wecom-callback-token", include_str!("../config/secrets/wecom-callback-token")),
    ("wecom-callback-aes-key", include_str!("../config/secrets/wecom-callback-aes-key")),
    ("mes-app-secret", include_str!("../config/secrets/mes-app-secret")),
    ("mes-callback-key", include_str!("../config/secrets/mes-callback-key")),
];

/// Where a system listens when the sandbox runs on its fixed ports, and where it listens now.
#[derive(Clone, Debug)]
pub struct Address {
    /// The system and its server, such as `dingtalk-api`.
    pub server: &'static str,
    /// As it stands in the configuration files.
    pub fixed: &'static str,
    /// Without a path.
    pub now: String,
}

/// Every server that a configuration file names.
#[must_use]
pub fn addresses(sandbox: &Sandbox) -> Vec<Address> {
    let (b1, dingtalk, wecom) = (sandbox.b1(), sandbox.dingtalk(), sandbox.wecom());
    let origin = |url: String| {
        let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
        url.get(..end).unwrap_or_default().to_owned()
    };
    let address = |server, fixed, url| Address { server, fixed, now: origin(url) };
    vec![
        address("b1", "http://127.0.0.1:50000", b1.root_url()),
        address("diapi", "http://127.0.0.1:50060", sandbox.diapi().root_url()),
        address("dingtalk-api", "http://127.0.0.1:50010", dingtalk.api_url()),
        address("dingtalk-oapi", "http://127.0.0.1:50011", dingtalk.oapi_url()),
        address("easst", "http://127.0.0.1:50080", sandbox.easst().url()),
        address("ecology", "http://127.0.0.1:50020", sandbox.ecology().url()),
        address("jdy", "http://127.0.0.1:50070", sandbox.jdy().url()),
        address("piaozone", "http://127.0.0.1:50110", sandbox.piaozone().url()),
        address("eas", "http://127.0.0.1:50111", sandbox.piaozone().eas_services()),
        address("eteams", "http://127.0.0.1:50100", sandbox.eteams().url()),
        address("wecom", "http://127.0.0.1:50030", wecom.url()),
        address("mes", "http://127.0.0.1:50040", sandbox.mes().url()),
    ]
}

/// Writes a configuration and the secrets of the sandbox into a folder, with the addresses at
/// which the systems listen now, and the pictures of its invoices, if it has some. Returns the path
/// of the configuration.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_config(folder: &Path, text: &str, addresses: &[Address]) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder.join("secrets"))?;
    for (name, secret) in SECRETS {
        std::fs::write(folder.join("secrets").join(name), secret)?;
    }
    let text = addresses
        .iter()
        .fold(text.to_owned(), |text, address| text.replace(address.fixed, &address.now));
    if text.contains(INVOICES) {
        invoice_ledger::scan(&folder.join("invoices"))?;
    }
    let file = folder.join("erplink.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// In a configuration whose flow reads pictures from the folder `invoices` beside it.
const INVOICES: &str = "folder = \"invoices\"";

/// Administrators tell each platform of a configuration where its receiver is.
///
/// # Errors
/// When a platform's check of its receiver fails.
pub async fn subscribe(sandbox: &Sandbox, base: &str, config: &str) -> Result<(), Failure> {
    let keys = |system: &str| {
        let token = secret(&format!("{system}-callback-token"));
        let key = secret(&format!("{system}-callback-aes-key"));
        (format!("{base}/{COMPANY}/{system}"), token, key)
    };
    if config.contains(BY_STREAM) {
        subscribe_stream(sandbox).await;
    } else if config.contains("[companies.dingtalk]") {
        let (url, token, key) = keys("dingtalk");
        sandbox.dingtalk().configure_callback(dingtalk::Callback::new(url, token, key)).await?;
    }
    if config.contains("[companies.wecom]") {
        let (url, token, key) = keys("wecom");
        let callback = wecom::Callback::new(url, token, key);
        Box::pin(sandbox.wecom().configure_callback(callback)).await?;
    }
    if config.contains("[companies.plm]") {
        push_from_plm(sandbox, base);
    }
    if config.contains("[companies.barcode]") {
        let addresses = barcode::Addresses::under(&format!("{base}/{COMPANY}/barcode"));
        sandbox.barcode().configure(addresses, secret("barcode-app-code"));
    }
    if config.contains("[companies.mes.callback]") {
        let (url, key) = (format!("{base}/{COMPANY}/mes"), secret("mes-callback-key"));
        Box::pin(sandbox.mes().configure_callback(&url, key)).await?;
    }
    sandbox.ecology().remove_callbacks();
    post_from_oa(sandbox, base, OA_RESULTS)?;
    post_from_oa(sandbox, base, OA_FORMS)?;
    Ok(())
}

pub(crate) fn secret(name: &str) -> &'static str {
    let found = SECRETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| text.trim_end()).unwrap_or_default()
}

/// The administrator of the PLM sets up a target interface (目标接口) for each kind.
fn push_from_plm(sandbox: &Sandbox, base: &str) {
    let flows =
        [(Family::Item, "plm-items"), (Family::Bom, "plm-boms"), (Family::Routing, "plm-routings")];
    for (family, flow) in flows {
        let target = TargetInterface::new(format!("{base}/{COMPANY}/plm/{flow}"));
        sandbox.plm().configure(family, target.app_code(secret("plm-app-code")));
    }
}

/// In the table of a DingTalk app whose events come in Stream mode.
const BY_STREAM: &str = "receive = \"stream\"";

/// Events wait for a connection in any case; that the first one stands soon saves time.
async fn subscribe_stream(sandbox: &Sandbox) {
    let office = sandbox.dingtalk();
    office.subscribe_stream(dingtalk::StreamSubscription::default());
    let connection = office.wait_for_stream_connection(1);
    drop(tokio::time::timeout(Duration::from_secs(1), connection).await);
}

/// Administrators end all subscriptions: no decision is pushed any more. Forms of an OA that are
/// the data themselves still are.
///
/// # Errors
/// When an address is none.
pub fn unsubscribe(sandbox: &Sandbox, base: &str) -> Result<(), Failure> {
    sandbox.dingtalk().remove_callback();
    sandbox.dingtalk().unsubscribe_stream();
    sandbox.wecom().remove_callback();
    sandbox.mes().remove_callback();
    sandbox.ecology().remove_callbacks();
    post_from_oa(sandbox, base, OA_FORMS)
}

/// Workflows of the OA whose results go to flows.
const OA_RESULTS: &[(&str, &str)] = &[
    ("采购申请", "oa-purchase-requests"),
    ("库存转储", "oa-transfers"),
    ("采购订单", "oa-purchase-orders"),
];

/// Those whose forms become documents of the ERP.
const OA_FORMS: &[(&str, &str)] =
    &[("销售订单", "oa-sales-orders"), ("供应商准入", "oa-suppliers")];

/// The administrator of the OA attaches the addresses of flows to workflows (数据外发).
fn post_from_oa(sandbox: &Sandbox, base: &str, flows: &[(&str, &str)]) -> Result<(), Failure> {
    let app_code = secret("ecology-app-code");
    let oa = sandbox.ecology();
    for (workflow, flow) in flows {
        let url = format!("{base}/{COMPANY}/ecology/{flow}");
        let mut callback = ecology::Callback::new(url, app_code);
        callback.workflows = vec![oa.workflow_id(workflow)?];
        if flows == OA_FORMS {
            callback.body = ecology::PushBody::Document;
        } else {
            callback.on_return = true;
        }
        oa.add_callback(callback)?;
    }
    Ok(())
}

/// Waits until no platform has anything on its way to a receiver.
pub async fn settled(sandbox: &Sandbox) {
    sandbox.dingtalk().settled().await;
    sandbox.wecom().settled().await;
    sandbox.mes().settled().await;
    answered(sandbox).await;
}

/// Waits until nobody waits for what a flow does: OA, PLM and scanners answer their people when the
/// flow is done.
pub async fn answered(sandbox: &Sandbox) {
    sandbox.ecology().settled().await;
    sandbox.plm().settled().await;
    sandbox.barcode().settled().await;
}

/// How many calls the systems have received.
#[must_use]
pub fn calls(sandbox: &Sandbox) -> usize {
    let (dingtalk, piaozone) = (sandbox.dingtalk(), sandbox.piaozone());
    [
        sandbox.b1().calls(),
        sandbox.diapi().calls(),
        dingtalk.calls_api(),
        dingtalk.calls_oapi(),
        sandbox.easst().calls(),
        sandbox.ecology().calls(),
        sandbox.eteams().calls(),
        sandbox.jdy().calls(),
        sandbox.mes().calls(),
        piaozone.calls(),
        piaozone.calls_eas(),
        sandbox.wecom().calls(),
    ]
    .map(|calls| calls.all().len())
    .iter()
    .sum()
}
