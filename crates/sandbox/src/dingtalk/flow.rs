//! How an instance moves: from node to node, task by task.

use chrono::{DateTime, Utc};

use super::event::{Event, InstanceChange, TaskChange};
use super::ids::Ids;
use super::instance::{Decision, Instance, Position, Record, Remark, Status, Task, TaskStatus};
use super::template::Mode;

/// One action: when it happens, and where its ids come from and its events go.
pub(super) struct Moment<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) ids: &'a mut Ids,
    pub(super) events: &'a mut Vec<Event>,
}

impl Instance {
    /// Starts the flow of an instance just created.
    pub(super) fn begin(&mut self, moment: &mut Moment<'_>) {
        self.records.push(Record::new("START_PROCESS_INSTANCE", &self.originator, moment.now));
        self.announce(InstanceChange::Start, moment);
        self.enter(0, moment);
    }

    /// The user of an open task agrees or refuses.
    pub(super) fn decide(
        &mut self,
        task_id: i64,
        decision: Decision,
        remark: &Remark,
        moment: &mut Moment<'_>,
    ) {
        let Some(task) = self.close_task(task_id, TaskStatus::Completed, decision.upper(), moment)
        else {
            return;
        };
        let mut record = Record::new("EXECUTE_TASK_NORMAL", &task.user, moment.now).of_task(&task);
        record.result = decision.upper();
        self.records.push(record.remark(remark));
        self.announce_task(&task, TaskChange::Finish(decision.lower()), remark, moment);
        match decision {
            Decision::Refuse => {
                self.cancel_open_tasks(TaskStatus::Canceled, false, moment);
                self.finish(Decision::Refuse, moment);
            }
            Decision::Agree => self.advance(&task, moment),
        }
    }

    /// The user of an open task hands it over to somebody else (转交).
    pub(super) fn hand_over(
        &mut self,
        task_id: i64,
        to: &str,
        remark: &Remark,
        moment: &mut Moment<'_>,
    ) {
        let Some(task) = self.close_task(task_id, TaskStatus::Completed, "REDIRECTED", moment)
        else {
            return;
        };
        let record = Record::new("REDIRECT_TASK", &task.user, moment.now);
        self.records.push(record.of_task(&task).remark(remark));
        self.announce_task(&task, TaskChange::Finish("redirect"), remark, moment);
        self.open_task(to, &task.activity_id, &task.node_name, moment);
    }

    /// Withdraws the instance (撤销).
    pub(super) fn terminate(
        &mut self,
        by: &str,
        remark: &Remark,
        task_status: TaskStatus,
        moment: &mut Moment<'_>,
    ) {
        self.cancel_open_tasks(task_status, false, moment);
        let record = Record::new("TERMINATE_PROCESS_INSTANCE", by, moment.now);
        self.records.push(record.remark(remark));
        self.status = Status::Terminated;
        self.finished = Some(moment.now);
        self.announce(InstanceChange::Terminate, moment);
    }

    /// Announces that somebody deleted the instance.
    pub(super) fn announce_deletion(&self, moment: &mut Moment<'_>) {
        self.announce(InstanceChange::Delete, moment);
    }

    /// After an agreement: the next user of the node, the next node, or the end.
    fn advance(&mut self, agreed: &Task, moment: &mut Moment<'_>) {
        let Position { step: index, asked } = self.position;
        let Some(step) = self.steps.get(index) else { return };
        match step.mode {
            Mode::Or => self.cancel_open_tasks(TaskStatus::Canceled, true, moment),
            Mode::And if self.open_tasks().next().is_some() => return,
            Mode::OneByOne => {
                if let Some(next) = step.users.get(asked).cloned() {
                    self.position.asked = asked.saturating_add(1);
                    return self.open_task(&next, &agreed.activity_id, &agreed.node_name, moment);
                }
            }
            Mode::And | Mode::Single => {}
        }
        self.enter(index.saturating_add(1), moment);
    }

