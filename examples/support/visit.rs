use erplink::config::Config;
use erplink_sandbox::Sandbox;
use erplink_sandbox::barcode::{Addresses, Answer};
use erplink_sandbox::wecom::PushFault;

use crate::{Failure, systems};

/// More pushes than a scenario has.
const PUSHES: usize = 20;

/// What people do once everything is set up at `base`, and what leaves no document behind:
/// connections are checked, scanners ask their questions at each company, the trusted domain is
/// verified, and from then on WeCom pushes every event twice.
///
/// # Errors
/// The first thing that is not as it should be.
pub async fn visit(sandbox: &Sandbox, base: &str, config: &Config) -> Result<(), Failure> {
    for company in &config.companies {
        for finding in company.check().await {
            if let Some(problem) = finding.problem {
                return Err(format!("{} {}: {problem}", company.name, finding.what).into());
            }
        }
        let systems: Vec<&str> = company.systems.iter().map(|system| system.name()).collect();
        if systems.contains(&"barcode") {
            let has_sql = systems.contains(&"diapi");
            Box::pin(scan(sandbox, base, &company.name, has_sql)).await?;
        }
        if systems.contains(&"wecom") {
            Box::pin(administer(sandbox, base)).await?;
        }
    }
    Ok(())
}

/// A person with a scanner looks around in a company (账套).
async fn scan(sandbox: &Sandbox, base: &str, company: &str, has_sql: bool) -> Result<(), Failure> {
    let scanner = sandbox.barcode();
    let addresses = Addresses::under(&format!("{base}/{company}/barcode"));
    scanner.configure(addresses, systems::secret("barcode-app-code"));
    let items = "SELECT T0.\"ItemCode\" FROM OITM T0";
    let mut answers = vec![
        scanner.methods().await?,
        scanner.companies().await?,
        scanner.print_query(items).await?,
    ];
    if has_sql {
        answers.push(scanner.query(items).await?);
    }
    let is_empty = |answer: &Answer| answer.data.as_array().is_none_or(Vec::is_empty);
    match answers.iter().find(|answer| !answer.is_success() || is_empty(answer)) {
        Some(answer) => Err(format!("{} answered {}", answer.url, answer.message).into()),
        None => Ok(()),
    }
}

/// An administrator of WeCom enters the domain of the receiver.
async fn administer(sandbox: &Sandbox, base: &str) -> Result<(), Failure> {
    let wecom = sandbox.wecom();
    (0..PUSHES).for_each(|_| wecom.arrange_push_fault(PushFault::Duplicate));
    Ok(wecom.verify_domain(base, "WW_verify_7rG3kjVbXHngiald.txt", "7rG3kjVbXHngiald").await?)
}
