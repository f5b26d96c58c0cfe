//! What goes wrong in one schedule, and when. It follows from a seed.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use erplink_examples::story::SCENARIOS;

/// The so-manieth call or ledger write of this name in the life of one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    /// `b1 PATCH /b1s/v1/Drafts(1)` or `ledger sent`.
    pub name: String,
    /// 1 for the first.
    pub nth: u32,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.name, self.nth)
    }
}

/// On which side of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// It is asked for and has not happened.
    Before,
    /// It is committed, and who asked does not know.
    After,
}

/// How a call fails while both sides live on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    ResetBefore,
    ResetAfter,
    Truncated,
    Unavailable,
    BadGatewayPage,
    Throttled,
}

/// How a system is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Down {
    /// Nobody listens.
    Refused,
    /// A balancer answers 503.
    Unavailable,
    /// Connections are closed without an answer.
    Reset,
}

/// What becomes of a push, whichever platform it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushFault {
    Duplicate,
    OutOfOrder,
    BadSignature,
    WrongKey,
    TamperedCiphertext,
}

/// One thing that goes wrong in the life of a process.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The process is killed.
    Kill(Step, Side),
    /// A call fails.
    Call(Step, Lost),
    /// Sessions and tokens are forgotten just before a call.
    Expire(Step),
    /// The next push is doubled, late, or damaged.
    Push(PushFault),
    /// Nothing is pushed during this life: decisions have to be asked for.
    NoPushes,
    /// A system is down for an hour, from this round on.
    Down { server: String, how: Down, from_round: usize },
    /// Files cannot grow beyond so many blocks.
    DiskFull { blocks: u32 },
}

/// The life of one process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    pub troubles: Vec<Trouble>,
    /// The time that passes before each round.
    pub rounds: Vec<Duration>,
    /// People decide after the process is dead, and pushes meet nobody.
    pub people_meet_the_dead: bool,
}

/// A schedule: lives with troubles, then one without.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub name: String,
    /// Its place in [`SCENARIOS`].
    pub scenario: usize,
    pub concurrency: u32,
    pub lives: Vec<Life>,
}

