//! One company behind the address.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::clock::{Clock, SystemClock};
use erplink_core::{Members, RawJson};

use crate::answer::Answer;
use crate::query::{Queries, QueryError};
use crate::repeat::{self, Repeats};
use crate::request::object;
use crate::save::{Rewrite, Saver};
use crate::{
    Desk, Document, Documents, Method, QueryRequest, SaveAnswer, SaveError, SaveName, SaveOrder,
    SaveRequest, Saved, Settings, Sql, Standing,
};

/// Which company (账套) an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyInfo {
    /// The database, such as `SBODEMOCN`.
    pub company_db: String,
    /// The name that people know. Without it, it is asked from the ERP, or is the database.
    pub company_name: Option<String>,
}

/// One company: its connections and its settings. Companies share nothing.
#[derive(Clone)]
pub struct Company {
    info: CompanyInfo,
    documents: Arc<dyn Documents>,
    sql: Option<Arc<dyn Sql>>,
    print_sql: Option<Arc<dyn Sql>>,
    settings: Settings,
    rewrite: Option<Arc<Rewrite>>,
    desk: Option<Arc<dyn Desk>>,
    clock: Arc<dyn Clock>,
    repeats: Repeats,
}

impl fmt::Debug for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Company").field("info", &self.info).finish_non_exhaustive()
    }
}

impl Company {
    /// A company whose documents go here. Without a connection for SQL (sites 合部) queries and
    /// backflush answer that they are not enabled.
    pub fn new(company_db: impl Into<String>, documents: Arc<dyn Documents>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Self {
            info: CompanyInfo { company_db: company_db.into(), company_name: None },
            documents,
            sql: None,
            print_sql: None,
            settings: Settings::default(),
            rewrite: None,
            desk: None,
            repeats: Repeats::new(Duration::ZERO, clock.clone()),
            clock,
        }
    }

