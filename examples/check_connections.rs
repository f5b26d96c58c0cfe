//! `erplink check`: which setting is wrong?
//!
//! ```console
//! cargo run --example check_connections      # all in the sandbox
//! ```
//!
//! Every configuration under `examples/config/` is checked as it is: all connections and forms are
//! fine. Then one setting at a time is wrong, and the check has to name it. The example fails if a
//! wrong setting is not named.

use std::path::{Path, PathBuf};

use erplink::config::Config;
use erplink_examples::story::{SCENARIOS, SETTINGS};
use erplink_examples::{Failure, Folder, Table, systems};
use erplink_sandbox::Sandbox;

/// A setting of a configuration with a wrong value.
struct Mistake {
    config: &'static str,
    /// The header of its table.
    table: &'static str,
    key: &'static str,
    wrong: &'static str,
}

/// A secret that is another system's.
const OTHER_SECRET: &str = r#"{ file = "secrets/dingtalk-callback-token" }"#;
/// Stands for an address where nobody listens.
const NOBODY: &str = r#""http://NOBODY""#;
/// A server that is another system's.
const OTHER_SERVER: &str = r#""http://127.0.0.1:50000""#;

const DIAPI: &str = include_str!("config/dingtalk-sql-diapi.toml");
const DINGTALK: &str = include_str!("config/dingtalk-draft-approval.toml");
const ECOLOGY: &str = include_str!("config/ecology-approval.toml");
const ETEAMS: &str = include_str!("config/eteams-departments.toml");
const INVOICES: &str = include_str!("config/invoice-ledger.toml");
const JDY: &str = include_str!("config/jdy-vouchers.toml");
const MES: &str = include_str!("config/mes-materials.toml");
const PIAOZONE: &str = SETTINGS.config;
const WECOM: &str = include_str!("config/wecom-draft-approval.toml");

const FLOW: &str = "[[companies.flows]]";