    /// Opens the tasks of a node; nodes without users are passed over.
    fn enter(&mut self, index: usize, moment: &mut Moment<'_>) {
        let mut rest = self.steps.iter().enumerate().skip(index);
        let Some((index, step)) = rest.find(|(_, step)| !step.users.is_empty()) else {
            return self.finish(Decision::Agree, moment);
        };
        let step = step.clone();
        self.position = Position { step: index, asked: 1 };
        let asked_at_once = match step.mode {
            Mode::And | Mode::Or => step.users.len(),
            Mode::OneByOne | Mode::Single => 1,
        };
        for user in step.users.iter().take(asked_at_once) {
            self.open_task(user, &step.activity_id, &step.name, moment);
        }
    }

    fn finish(&mut self, decision: Decision, moment: &mut Moment<'_>) {
        if decision == Decision::Agree {
            let last = self
                .records
                .last()
                .map_or_else(|| self.originator.clone(), |record| record.user.clone());
            self.records.push(Record::new("FINISH_PROCESS_INSTANCE", &last, moment.now));
        }
        self.status = Status::Completed;
        self.result = Some(decision);
        self.finished = Some(moment.now);
        self.announce(InstanceChange::Finish, moment);
    }

    fn open_task(&mut self, user: &str, activity_id: &str, name: &str, moment: &mut Moment<'_>) {
        let task = Task {
            id: moment.ids.task(),
            user: user.to_owned(),
            status: TaskStatus::Running,
            result: "NONE",
            created: moment.now,
            finished: None,
            activity_id: activity_id.to_owned(),
            node_name: name.to_owned(),
        };
        self.announce_task(&task, TaskChange::Start, &Remark::default(), moment);
        self.tasks.push(task);
    }

    fn close_task(
        &mut self,
        id: i64,
        status: TaskStatus,
        result: &'static str,
        moment: &Moment<'_>,
    ) -> Option<Task> {
        let task = self.tasks.iter_mut().find(|task| task.id == id)?;
        task.status = status;
        task.result = result;
        task.finished = Some(moment.now);
        Some(task.clone())
    }

    /// Closes what is still open. Only an or-sign node decided by a colleague announces it.
    fn cancel_open_tasks(&mut self, status: TaskStatus, announce: bool, moment: &mut Moment<'_>) {
        let open: Vec<i64> = self.open_tasks().map(|task| task.id).collect();
        for id in open {
            if let Some(task) = self.close_task(id, status, "NONE", moment)
                && announce
            {
                self.announce_task(&task, TaskChange::Cancel, &Remark::default(), moment);
            }
        }
    }

    fn announce(&self, change: InstanceChange, moment: &mut Moment<'_>) {
        let event = Event::of_instance(self, change, moment.now, moment.ids);
        moment.events.push(event);
    }

