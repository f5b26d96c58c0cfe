//! The fault matrix: every scenario under kills, lost answers, expired sessions, lost and doubled
//! pushes, outages and full disks; afterwards every document is exactly once where it should be.
//!
//! ```console
//! cargo run --release -p erplink-tests --bin fault-matrix -- --seeds 2000
//! cargo run --release -p erplink-tests --bin fault-matrix -- --boundaries
//! cargo run -p erplink-tests --bin fault-matrix -- --seed 17
//! ```
//!
//! The flows run in a child process, a real one that is really killed. Its calls pass a gate in
//! front of each simulated system, its ledger is watched: both can hold it still before or after
//! any step. A schedule of troubles follows from its seed. A scenario joins in
//! `examples/support/story`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a defect of the matrix itself may end it"
)]

mod child;
mod control;
mod gate;
mod ledger;
mod plan;
mod process;
mod tally;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use erplink_examples::story::SCENARIOS;
use futures_util::StreamExt as _;
use plan::{Plan, Pool};
use tally::Tally;
use world::World;

const USAGE: &str = "\
fault-matrix [OPTIONS]

  --seeds N        play the schedules of N seeds (default 100)
  --from SEED      … starting with this seed (default 0)
  --seed SEED      play the schedule of one seed and print it
  --boundaries     kill each scenario once before and once after every step instead
  --every N        … only every N-th of them
  --jobs N         schedules at the same time (default: twice the processors)
  --scenario TEXT  only scenarios whose name contains TEXT";

#[derive(Clone, Debug, Default)]
struct Options {
    seeds: u64,
    from: u64,
    verbose: bool,
    boundaries: bool,
    every: usize,
    jobs: usize,
    scenario: String,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|first| first == child::FLAG) {
        return child::main(&args);
    }
    let options = match options(&args) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(Box::pin(matrix(options)))
}

fn options(args: &[String]) -> Result<Options, String> {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let mut options = Options { seeds: 100, every: 1, jobs: 2 * processors, ..Options::default() };
    let mut args = args.iter();
    while let Some(name) = args.next() {
        if name == "--boundaries" {
            options.boundaries = true;
            continue;
        }
        let value =
            args.next().ok_or_else(|| format!("`{name}`: no option, or its value is missing"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{name} {value}`: not a number"));
        let count = || number().map(|number| usize::try_from(number).unwrap_or(usize::MAX).max(1));
        match name.as_str() {
            "--seeds" => options.seeds = number()?,
            "--from" => options.from = number()?,
            "--seed" => (options.from, options.seeds, options.verbose) = (number()?, 1, true),
            "--every" => options.every = count()?,
            "--jobs" => options.jobs = count()?,
            "--scenario" => options.scenario.clone_from(value),
            _ => return Err(format!("`{name}` is no option")),
        }
    }
    Ok(options)
}

async fn matrix(options: Options) -> ExitCode {
    let started = Instant::now();
    let pools = match pools(&options.scenario).await {
        Ok(pools) => pools,
        Err(problem) => {
            eprintln!("without any trouble: {problem}");
            return ExitCode::FAILURE;
        }
    };
    for pool in &pools {
        println!("{}: {} steps", SCENARIOS[pool.scenario].name, pool.steps.len());
    }
    let plans: Vec<Plan> = if options.boundaries {
        pools.iter().flat_map(Pool::boundaries).step_by(options.every).collect()
    } else {
        let seeds = options.from..options.from.saturating_add(options.seeds);
        seeds.map(|seed| Plan::from_seed(seed, &pools)).collect()
    };
    let (total, tally) = (plans.len(), Arc::new(Mutex::new(Tally::default())));
    futures_util::stream::iter(plans)
        .for_each_concurrent(options.jobs, |plan| {
            let (tally, verbose) = (tally.clone(), options.verbose);
            async move {
                if verbose {
                    println!("{plan}");
                }
                // A task of its own, so that all processors take part.
                let played = tokio::spawn(async move {
                    let outcome = Box::pin(World::play(&plan)).await;
                    (plan, outcome)
                });
                let (plan, outcome) = played.await.unwrap();
                let done = tally.lock().unwrap().add(&plan, outcome, verbose);
                if done % 100 == 0 {
                    println!("{done} of {total} after {} s", started.elapsed().as_secs());
                }
            }
        })
        .await;
    let tally = tally.lock().unwrap();
    println!("{tally}in {:.1} s", started.elapsed().as_secs_f64());
    if tally.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What each scenario does when nothing goes wrong, and when answers are lost.
async fn pools(wanted: &str) -> Result<Vec<Pool>, String> {
    let mut pools = Vec::new();
    for (scenario, known) in SCENARIOS.iter().enumerate() {
        if !known.name.contains(wanted) {
            continue;
        }
        let mut pool = Pool { scenario, steps: Vec::new() };
        for plan in [Plan::calm(scenario), Plan::answers_lost(scenario)] {
            let played = Box::pin(World::play(&plan)).await;
            let played = played.map_err(|problem| format!("{plan}{problem}"))?;
            pool.learn(played.steps);
        }
        pools.push(pool);
    }
    if pools.is_empty() {
        return Err(format!("no scenario has `{wanted}` in its name"));
    }
    Ok(pools)
}