const fn mistake(
    config: &'static str,
    table: &'static str,
    key: &'static str,
    wrong: &'static str,
) -> Mistake {
    Mistake { config, table, key, wrong }
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    mistake(ETEAMS, "[companies.b1]", "root", NOBODY),
    mistake(ETEAMS, "[companies.b1]", "company_db", r#""SBODEMOUS""#),
    mistake(ETEAMS, "[companies.b1]", "user", r"'S-ERP\NOBODY'"),
    mistake(ETEAMS, "[companies.b1]", "password", OTHER_SECRET),
    mistake(DIAPI, "[companies.diapi]", "root", NOBODY),
    mistake(DIAPI, "[companies.diapi]", "company_db", r#""SBODEMOUS""#),
    mistake(DIAPI, "[companies.diapi]", "user", r"'S-ERP\NOBODY'"),
    mistake(DIAPI, "[companies.diapi]", "password", OTHER_SECRET),
    mistake(DINGTALK, "[companies.dingtalk]", "client_id", r#""dingabcdefgh12345679""#),
    mistake(DINGTALK, "[companies.dingtalk]", "client_secret", OTHER_SECRET),
    mistake(DINGTALK, "[companies.dingtalk]", "api_base", NOBODY),
    mistake(DINGTALK, "[companies.dingtalk]", "oapi_base", NOBODY),
    mistake(DINGTALK, FLOW, "process_code", r#""PROC-1""#),
    mistake(ECOLOGY, "[companies.ecology]", "base_url", NOBODY),
    mistake(ECOLOGY, "[companies.ecology]", "appid", r#""EEAA5436""#),
    mistake(ECOLOGY, "[companies.ecology]", "secret", OTHER_SECRET),
    mistake(ECOLOGY, FLOW, "workflow_id", "9"),
    mistake(ETEAMS, "[companies.eteams]", "corp_id", r#""ww6f3c1d9a02b7e845""#),
    mistake(ETEAMS, "[companies.eteams]", "app_key", r#""sbx-3d1f5a7c9e2b4d61""#),
    mistake(ETEAMS, "[companies.eteams]", "app_secret", OTHER_SECRET),
    mistake(ETEAMS, "[companies.eteams]", "base_url", NOBODY),
    mistake(ETEAMS, "[companies.eteams]", "base_url", OTHER_SERVER),
    mistake(ETEAMS, FLOW, "object_type", "\"Department\"\nmatch_field = \"Name\""),
    mistake(INVOICES, "[companies.easst]", "base_url", NOBODY),
    mistake(INVOICES, "[companies.easst]", "app_id", r#""another-app""#),
    mistake(INVOICES, "[companies.easst]", "app_secret", OTHER_SECRET),
    mistake(INVOICES, FLOW, "object_type", r#""U_NOBODY""#),
    mistake(JDY, "[companies.jdy]", "api_base", NOBODY),
    mistake(JDY, "[companies.jdy]", "client_id", r#""200422""#),
    mistake(JDY, "[companies.jdy]", "client_secret", OTHER_SECRET),
    mistake(JDY, "[companies.jdy]", "s_id", r#""7480009""#),
    mistake(MES, "[companies.mes]", "base_url", NOBODY),
    mistake(MES, "[companies.mes]", "app_key", r#""cli_1""#),
    mistake(MES, "[companies.mes]", "app_secret", OTHER_SECRET),
    mistake(PIAOZONE, "[companies.piaozone]", "base_url", NOBODY),
    mistake(PIAOZONE, "[companies.piaozone]", "client_id", r#""sandbox-piaozone-id ""#),
    mistake(PIAOZONE, "[companies.piaozone]", "client_secret", OTHER_SECRET),
    mistake(PIAOZONE, "[companies.piaozone]", "encrypt_key", OTHER_SECRET),
    mistake(PIAOZONE, "[companies.piaozone]", "tax_number", r#""9132 0200""#),
    mistake(PIAOZONE, "[companies.piaozone.eas]", "services", NOBODY),
    mistake(PIAOZONE, "[companies.piaozone.eas]", "data_center", r#""OTHERDC""#),
    mistake(PIAOZONE, "[companies.piaozone.eas]", "user", r#""nobody""#),
    mistake(WECOM, "[companies.wecom]", "corp_id", r#""ww5e7eam50a02b7e8""#),
    mistake(WECOM, "[companies.wecom]", "secret", OTHER_SECRET),
    mistake(WECOM, "[companies.wecom]", "api_base", NOBODY),
    mistake(WECOM, FLOW, "template_id", r#""3Tka""#),
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    println!("As they are:");
    for scenario in SCENARIOS.iter().chain([&SETTINGS]) {
        println!("# {}", scenario.name);
        let place = Box::pin(Place::with(scenario.config, scenario.config)).await?;
        // The program's command: it prints what it finds, and fails if something is wrong.
        erplink::program::run(&["check".to_owned(), place.file.display().to_string()]).await?;
    }

    println!("\nWith one wrong setting:");
    let mut table = Table::new(["table", "setting", "what the check says"]);
    let mut unnamed = Vec::new();
    for mistake in MISTAKES {
        let place = Box::pin(Place::with(mistake.config, &mistake.text()?)).await?;
        let said = said(&place.file).await?;
        // A setting of a part has the name of the part before its own.
        if !said.contains(&format!("{}`", mistake.key)) {
            unnamed.push(format!("{} {}: {said}", mistake.table, mistake.key));
        }
        let short: String = said.chars().take(100).collect();
        table.row([&mistake.table, &mistake.key, &short]);
    }
    println!("{table}");
    match unnamed.as_slice() {
        [] => Ok(()),
        _ => Err(format!("not named:\n{}", unnamed.join("\n")).into()),
    }
}

impl Mistake {
    /// The configuration with the wrong value in the first such table.
    fn text(&self) -> Result<String, Failure> {
        let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let wrong = self.wrong.replace("http://NOBODY", &format!("http://{closed}"));
        let wrong = format!("{} = {wrong}", self.key);
        let (before, table) = self
            .config
            .split_once(&format!("\n{}\n", self.table))
            .ok_or_else(|| format!("no configuration has {}", self.table))?;
        let end = table.find("\n[").unwrap_or(table.len());
        let (settings, after) = table.split_at(end);
        let is_it = |line: &&str| line.split(" = ").next() == Some(self.key);
        let others = settings.lines().filter(|line| !is_it(line));
        let settings: Vec<&str> = std::iter::once(wrong.as_str()).chain(others).collect();
        Ok(format!("{before}\n{}\n{}{after}", self.table, settings.join("\n")))
    }
}

/// A sandbox in which the scenario of a configuration can begin, and the file to check.
struct Place {
    file: PathBuf,
    _sandbox: Sandbox,
    _folder: Folder,
}

impl Place {
    async fn with(config: &str, text: &str) -> Result<Self, Failure> {
        let (sandbox, folder) = (Box::pin(Sandbox::start()).await?, Folder::new("erplink-check")?);
        if let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.config == config) {
            (scenario.begin)(&sandbox)?;
        }
        let file = systems::write_config(folder.path(), text, &systems::addresses(&sandbox))?;
        Ok(Self { file, _sandbox: sandbox, _folder: folder })
    }
}

/// Everything that the check finds wrong; empty if it finds nothing.
async fn said(file: &Path) -> Result<String, Failure> {
    let mut said = Vec::new();
    for company in Config::read(file)?.companies {
        let findings = company.check().await;
        let wrong = |one: erplink::system::Finding| Some(format!("{}: {}", one.what, one.problem?));
        said.extend(findings.into_iter().filter_map(wrong));
    }
    Ok(said.join("; "))
}
