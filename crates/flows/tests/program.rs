//! The program's commands against the sandbox.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::path::PathBuf;

use stage::Stage;

/// A folder with a configuration for the sandbox, its secrets in files beside it.
struct Folder(PathBuf);

impl Folder {
    fn new(stage: &Stage, password: &str) -> Self {
        let folder = Self(stage.ledger.path().with_extension("d"));
        std::fs::create_dir_all(&folder.0).unwrap();
        let (b1, dingtalk) = (stage.sandbox.b1(), stage.sandbox.dingtalk());
        for (name, secret) in [
            ("password", password),
            ("client_secret", &dingtalk.client_secret()),
            ("token", "sandboxToken123"),
            ("aes_key", "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus"),
        ] {
            std::fs::write(folder.0.join(name), secret).unwrap();
        }
        let mut text = erplink::program::template("dingtalk-draft-approval").unwrap();
        for (example, here) in [
            ("https://erp.example.com/6160", b1.root_url().as_str()),
            ("\"${B1_PASSWORD}\"", "{ file = \"password\" }"),
            ("\"${DINGTALK_CLIENT_SECRET}\"", "{ file = \"client_secret\" }"),
            ("\"${DINGTALK_CALLBACK_TOKEN}\"", "{ file = \"token\" }"),
            ("\"${DINGTALK_CALLBACK_AES_KEY}\"", "{ file = \"aes_key\" }"),
            (
                "client_id =",
                &format!(
                    "api_base = \"{}\"\noapi_base = \"{}\"\nclient_id =",
                    dingtalk.api_url(),
                    dingtalk.oapi_url()
                ),
            ),
        ] {
            assert!(text.contains(example), "{example}");
            text = text.replace(example, here);
        }
        std::fs::write(folder.0.join("erplink.toml"), text).unwrap();
        folder
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.0.join("erplink.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
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
async fn a_good_configuration_passes_the_check_and_runs_dry() {
    let stage = Stage::new().await;
    stage.submit("RM-001", "1");
    let folder = Folder::new(&stage, stage.sandbox.b1().password());
    folder.erplink(&["check"]).await.unwrap();
    folder.erplink(&["dry-run", "SBODEMOCN/purchase-requests"]).await.unwrap();
    folder.erplink(&["status"]).await.unwrap();
    assert_eq!(stage.creates(), 0, "nothing was sent");
}

#[tokio::test]
async fn a_wrong_password_and_unknown_names_are_reported() {
    let stage = Stage::new().await;
    let folder = Folder::new(&stage, "wrong");
    let problem = folder.erplink(&["check"]).await.unwrap_err();
    assert_eq!(problem, "1 of 2 checks failed");
    let problem = folder.erplink(&["dry-run", "SBODEMOCN/orders"]).await.unwrap_err();
    assert!(problem.contains("has no flow SBODEMOCN/orders"), "{problem}");
    let unknown = ["retry", "SBODEMOCN/purchase-requests", "17"];
    let problem = folder.erplink(&unknown).await.unwrap_err();
    assert!(problem.contains("does not know SBODEMOCN/purchase-requests/17"), "{problem}");
    let problem = folder.erplink(&["frobnicate"]).await.unwrap_err();
    assert!(problem.contains("erplink COMMAND"), "{problem}");
}

#[tokio::test]
async fn documents_of_the_past_are_filled_in_by_hand() {
    let stage = Stage::new().await;
    stage.submit("RM-001", "1");
    let folder = Folder::new(&stage, stage.sandbox.b1().password());
    folder.edit("cycle_minutes = 1", "start_date = \"2999-01-01\"");
    let flow = "SBODEMOCN/purchase-requests";
    folder.erplink(&["dry-run", flow]).await.unwrap();
    let backwards = folder.erplink(&["backfill", flow, "2026-02-01", "2026-01-01"]).await;
    assert!(backwards.unwrap_err().contains("is before"));
    folder.erplink(&["backfill", flow, "2000-01-01", "2000-12-31"]).await.unwrap();
    assert_eq!(stage.creates(), 0, "nothing is so old");
    for _ in 0..2 {
        folder.erplink(&["backfill", flow, "2000-01-01", "2999-12-31"]).await.unwrap();
        assert_eq!(stage.creates(), 1, "once");
    }
    let decisions = "SBODEMOCN/purchase-requests-decisions";
    let refused = folder.erplink(&["backfill", decisions, "2000-01-01", "2000-01-02"]).await;
    assert!(refused.unwrap_err().contains("has no flow"));
}

#[tokio::test]
async fn a_person_parks_reruns_and_reconciles() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let folder = Folder::new(&stage, stage.sandbox.b1().password());
    let flow = "SBODEMOCN/purchase-requests";
    folder.erplink(&["backfill", flow, "2000-01-01", "2999-12-31"]).await.unwrap();
    let instance = stage.sandbox.dingtalk().instances().pop().unwrap();
    // Nobody received the push.
    stage.sandbox.dingtalk().withdraw(&instance).unwrap();
    folder.erplink(&["reconcile"]).await.unwrap();
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsPending");
    folder.erplink(&["status"]).await.unwrap();

    folder.edit("on_withdrawn = \"leave\"", "on_withdrawn = \"refuse\"");
    let decisions = "SBODEMOCN/purchase-requests-decisions";
    folder.erplink(&["park", decisions, &instance]).await.unwrap();
    folder.erplink(&["rerun", "SBODEMOCN", &instance]).await.unwrap();
    let unknown = folder.erplink(&["rerun", "SBODEMOCN", "nothing"]).await;
    assert!(unknown.unwrap_err().contains("received an event `nothing`"));
    folder.erplink(&["reconcile"]).await.unwrap();
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsNotApproved");
}
