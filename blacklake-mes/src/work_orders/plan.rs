//! Operations of a work order, and which of them is the last.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{OutputRow, ProcessRoute};
use crate::id::{Id, OperationId, ProcessId};
use crate::lenient::model;
use crate::shared::{CodeMessage, Flag};

model! {
    /// The operations of a work order and how they follow each other.
    pub struct ProcessPlan aka ["relations" => "processConnections"] {
        /// The route it was made from.
        pub original_process_route: Option<ProcessRoute>,
        /// Whether it follows a SOP.
        pub enable_sop: Option<i64>,
        /// Operations.
        pub processes: Vec<PlanOperation>,
        /// Which follows which.
        pub process_connections: Vec<OperationConnection>,
    }

    /// An operation of a work order.
    pub struct PlanOperation {
        /// Id of the operation in this work order.
        pub id: OperationId,
        /// Id of its definition.
        pub process_id: Option<ProcessId>,
        /// Number, a text: `"9"`, `"10"`.
        pub process_num: String,
        /// Order.
        pub process_seq: Option<i64>,
        /// Number of the one before.
        pub pre_process_num: String,
        /// Code of the definition.
        pub process_code: String,
        /// Name.
        pub process_name: String,
        /// Identifier.
        pub identifier: String,
        /// Work centre.
        pub work_center_id: Option<Id>,
        /// Name of the work centre.
        pub work_center_name: String,
        /// Description.
        pub description: String,
        /// Planned start.
        pub planned_start_time: Option<DateTime<Utc>>,
        /// Planned end.
        pub planned_end_time: Option<DateTime<Utc>>,
        /// When work began.
        pub actual_start_time: Option<DateTime<Utc>>,
        /// When work ended.
        pub actual_end_time: Option<DateTime<Utc>>,
        /// Whether it is reported; second contract.
        pub report_flag: Option<Flag>,
    }

    /// One operation follows another.
    pub struct OperationConnection {
        /// Id of the connection.
        pub id: Option<Id>,
        /// The one before.
        pub prev_process_id: Option<OperationId>,
        /// Its number.
        pub prev_process_num: String,
        /// The one after.
        pub next_process_id: Option<OperationId>,
        /// Its number.
        pub next_process_num: String,
        /// How they connect.
        pub connection_type: Option<CodeMessage<i64>>,
    }
}

/// What makes an operation the last one: its output is what goes into stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LastOperationRule {
    /// It has the greatest number (`processNum`, compared as numbers; `processSeq` where one of
    /// them is no number).
    #[default]
    MaxProcessNum,
    /// None follows it. Several may be the last ones. Without connections: the greatest number.
    NoSuccessor,
    /// The main product names it (`outputProcessId`). Where it names none: the greatest number.
    MainOutputProcess,
}

/// Which operation a report was made at, as the report names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportedAt<'a> {
    /// `processId`: of the operation in the work order or of its definition; the platform does not
    /// say which.
    pub process_id: Option<i64>,
    /// `processCode`.
    pub process_code: &'a str,
}

impl<'a> ReportedAt<'a> {
    /// From the members of a report.
    #[must_use]
    pub fn new(process_id: Option<i64>, process_code: &'a str) -> Self {
        Self { process_id, process_code }
    }
}

impl ProcessPlan {
    /// The last operations by this rule; `outputs` only matter for
    /// [`LastOperationRule::MainOutputProcess`].
    #[must_use]
    pub fn last_operations(
        &self,
        rule: LastOperationRule,
        outputs: &[OutputRow],
    ) -> Vec<&PlanOperation> {
        let ends = match rule {
            LastOperationRule::MaxProcessNum => Vec::new(),
            LastOperationRule::NoSuccessor if self.process_connections.is_empty() => Vec::new(),
            LastOperationRule::NoSuccessor => {
                self.processes.iter().filter(|operation| !self.has_successor(operation)).collect()
            }
            LastOperationRule::MainOutputProcess => {
                let named = outputs
                    .iter()
                    .find(|output| output.main == Some(Flag::Yes))
                    .and_then(|output| output.output_process_id);
                self.processes.iter().filter(|operation| Some(operation.id) == named).collect()
            }
        };
        if ends.is_empty() { self.greatest().into_iter().collect() } else { ends }
    }

