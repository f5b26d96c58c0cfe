//! The program's commands on what `erplink init` prints.

use std::path::PathBuf;

use crate::factory::{Factory, KEY};

/// A folder with a configuration for the sandbox, its secrets in files beside it.
struct Folder(PathBuf);

impl Folder {
    fn new(factory: &Factory, scenario: &str, secret: &str) -> Self {
        let folder = Self(factory.stage.ledger.path().with_extension("d"));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, secret) in
            [("password", factory.erp().password()), ("secret", secret), ("key", KEY)]
        {
            std::fs::write(folder.0.join(name), secret).unwrap();
        }
        let mut text = erplink::program::template(scenario).unwrap();
        let number = format!("\"{}\"", factory.mes().factory_number());
        for (example, here) in [
            ("https://erp.example.com/6160", factory.erp().root_url().as_str()),
            ("https://v3-hw.blacklake.cn", factory.mes().url().as_str()),
            ("\"Z20\"", &number),
            ("\"${B1_PASSWORD}\"", "{ file = \"password\" }"),
            ("\"${MES_APP_SECRET}\"", "{ file = \"secret\" }"),
            ("\"${MES_CALLBACK_KEY}\"", "{ file = \"key\" }"),
        ] {
            assert!(text.contains(example), "{example}");
            text = text.replace(example, here);
        }
        std::fs::write(folder.0.join("erplink.toml"), text).unwrap();
        folder
    }

    async fn erplink(&self, command: &[&str]) -> Result<(), String> {
        let config = self.0.join("erplink.toml").display().to_string();
        let mut args = vec![command[0].to_owned(), config];
        args.extend(command[1..].iter().map(ToString::to_string));
        Box::pin(erplink::program::run(&args)).await.map_err(|problem| problem.to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn what_init_prints_passes_the_check_and_runs_dry() {
    for (number, flow) in [
        ("S20", "mes-materials"),
        ("S21", "mes-work-orders"),
        ("S22", "mes-goods-receipts"),
        ("S23", "mes-goods-issues"),
    ] {
        let factory = Factory::new().await;
        let folder = Folder::new(&factory, number, factory.mes().app_secret());
        folder.erplink(&["check"]).await.unwrap();
        folder.erplink(&["dry-run", &format!("SBODEMOCN/{flow}")]).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_secret_is_found_before_anything_runs() {
    let factory = Factory::new().await;
    let folder = Folder::new(&factory, "S21", "wrong");
    let problem = folder.erplink(&["check"]).await.unwrap_err();
    assert!(problem.contains("checks failed"), "{problem}");
}
