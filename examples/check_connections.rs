//! `erplink check`: which setting is wrong?
//!
//! ```console
//! cargo run --example check_connections      # all in the sandbox
//! ```
//!
//! Every configuration under `examples/config/` is checked as it is: all connections and forms are
//! fine. Then one setting at a time is wrong, and the check has to name it. The example fails if a
//! wrong setting is not named.

use std::path::Path;

use erplink::config::Config;
use erplink_examples::story::SCENARIOS;
use erplink_examples::systems::{self, Address};
use erplink_examples::{Failure, Folder, Table};
use erplink_sandbox::Sandbox;

/// A setting as it stands in a configuration, and a wrong one in its place.
struct Mistake {
    config: &'static str,
    right: &'static str,
    wrong: &'static str,
}

/// A secret that is another system's.
const OTHER_SECRET: &str = r#"{ file = "secrets/b1-password" }"#;
/// Stands for an address where nobody listens.
const NOBODY: &str = r#""http://NOBODY""#;

const DINGTALK: &str = include_str!("config/dingtalk-draft-approval.toml");
const ECOLOGY: &str = include_str!("config/ecology-approval.toml");
const ETEAMS: &str = include_str!("config/eteams-departments.toml");
const WECOM: &str = include_str!("config/wecom-draft-approval.toml");

const fn mistake(config: &'static str, right: &'static str, wrong: &'static str) -> Mistake {
    Mistake { config, right, wrong }
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    mistake(ETEAMS, r#"root = "http://127.0.0.1:50000/6160""#, NOBODY),
    mistake(ETEAMS, r#"company_db = "SBODEMOCN""#, r#""SBODEMOUS""#),
    mistake(ETEAMS, r"user = 'S-ERP\LLB'", r"'S-ERP\NOBODY'"),
    mistake(ETEAMS, r#"password = { file = "secrets/b1-password" }"#, r#"{ file = "secrets/wecom-secret" }"#),
    mistake(ETEAMS, r#"corp_id = "ww5e7eam50a02b7e8""#, r#""ww6f3c1d9a02b7e845""#),
    mistake(ETEAMS, r#"app_key = "sbx-3d1f5a7c9e2b4d60""#, r#""sbx-3d1f5a7c9e2b4d61""#),
    mistake(ETEAMS, r#"app_secret = { file = "secrets/eteams-app-secret" }"#, OTHER_SECRET),
    mistake(ETEAMS, r#"base_url = "http://127.0.0.1:50100""#, NOBODY),
    mistake(ETEAMS, r#"base_url = "http://127.0.0.1:50100""#, r#""http://127.0.0.1:50000""#),
    mistake(ETEAMS, "[[companies.flows]]", "[[companies.flows]]\nobject_type = \"Department\"\nmatch_field = \"Name\""),
    mistake(DINGTALK, r#"client_id = "dingabcdefgh12345678""#, r#""dingabcdefgh12345679""#),
    mistake(DINGTALK, r#"client_secret = { file = "secrets/dingtalk-client-secret" }"#, OTHER_SECRET),
    mistake(DINGTALK, r#"api_base = "http://127.0.0.1:50010""#, NOBODY),
    mistake(DINGTALK, r#"oapi_base = "http://127.0.0.1:50011""#, NOBODY),
    mistake(DINGTALK, r#"process_code = "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536""#, r#""PROC-1""#),
    mistake(ECOLOGY, r#"base_url = "http://127.0.0.1:50020""#, NOBODY),
    mistake(ECOLOGY, r#"appid = "EEAA5436-0000-4E6B-9B1C-000000000003""#, r#""EEAA5436""#),
    mistake(ECOLOGY, r#"secret = { file = "secrets/ecology-secret" }"#, OTHER_SECRET),
    mistake(ECOLOGY, "workflow_id = 781", "9"),
    mistake(WECOM, r#"corp_id = "ww6f3c1d9a02b7e845""#, r#""ww5e7eam50a02b7e8""#),
    mistake(WECOM, r#"secret = { file = "secrets/wecom-secret" }"#, OTHER_SECRET),
    mistake(WECOM, r#"api_base = "http://127.0.0.1:50030""#, NOBODY),
    mistake(WECOM, r#"template_id = "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa""#, r#""3Tka""#),
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let sandbox = Box::pin(Sandbox::start()).await?;
    let (folder, addresses) = (Folder::new("erplink-check")?, systems::addresses(&sandbox));

    println!("As they are:");
    for scenario in SCENARIOS {
        println!("# {}", scenario.name);
        let file = systems::write_config(folder.path(), scenario.config, &addresses)?;
        // The program's command: it prints what it finds, and fails if something is wrong.
        erplink::program::run(&["check".to_owned(), file.display().to_string()]).await?;
    }

    println!("\nWith one wrong setting:");
    let mut table = Table::new(["setting", "what the check says"]);
    let mut unnamed = Vec::new();
    for mistake in MISTAKES {
        let said = said(mistake, folder.path(), &addresses).await?;
        if !said.contains(&format!("`{}`", mistake.setting())) {
            unnamed.push(format!("{}: {said}", mistake.setting()));
        }
        let short: String = said.chars().take(110).collect();
        table.row([&mistake.setting(), &short]);
    }
    println!("{table}");
    match unnamed.as_slice() {
        [] => Ok(()),
        _ => Err(format!("not named:\n{}", unnamed.join("\n")).into()),
    }
}

impl Mistake {
    /// The key whose value is wrong.
    fn setting(&self) -> &'static str {
        let text = if self.right.contains(" = ") { self.right } else { self.wrong };
        let line = text.lines().find(|line| line.contains(" = ")).unwrap_or_default();
        line.split(" = ").next().unwrap_or_default()
    }

    /// The configuration with the wrong setting, in its first place.
    fn text(&self) -> Result<String, Failure> {
        let wrong = match self.right.split_once(" = ") {
            Some((key, _)) => format!("{key} = {}", self.wrong),
            None => self.wrong.to_owned(),
        };
        let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let wrong = wrong.replace("http://NOBODY", &format!("http://{closed}"));
        if !self.config.contains(self.right) {
            return Err(format!("no configuration has {}", self.right).into());
        }
        Ok(self.config.replacen(self.right, &wrong, 1))
    }
}

/// Everything that the check finds wrong; empty if it finds nothing.
async fn said(mistake: &Mistake, folder: &Path, addresses: &[Address]) -> Result<String, Failure> {
    let file = systems::write_config(folder, &mistake.text()?, addresses)?;
    let mut said = Vec::new();
    for company in Config::read(&file)?.companies {
        let findings = company.check().await;
        let wrong = |one: erplink::system::Finding| Some(format!("{}: {}", one.what, one.problem?));
        said.extend(findings.into_iter().filter_map(wrong));
    }
    Ok(said.join("; "))
}