    /// The operation a report was made at: by the id of the operation, else of its definition, else
    /// by the code.
    #[must_use]
    pub fn operation(&self, at: ReportedAt<'_>) -> Option<&PlanOperation> {
        let find = |fits: &dyn Fn(&PlanOperation) -> bool| {
            self.processes.iter().find(|operation| fits(operation))
        };
        find(&|operation| at.process_id == Some(operation.id.get()))
            .or_else(|| {
                let id = at.process_id.map(ProcessId::new)?;
                find(&|operation| operation.process_id == Some(id))
            })
            .or_else(|| {
                let code = Some(at.process_code).filter(|code| !code.is_empty())?;
                find(&|operation| operation.process_code == code)
            })
    }

    /// Whether a report was made at a last operation; `None` when the plan does not have it.
    #[must_use]
    pub fn is_last(
        &self,
        at: ReportedAt<'_>,
        rule: LastOperationRule,
        outputs: &[OutputRow],
    ) -> Option<bool> {
        let operation = self.operation(at)?;
        let last = self.last_operations(rule, outputs);
        Some(last.iter().any(|last| std::ptr::eq(*last, operation)))
    }

    fn has_successor(&self, operation: &PlanOperation) -> bool {
        self.process_connections.iter().any(|connection| {
            connection.prev_process_id == Some(operation.id)
                || (!connection.prev_process_num.is_empty()
                    && connection.prev_process_num == operation.process_num)
        })
    }

    fn greatest(&self) -> Option<&PlanOperation> {
        let number = |operation: &PlanOperation| operation.process_num.trim().parse::<i64>().ok();
        if self.processes.iter().all(|operation| number(operation).is_some()) {
            self.processes.iter().max_by_key(|operation| number(operation))
        } else {
            self.processes.iter().max_by_key(|operation| operation.process_seq)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::decode;

    fn plan(text: &str) -> ProcessPlan {
        decode(text).unwrap()
    }

    fn last(plan: &ProcessPlan, rule: LastOperationRule, outputs: &[OutputRow]) -> Vec<i64> {
        plan.last_operations(rule, outputs).iter().map(|found| found.id.get()).collect()
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        use LastOperationRule::*;
        let numbered =
            plan(r#"{"processes":[{"id":1,"processNum":"9"},{"id":2,"processNum":"10"}]}"#);
        let lettered = plan(
            r#"{"processes":[{"id":1,"processNum":"9","processSeq":2},{"id":2,"processNum":"10A","processSeq":1}]}"#,
        );
        let linked = plan(
            r#"{"processes":[{"id":1,"processNum":"30"},{"id":2,"processNum":"10"},{"id":3,"processNum":"20"}],
               "processConnections":[{"prevProcessNum":"30","nextProcessNum":"10"}]}"#,
        );
        let output: OutputRow = decode(r#"{"main":1,"outputProcessId":1}"#).unwrap();
        for (plan, rule, outputs, expected) in [
            (&numbered, MaxProcessNum, &[][..], &[2][..]),
            (&lettered, MaxProcessNum, &[], &[1]),
            (&numbered, NoSuccessor, &[], &[2]),
            (&linked, NoSuccessor, &[], &[2, 3]),
            (&numbered, MainOutputProcess, std::slice::from_ref(&output), &[1]),
            (&numbered, MainOutputProcess, &[], &[2]),
            (&ProcessPlan::default(), MaxProcessNum, &[], &[]),
        ] {
            assert_eq!(last(plan, rule, outputs), expected, "{rule:?}");
        }
    }

    #[test]
    fn a_report_is_matched_by_id_then_definition_then_code() {
        let plan = plan(
            r#"{"processes":[{"id":1,"processId":2,"processNum":"1","processCode":"ZS"},
                             {"id":2,"processId":5,"processNum":"2","processCode":"JG"}]}"#,
        );
        let rule = LastOperationRule::MaxProcessNum;
        for (id, code, expected) in [
            (Some(2), "ZS", Some(true)),
            (Some(5), "ZS", Some(true)),
            (Some(1), "", Some(false)),
            (Some(9), "JG", Some(true)),
            (None, "ZS", Some(false)),
            (Some(9), "", None),
        ] {
            assert_eq!(
                plan.is_last(ReportedAt::new(id, code), rule, &[]),
                expected,
                "{id:?} {code}"
            );
        }
    }
}