    /// The name that people know.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.info.company_name = Some(name.into());
        self
    }

    /// The connection for queries and for the SQL of the backflush: the DI API service.
    #[must_use]
    pub fn sql(mut self, sql: Arc<dyn Sql>) -> Self {
        self.sql = Some(sql);
        self
    }

    /// The connection for the queries of label printing: stored queries of the Service Layer.
    #[must_use]
    pub fn print_sql(mut self, sql: Arc<dyn Sql>) -> Self {
        self.print_sql = Some(sql);
        self
    }

    /// How it is served.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self.with_repeats()
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self.with_repeats()
    }

    fn with_repeats(self) -> Self {
        let window = Duration::from_secs(self.settings.repeat_window_seconds);
        Self { repeats: Repeats::new(window, self.clock.clone()), ..self }
    }

    /// Changes or refuses each document before it is posted, the issues of backflushes too. The
    /// text of its error goes to the scanner.
    #[must_use]
    pub fn rewrite(
        mut self,
        rewrite: impl Fn(Document) -> Result<Document, String> + Send + Sync + 'static,
    ) -> Self {
        self.rewrite = Some(Arc::new(rewrite));
        self
    }

    /// Gives what is to be saved to a desk instead of saving it at once. The desk then answers for
    /// repeats.
    #[must_use]
    pub fn desk(mut self, desk: Arc<dyn Desk>) -> Self {
        self.desk = Some(desk);
        self
    }

    /// Runs a query (查询接口).
    ///
    /// # Errors
    /// When it is not enabled, does more than read, or fails.
    pub async fn query(&self, sql: &str) -> Result<Vec<Members>, QueryError> {
        let queries = self.queries(&self.sql);
        queries.ok_or(QueryError::NotEnabled { what: "the query" })?.run(sql).await
    }

    /// Runs a query for label printing (打印用查询).
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn print_query(&self, sql: &str) -> Result<Vec<Members>, QueryError> {
        let queries = self.queries(&self.print_sql);
        queries.ok_or(QueryError::NotEnabled { what: "the print query" })?.run(sql).await
    }

    /// Saves a document (保存接口), with its backflush.
    ///
    /// **Await it to its end.** Dropped between issue and receipt it leaves the issue alone, and
    /// nobody is told; the router of feature `axum` keeps it alive when the caller hangs up.
    ///
    /// # Errors
    /// [`SaveError`], whose text says what stands.
    pub async fn save(&self, request: &SaveRequest) -> Result<Saved, SaveError> {
        let queries = self.queries(&self.sql);
        self.saver(queries.as_ref()).save(request, None).await
    }

    /// As [`save`](Self::save), under a name: what may have been begun under it before goes on
    /// where it ended. An issue that stands is not posted again.
    ///
    /// Look at [`standing`](Self::standing) first: the document itself is not looked for here. And
    /// wait until an answer that was lost can no longer be on its way.
    ///
    /// # Errors
    /// [`SaveError`], whose text says what stands.
    pub async fn save_as(
        &self,
        request: &SaveRequest,
        name: &SaveName,
    ) -> Result<Saved, SaveError> {
        let queries = self.queries(&self.sql);
        self.saver(queries.as_ref()).save(request, Some(name)).await
    }

    /// Looks in the ERP for what stands of a save of this name.
    ///
    /// # Errors
    /// When the request cannot be converted any more, or the ERP does not answer.
    pub async fn standing(
        &self,
        request: &SaveRequest,
        name: &SaveName,
    ) -> Result<Standing, SaveError> {
        self.saver(None).standing(request, name).await
    }

    fn saver<'a>(&'a self, queries: Option<&'a Queries>) -> Saver<'a> {
        Saver {
            documents: self.documents.as_ref(),
            queries,
            settings: &self.settings,
            rewrite: self.rewrite.as_deref(),
        }
    }

    /// Which company it is (返回账套接口).
    ///
    /// # Errors
    /// When the name has to be asked from the ERP and that fails.
    pub async fn info(&self) -> Result<CompanyInfo, QueryError> {
        let mut info = self.info.clone();
        if info.company_name.is_none()
            && let Some(queries) = self.queries(&self.sql)
        {
            let rows = queries.run("select \"CompnyName\" from OADM").await?;
            info.company_name = rows.first().and_then(|row| row.text("CompnyName").ok()).flatten();
        }
        Ok(info)
    }

    fn queries(&self, sql: &Option<Arc<dyn Sql>>) -> Option<Queries> {
        sql.clone().map(|sql| Queries { sql, rules: self.settings.query.clone() })
    }

    pub(crate) async fn answer_query(&self, body: &[u8], for_print: bool) -> Answer {
        let request = match QueryRequest::read(body) {
            Ok(request) => request,
            Err(error) => return Answer::no_rows(&error),
        };
        let rows = match for_print {
            true => self.print_query(&request.sql).await,
            false => self.query(&request.sql).await,
        };
        match rows {
            Ok(rows) => Answer::ok(RawJson::array(rows.iter().map(Members::to_json))),
            Err(error) => Answer::no_rows(&error),
        }
    }

    pub(crate) async fn answer_save(&self, body: &[u8]) -> Answer {
        let read = object(body).and_then(|whole| {
            let request = SaveRequest::from_members(&whole)?;
            Ok((repeat::key(&whole, &self.settings), whole, request))
        });
        let (key, whole, request) = match read {
            Ok(read) => read,
            Err(error) => return Answer::nothing(&error),
        };
        let answer = match &self.desk {
            Some(desk) => desk.save(SaveOrder::new(SaveName::of_bytes(&key), whole)).await,
            None => {
                // Boxed: it holds the whole way of a document.
                let saved = self.repeats.once(key, Box::pin(self.save(&request))).await;
                saved.map(|saved| saved.answer()).map_err(|error| error.to_string())
            }
        };
        match answer {
            Ok(SaveAnswer { message, data }) => Answer { message, ..Answer::ok(data) },
            Err(error) => Answer::nothing(&error),
        }
    }

    pub(crate) async fn answer_info(&self) -> Answer {
        match self.info().await {
            Ok(CompanyInfo { company_db, company_name }) => {
                let name = company_name.as_deref().unwrap_or(&company_db);
                let members = [("CompanyDB", company_db.as_str()), ("CompanyName", name)];
                let members =
                    members.map(|(member, text)| (member.to_owned(), RawJson::text(text)));
                let company = members.into_iter().collect::<Members>();
                Answer::ok(RawJson::array([company.to_json()]))
            }
            Err(error) => Answer::no_rows(&error),
        }
    }
}

/// The support table (可用方法返回接口).
pub(crate) fn methods() -> Answer {
    let row = |method: &Method| {
        let members = [
            ("method".to_owned(), RawJson::text(method.as_str())),
            ("name".to_owned(), RawJson::text(method.chinese())),
            ("operations".to_owned(), RawJson::array([RawJson::text("A")])),
        ];
        members.into_iter().collect::<Members>().to_json()
    };
    Answer::ok(RawJson::array(Method::KNOWN.iter().map(row)))
}