    fn announce_task(
        &self,
        task: &Task,
        change: TaskChange,
        remark: &Remark,
        moment: &mut Moment<'_>,
    ) {
        let event = Event::of_task(self, task, change, remark, moment.now, moment.ids);
        moment.events.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::Step;
    use super::*;

    struct Stage {
        instance: Instance,
        ids: Ids,
        events: Vec<Event>,
    }

    impl Stage {
        fn new(steps: &[(Mode, &[&str])]) -> Self {
            let now = DateTime::from_timestamp(1_732_069_860, 0).unwrap();
            let steps = steps.iter().enumerate().map(|(index, (mode, users))| Step {
                activity_id: format!("node-{index}"),
                name: "审批人".to_owned(),
                mode: *mode,
                users: users.iter().map(|user| (*user).to_owned()).collect(),
            });
            let mut stage = Stage {
                instance: Instance {
                    id: "i".to_owned(),
                    process_code: "PROC-1".to_owned(),
                    title: "t".to_owned(),
                    business_id: "1".to_owned(),
                    originator: "o".to_owned(),
                    department: 1,
                    created: now,
                    finished: None,
                    status: Status::Running,
                    result: None,
                    components: Vec::new(),
                    form: Vec::new(),
                    steps: steps.collect(),
                    position: Position::default(),
                    cc: Vec::new(),
                    tasks: Vec::new(),
                    records: Vec::new(),
                    follows: None,
                    attached: Vec::new(),
                },
                ids: Ids::default(),
                events: Vec::new(),
            };
            stage.act(|instance, moment| instance.begin(moment));
            stage
        }

        fn act(&mut self, act: impl FnOnce(&mut Instance, &mut Moment<'_>)) {
            let now = self.instance.created;
            let mut moment = Moment { now, ids: &mut self.ids, events: &mut self.events };
            act(&mut self.instance, &mut moment);
        }

        fn decide(&mut self, user: &str, decision: Decision) {
            let task = self.instance.open_task_of(user).expect("an open task").id;
            self.act(|instance, moment| {
                instance.decide(task, decision, &Remark::default(), moment)
            });
        }

        fn open(&self) -> Vec<&str> {
            self.instance.open_tasks().map(|task| task.user.as_str()).collect()
        }

        /// Event names since the last look.
        fn heard(&mut self) -> Vec<String> {
            self.events.drain(..).map(|event| event.to_string()).collect()
        }
    }

    #[test]
    fn an_and_node_waits_for_everybody() {
        let mut stage = Stage::new(&[(Mode::And, &["a", "b"]), (Mode::Single, &["c"])]);
        assert_eq!(stage.heard(), ["instance/start", "task/start", "task/start"]);
        stage.decide("b", Decision::Agree);
        assert_eq!(stage.open(), ["a"]);
        stage.decide("a", Decision::Agree);
        assert_eq!(stage.open(), ["c"]);
        stage.decide("c", Decision::Agree);
        assert_eq!(
            stage.heard(),
            [
                "task/finish/agree",
                "task/finish/agree",
                "task/start",
                "task/finish/agree",
                "instance/finish/agree"
            ]
        );
        assert_eq!(stage.instance.status, Status::Completed);
    }

    #[test]
    fn an_or_node_takes_the_first_answer_and_cancels_the_others() {
        let mut stage = Stage::new(&[(Mode::Or, &["a", "b", "c"])]);
        stage.heard();
        stage.decide("b", Decision::Agree);
        assert_eq!(
            stage.heard(),
            ["task/finish/agree", "task/cancel", "task/cancel", "instance/finish/agree"]
        );
        let canceled =
            stage.instance.tasks.iter().filter(|task| task.status == TaskStatus::Canceled);
        assert_eq!(canceled.count(), 2);
    }

    #[test]
    fn a_one_by_one_node_asks_in_turn() {
        let mut stage = Stage::new(&[(Mode::OneByOne, &["a", "b"])]);
        assert_eq!(stage.open(), ["a"]);
        stage.decide("a", Decision::Agree);
        assert_eq!(stage.open(), ["b"]);
        assert!(stage.instance.is_running());
        stage.decide("b", Decision::Agree);
        assert_eq!(stage.instance.result, Some(Decision::Agree));
    }

    #[test]
    fn one_refusal_ends_the_instance() {
        let mut stage = Stage::new(&[(Mode::And, &["a", "b"]), (Mode::Single, &["c"])]);
        stage.heard();
        stage.decide("a", Decision::Refuse);
        assert_eq!(stage.heard(), ["task/finish/refuse", "instance/finish/refuse"]);
        assert!(stage.open().is_empty());
        assert_eq!(stage.instance.result, Some(Decision::Refuse));
    }

    #[test]
    fn a_task_handed_over_counts_for_its_node() {
        let mut stage = Stage::new(&[(Mode::And, &["a", "b"])]);
        stage.decide("b", Decision::Agree);
        stage.heard();
        let task = stage.instance.open_task_of("a").unwrap().id;
        stage.act(|instance, moment| instance.hand_over(task, "x", &Remark::default(), moment));
        assert_eq!(stage.heard(), ["task/finish/redirect", "task/start"]);
        assert_eq!(stage.open(), ["x"]);
        stage.decide("x", Decision::Agree);
        assert_eq!(stage.instance.result, Some(Decision::Agree));
    }

    #[test]
    fn a_withdrawn_instance_has_no_result() {
        let mut stage = Stage::new(&[(Mode::Single, &["a"])]);
        stage.heard();
        stage.act(|instance, moment| {
            instance.terminate("o", &Remark::default(), TaskStatus::Canceled, moment);
        });
        assert_eq!(stage.heard(), ["instance/terminate"]);
        assert_eq!(stage.instance.result, None);
        assert_eq!(stage.instance.status, Status::Terminated);
    }
}
