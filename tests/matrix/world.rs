//! Plays one schedule: a sandbox, gates, a ledger file, and one process after another.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use erplink_examples::story::{Arrived, SCENARIOS, Scenario, Story};
use erplink_examples::systems::{self, Address};
use erplink_examples::{Failure, Folder};
use erplink_sandbox::Sandbox;
use erplink_sandbox::{dingtalk, ecology, mes, wecom};

use crate::control::{Control, Interrupt};
use crate::gate::Gate;
use crate::ledger;
use crate::plan::{Life, Plan, PushFault, Step, Trouble};
use crate::process::Process;

/// How often the last process may look before a document counts as lost.
const LAST_ROUNDS: usize = 12;
/// The time between its rounds: all waits of the engine are over.
const LONG: Duration = Duration::from_secs(2 * 3600);
/// How long somebody who waits is given before the next round.
const BLINK: Duration = Duration::from_millis(20);

/// What was seen in a schedule that ended well.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub steps: Vec<Step>,
    pub kills: Vec<String>,
    pub expired: usize,
    pub documents: usize,
    pub processes: usize,
}

/// What one schedule is played in.
pub(crate) struct World {
    sandbox: Sandbox,
    scenario: &'static Scenario,
    story: Box<dyn Story>,
    gates: Vec<Gate>,
    folder: Folder,
    config: PathBuf,
    /// How far simulated time is ahead of the real one.
    ahead: Duration,
    log: Vec<String>,
    played: Played,
}

impl World {
    /// Plays a schedule to its end.
    pub(crate) async fn play(plan: &Plan) -> Result<Played, String> {
        let mut world = Box::pin(Self::new(plan)).await.map_err(|error| error.to_string())?;
        let outcome = Box::pin(world.live_through(plan)).await;
        match outcome {
            Ok(()) => Ok(std::mem::take(&mut world.played)),
            Err(problem) => {
                let log: String = world.log.iter().map(|line| format!("    {line}\n")).collect();
                let ledger = ledger::story(&world.ledger()).await;
                Err(format!("  {problem}\n  what happened:\n{log}  the ledger:\n{ledger}"))
            }
        }
    }

    async fn new(plan: &Plan) -> Result<Self, Failure> {
        // The limits of a real organisation would only slow the schedules down.
        let limits = dingtalk::Limits { per_second: 1_000_000, per_month: 1_000_000 };
        let options = dingtalk::Options { limits, ..Default::default() };
        let builder = Sandbox::builder().dingtalk(options);
        // A machine that plays many schedules is slow to answer.
        let limits = wecom::Limits { approval_per_minute: 1_000_000, ..Default::default() };
        let check_deadline = Duration::from_secs(30);
        let options = wecom::Options { limits, check_deadline, ..Default::default() };
        let sandbox = Box::pin(builder.wecom(options).start()).await?;
        let scenario = &SCENARIOS[plan.scenario];
        let story = (scenario.begin)(&sandbox)?;
        let control = Arc::new(Control::new(None, Vec::new()));
        let mut gates = Vec::new();
        for address in systems::addresses(&sandbox) {
            let (b1, office) = (sandbox.b1().clone(), sandbox.dingtalk().clone());
            let (oa, wecom) = (sandbox.ecology().clone(), sandbox.wecom().clone());
            let (jdy, eteams) = (sandbox.jdy().clone(), sandbox.eteams().clone());
            let (diapi, mes) = (sandbox.diapi().clone(), sandbox.mes().clone());
            let expire = move || {
                b1.expire_sessions();
                diapi.expire_sessions();
                office.invalidate_token();
                oa.invalidate_tokens();
                jdy.expire_tokens();
                eteams.expire_tokens();
                wecom.expire_token();
                mes.expire_tokens();
            };
            let gate = Gate::start(&address, sandbox.clock().clone(), control.clone(), expire);
            gates.push(gate.await);
        }
        let folder = Folder::new("erplink-matrix")?;
        let fixed = systems::addresses(&sandbox).into_iter().zip(&gates);
        let gated: Vec<_> = fixed.map(|(one, gate)| Address { now: gate.url(), ..one }).collect();
        let concurrency = format!("\nconcurrency = {}\nscenario =", plan.concurrency);
        let text = scenario.config.replace("\nscenario =", &concurrency);
        let config = systems::write_config(folder.path(), &text, &gated)?;
        let (ahead, log, played) = (Duration::ZERO, Vec::new(), Played::default());
        Ok(Self { sandbox, scenario, story, gates, folder, config, ahead, log, played })
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("erplink.sqlite")
    }

