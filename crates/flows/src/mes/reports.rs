use async_trait::async_trait;
use blacklake_mes::Client;
use blacklake_mes::production::ReportFilter;
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};

use super::{Windows, failure};

/// Rows of progress reports (报工记录), each as the MES lists it, by its id.
#[derive(Clone, Debug)]
pub struct ProgressReports {
    mes: Client,
    windows: Windows,
}

impl ProgressReports {
    /// By the time they were reported.
    #[must_use]
    pub fn new(mes: Client, windows: Windows) -> Self {
        Self { mes, windows }
    }
}

#[async_trait]
impl Source for ProgressReports {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let Some(window) = self.windows.of(&request)? else { return Ok(SourcePage::default()) };
        let mut rows =
            self.mes.production().reports(ReportFilter::reported(window.from, window.to));
        let mut documents = Vec::new();
        while let Some(row) = rows.next().await.transpose().map_err(failure)? {
            documents.push(Document::new(row.id.to_string(), row.raw().clone()));
        }
        Ok(window.page(documents))
    }
}