/// The steps that a scenario can meet.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub scenario: usize,
    pub steps: Vec<Step>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Pool {
    /// Adds steps that are not known yet.
    pub(crate) fn learn(&mut self, steps: Vec<Step>) {
        for step in steps {
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
    }

    /// A kill before and after every step.
    pub(crate) fn boundaries(&self) -> impl Iterator<Item = Plan> {
        self.steps.iter().flat_map(|step| {
            [Side::Before, Side::After].map(|side| Plan {
                name: format!("killed {side:?} {step}"),
                scenario: self.scenario,
                concurrency: 1,
                lives: vec![Life {
                    troubles: vec![Trouble::Kill(step.clone(), side)],
                    rounds: vec![MINUTE; 3],
                    people_meet_the_dead: false,
                }],
            })
        })
    }

    /// The systems that the scenario calls.
    fn systems(&self) -> Vec<&str> {
        let calls = self.steps.iter().filter(|step| Self::is_call(step));
        let systems: BTreeSet<_> =
            calls.filter_map(|step| step.name.split([' ', '-']).next()).collect();
        systems.into_iter().collect()
    }

    fn is_call(step: &Step) -> bool {
        !step.name.starts_with(super::control::LEDGER)
    }
}

impl Plan {
    /// Nothing goes wrong.
    pub(crate) fn calm(scenario: usize) -> Self {
        Self { name: "calm".to_owned(), scenario, concurrency: 1, lives: Vec::new() }
    }

    /// Every write of each system loses its first answer: steps that only a repair makes.
    pub(crate) fn answers_lost(scenario: usize) -> Self {
        let lost = [
            "* POST /v1.0/workflow/processInstances",
            "* POST /api/workflow/paService/doCreateRequest",
            "* POST /api/cube/",
            "* POST /cgi-bin/oa/applyevent",
            "* POST /jdyaccouting/voucher",
            "* POST /openapi/rest/common/invoiceocr",
            "* POST /6160/b1s/v1/U_",
            "* PATCH ",
            "* POST /6160/b1s/v1/Sp",
            "* POST /6160/b1s/v1/Orders",
            "* POST /6160/b1s/v1/BusinessPartners",
            "* POST /6160/b1s/v1/Departments",
            "* POST /6160/b1s/v1/Items",
            "* POST /6160/b1s/v1/ProductTrees",
            "* POST /6160/b1s/v1/PLMROUTING",
            "* POST /6160/b1s/v1/InventoryGen",
            "* POST /6160/b1s/v1/PurchaseDeliveryNotes",
            "* POST /6160/b1s/v1/StockTransfers",
            "* POST /material/_doimport",
            "* POST /material/_stop",
            "* POST /v1/work_order/_doImport",
            "* POST /v1/work_order/update",
            "* POST /v2/work_order/_doimport",
            "* POST /work_order/batch_close",
        ];
        let lost = lost.map(|name| {
            let step = Step { name: name.to_owned(), nth: 1 };
            Trouble::Call(step, Lost::ResetAfter)
        });
        let life =
            Life { troubles: lost.into(), rounds: vec![MINUTE; 3], people_meet_the_dead: false };
        Self { name: "answers lost".to_owned(), scenario, concurrency: 1, lives: vec![life] }
    }

    /// The schedule of a seed.
    pub(crate) fn from_seed(seed: u64, pools: &[Pool]) -> Self {
        let mut dice = Dice(seed);
        let pool = dice.pick(pools);
        let lives = (0..dice.below(3) + 1).map(|_| life(&mut dice, pool)).collect();
        let concurrency = if dice.below(2) == 0 { 1 } else { 4 };
        Self { name: format!("seed {seed}"), scenario: pool.scenario, concurrency, lives }
    }
}

fn life(dice: &mut Dice, pool: &Pool) -> Life {
    let calls: Vec<_> = pool.steps.iter().filter(|step| Pool::is_call(step)).cloned().collect();
    let mut troubles = vec![match dice.below(20) {
        0..=9 => kill(dice, pool),
        10..=13 => call(dice, &calls),
        14 => Trouble::Expire(dice.pick(&calls).clone()),
        15 => push(dice),
        16 => Trouble::NoPushes,
        17 | 18 => Trouble::Down {
            server: (*dice.pick(&pool.systems())).to_owned(),
            how: *dice.pick(&[Down::Refused, Down::Unavailable, Down::Reset]),
            from_round: dice.below(2),
        },
        _ => Trouble::DiskFull { blocks: 150 + u32::try_from(dice.below(500)).unwrap_or(0) },
    }];
    if dice.below(3) == 0 {
        troubles.push(match dice.below(3) {
            0 => call(dice, &calls),
            1 => Trouble::Expire(dice.pick(&calls).clone()),
            _ => push(dice),
        });
    }
    let down = troubles.iter().any(|trouble| matches!(trouble, Trouble::Down { .. }));
    let rounds = if down {
        // An hour and a bit, in steps that meet most of the waits of the engine.
        [0, 1, 2, 4, 8, 10, 15, 25].map(|minutes| minutes * MINUTE).into()
    } else {
        let some = 2 + dice.below(2);
        let minutes = |dice: &mut Dice| u32::try_from(dice.below(10)).unwrap_or(0);
        (0..some).map(|_| minutes(dice) * MINUTE).collect()
    };
    Life { troubles, rounds, people_meet_the_dead: dice.below(4) == 0 }
}

fn kill(dice: &mut Dice, pool: &Pool) -> Trouble {
    let side = *dice.pick(&[Side::Before, Side::After]);
    Trouble::Kill(dice.pick(&pool.steps).clone(), side)
}

fn call(dice: &mut Dice, calls: &[Step]) -> Trouble {
    let lost = [
        Lost::ResetBefore,
        Lost::ResetAfter,
        Lost::ResetAfter,
        Lost::Truncated,
        Lost::Unavailable,
        Lost::BadGatewayPage,
        Lost::Throttled,
    ];
    Trouble::Call(dice.pick(calls).clone(), *dice.pick(&lost))
}

fn push(dice: &mut Dice) -> Trouble {
    let faults = [
        PushFault::Duplicate,
        PushFault::OutOfOrder,
        PushFault::BadSignature,
        PushFault::WrongKey,
        PushFault::TamperedCiphertext,
    ];
    Trouble::Push(*dice.pick(&faults))
}

/// SplitMix64: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = SCENARIOS[self.scenario].name;
        writeln!(f, "{}: {scenario}, {} at a time", self.name, self.concurrency)?;
        for (number, life) in self.lives.iter().enumerate() {
            let minutes = life.rounds.iter().map(|pause| pause.as_secs() / 60);
            let minutes: Vec<_> = minutes.map(|minutes| minutes.to_string()).collect();
            writeln!(f, "  life {}: rounds after {} min", number + 1, minutes.join(", "))?;
            for trouble in &life.troubles {
                writeln!(f, "    {trouble}")?;
            }
            if life.people_meet_the_dead {
                writeln!(f, "    people decide while nobody listens")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(step, Side::Before) => write!(f, "killed before {step}"),
            Self::Kill(step, Side::After) => write!(f, "killed after {step}"),
            Self::Call(step, lost) => write!(f, "{lost:?} at {step}"),
            Self::Expire(step) => write!(f, "sessions expire before {step}"),
            Self::Push(fault) => write!(f, "a push: {fault:?}"),
            Self::NoPushes => f.write_str("nothing is pushed"),
            Self::Down { server, how, from_round } => {
                write!(f, "{server} is down for an hour ({how:?}) from round {}", from_round + 1)
            }
            Self::DiskFull { blocks } => write!(f, "the disk is full at {blocks} blocks"),
        }
    }
}