    async fn live_through(&mut self, plan: &Plan) -> Result<(), String> {
        for life in &plan.lives {
            self.log.push("a process starts".to_owned());
            Box::pin(self.live(life)).await?;
            if life.people_meet_the_dead {
                self.people_act().await?;
            }
            self.pass(Duration::from_secs(45));
        }
        Box::pin(self.last_life()).await
    }

    /// The simulated time of all moves.
    fn pass(&mut self, time: Duration) {
        self.sandbox.clock().advance(time);
        self.ahead += time;
    }

    async fn people_act(&mut self) -> Result<(), String> {
        self.story.people_act(&self.sandbox).map_err(|error| error.to_string())?;
        systems::settled(&self.sandbox).await;
        Ok(())
    }

    /// One process with its troubles, until it is killed at its step or after its last round.
    async fn live(&mut self, life: &Life) -> Result<(), String> {
        let kill = life.troubles.iter().find_map(|trouble| match trouble {
            Trouble::Kill(step, side) => Some((step.clone(), *side)),
            _ => None,
        });
        let expire = life.troubles.iter().filter_map(|trouble| match trouble {
            Trouble::Expire(step) => Some(step.clone()),
            _ => None,
        });
        let blocks = life.troubles.iter().find_map(|trouble| match trouble {
            Trouble::DiskFull { blocks } => Some(*blocks),
            _ => None,
        });
        let control = Arc::new(Control::new(kill.clone(), expire.collect()));
        for gate in &self.gates {
            gate.watch(control.clone());
        }
        self.arrange(life);
        let mut process = self.start(kill.as_ref(), blocks, &control);
        let interrupt = tokio::select! {
            biased;
            interrupt = control.interrupted() => Some(interrupt),
            lived = Box::pin(self.rounds(&mut process, life)) => { lived?; None }
        };
        if interrupt == Some(Interrupt::Ended) && blocks.is_none() {
            return Err("the process ended by itself".to_owned());
        }
        if let (Some(Interrupt::Held), Some((step, side))) = (&interrupt, &kill) {
            self.played.kills.push(format!("{side:?} {step}"));
        }
        self.log.push(format!(
            "killed; {}",
            match interrupt {
                Some(Interrupt::Held) => "held at its step",
                Some(Interrupt::Ended) => "it had ended by itself",
                None => "it was idle",
            }
        ));
        process.kill().await;
        self.played.expired += control.expired();
        self.played.steps.extend(control.seen());
        for gate in &self.gates {
            gate.up().await;
        }
        systems::settled(&self.sandbox).await;
        Ok(())
    }

    fn start(
        &mut self,
        kill: Option<&(Step, crate::plan::Side)>,
        blocks: Option<u32>,
        control: &Arc<Control>,
    ) -> Process {
        self.played.processes += 1;
        let in_ledger = kill.filter(|(step, _)| step.name.starts_with(crate::control::LEDGER));
        Process::start(&self.config, in_ledger, blocks, control.clone())
    }

    /// Troubles that wait for their call or push.
    fn arrange(&self, life: &Life) {
        for trouble in &life.troubles {
            match trouble {
                Trouble::Call(step, lost) => {
                    for gate in self.gates.iter().filter(|gate| is_at(gate, step)) {
                        gate.lose(step, *lost);
                    }
                }
                Trouble::Push(fault) => self.arrange_push_fault(*fault),
                _ => {}
            }
        }
    }

    /// Arranged with every platform: those that push nothing keep it.
    fn arrange_push_fault(&self, fault: PushFault) {
        use dingtalk::PushFault as DingTalk;
        use ecology::PushFault as Oa;
        use wecom::PushFault as WeCom;
        let (dingtalk, wecom) = match fault {
            PushFault::Duplicate => (DingTalk::Duplicate, WeCom::Duplicate),
            PushFault::OutOfOrder => (DingTalk::OutOfOrder, WeCom::OutOfOrder),
            PushFault::BadSignature => (DingTalk::BadSignature, WeCom::BadSignature),
            PushFault::WrongKey => (DingTalk::WrongKey, WeCom::WrongReceiver),
            PushFault::TamperedCiphertext => {
                (DingTalk::TamperedCiphertext, WeCom::TamperedCiphertext)
            }
        };
        self.sandbox.dingtalk().arrange_push_fault(dingtalk);
        self.sandbox.ecology().arrange_push_fault(match fault {
            PushFault::Duplicate => Oa::Duplicate,
            PushFault::BadSignature | PushFault::WrongKey => Oa::WrongAppCode,
            // What comes nearest where nothing is encrypted.
            PushFault::OutOfOrder | PushFault::TamperedCiphertext => Oa::LoseAnswer,
        });
        // The first push of the MES tells that an order was dispatched.
        for _ in 0..2 {
            self.sandbox.mes().arrange_push_fault(match fault {
                PushFault::Duplicate => mes::PushFault::Duplicate,
                PushFault::OutOfOrder => mes::PushFault::OutOfOrder,
                PushFault::BadSignature => mes::PushFault::Plain,
                PushFault::WrongKey => mes::PushFault::WrongKey,
                PushFault::TamperedCiphertext => mes::PushFault::Truncated,
            });
        }
        // The first pushes of WeCom tell that forms were submitted, which changes nothing.
        for _ in 0..4 {
            self.sandbox.wecom().arrange_push_fault(wecom);
        }
    }

