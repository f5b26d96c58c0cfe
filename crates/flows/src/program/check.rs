use erplink_sync::MemoryStore;

use super::Failure;
use crate::config::Config;
use crate::receive;

/// Asks every system for something small, and says which setting is wrong.
pub(super) async fn check(config: &Config) -> Result<(), Failure> {
    // What `run` would refuse at its start is refused here.
    let (runner, receivers) = config.compose()?.runner(MemoryStore::default());
    receive::open(receivers, &runner.build()?)?;
    let (mut failed, mut all) = (0, 0);
    for company in &config.companies {
        for finding in company.check().await {
            let outcome = finding.problem.as_deref().unwrap_or("fine");
            all += 1;
            failed += usize::from(finding.problem.is_some());
            println!("{} {}: {outcome}", company.name, finding.what);
        }
    }
    if failed > 0 {
        return Err(format!("{failed} of {all} checks failed").into());
    }
    Ok(())
}