    async fn subscribe(&self, base: &str) -> Result<(), Failure> {
        Box::pin(systems::subscribe(&self.sandbox, base, self.scenario.config)).await
    }

    async fn rounds(&mut self, process: &mut Process, life: &Life) -> Result<(), String> {
        let has = |wanted: fn(&Trouble) -> bool| life.troubles.iter().any(wanted);
        let Some(base) = process.ready().await else { return std::future::pending().await };
        if has(|trouble| matches!(trouble, Trouble::NoPushes)) {
            systems::unsubscribe(&self.sandbox, &base).map_err(|error| error.to_string())?;
        } else if let Err(error) = self.subscribe(&base).await {
            self.log.push(format!("no subscription: {error}"));
        }
        for (number, pause) in life.rounds.iter().enumerate() {
            for trouble in &life.troubles {
                if let Trouble::Down { server, how, from_round } = trouble
                    && *from_round == number
                {
                    for gate in
                        self.gates.iter().filter(|gate| gate.server().starts_with(server.as_str()))
                    {
                        gate.down(*how).await;
                    }
                }
            }
            self.round(process, *pause).await?;
        }
        if has(|trouble| matches!(trouble, Trouble::Down { .. })) {
            for gate in &self.gates {
                gate.up().await;
            }
            self.round(process, LONG).await?;
        }
        Ok(())
    }

    async fn round(&mut self, process: &mut Process, pause: Duration) -> Result<(), String> {
        self.pass(pause);
        // Without an answer the process is held or gone, and the caller is told so.
        let Some(report) = process.round(self.ahead).await else {
            return std::future::pending().await;
        };
        self.log.push(format!("+{} min: {report}", self.ahead.as_secs() / 60));
        self.story.people_act(&self.sandbox).map_err(|error| error.to_string())?;
        // Who waits for an answer sees the flows go on meanwhile.
        while tokio::time::timeout(BLINK, systems::answered(&self.sandbox)).await.is_err() {
            self.pass(Duration::from_secs(10));
            let Some(report) = process.round(self.ahead).await else {
                return std::future::pending().await;
            };
            self.log.push(format!("+{} min, people wait: {report}", self.ahead.as_secs() / 60));
        }
        systems::settled(&self.sandbox).await;
        Ok(())
    }

    /// A process without troubles brings everything to its end, and then does nothing any more.
    async fn last_life(&mut self) -> Result<(), String> {
        self.log.push("the last process starts".to_owned());
        let control = Arc::new(Control::new(None, Vec::new()));
        for gate in &self.gates {
            gate.watch(control.clone());
        }
        let mut process = self.start(None, None, &control);
        let ended = tokio::select! {
            biased;
            _ = control.interrupted() => Err("the last process ended by itself".to_owned()),
            ended = Box::pin(self.last_rounds(&mut process)) => ended,
        };
        self.played.steps.extend(control.seen());
        process.kill().await;
        ended
    }

    async fn last_rounds(&mut self, process: &mut Process) -> Result<(), String> {
        let Some(base) = process.ready().await else { return std::future::pending().await };
        self.subscribe(&base).await.map_err(|error| error.to_string())?;
        let mut state = Err("nothing happened yet".to_owned());
        for _ in 0..LAST_ROUNDS {
            self.round(process, LONG).await?;
            state = self.state().await;
            if state.is_ok() {
                break;
            }
        }
        let arrived = state?;
        self.round(process, LONG).await?;
        let later = self.state().await?;
        if later != arrived {
            return Err(format!("it did not stay so: {arrived:#?}\n{later:#?}"));
        }
        self.played.documents = arrived.len();
        Ok(())
    }

    /// Everything is where it should be, and the ledger says the same.
    async fn state(&self) -> Result<Vec<Arrived>, String> {
        let arrived = self.story.arrived(&self.sandbox).map_err(|error| error.to_string())?;
        ledger::agrees(&self.ledger(), &arrived).await?;
        Ok(arrived)
    }
}

/// `*` is every server.
fn is_at(gate: &Gate, step: &Step) -> bool {
    let server = step.name.split(' ').next().unwrap_or_default();
    server == gate.server() || server == "*"
}
