//! The parent's end of the process under test.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use crate::child::FLAG;
use crate::control::{Control, Interrupt};
use crate::plan::{Side, Step};

/// A child that answers nothing for so long is a defect.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running child. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    answers: mpsc::UnboundedReceiver<String>,
}

impl Process {
    /// Starts a child. With `blocks` its files cannot grow beyond that size.
    pub(crate) fn start(
        config: &Path,
        hold: Option<&(Step, Side)>,
        blocks: Option<u32>,
        control: Arc<Control>,
    ) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match blocks {
            // A write beyond the limit fails; without the trap it would end the process.
            Some(blocks) => {
                let mut shell = Command::new("sh");
                let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
                shell.args(["-c", &script]).arg(program);
                shell
            }
            None => Command::new(program),
        };
        command.arg(FLAG).arg(config);
        if let Some((step, side)) = hold {
            let side = if *side == Side::Before { "before" } else { "after" };
            command.args([side, &step.nth.to_string(), &step.name]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (told, answers) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                match line.split_once(' ') {
                    Some(("step", name)) => drop(control.step(name)),
                    Some((_, answer)) => drop(told.send(answer.to_owned())),
                    None => control.interrupt(Interrupt::Held),
                }
            }
            control.interrupt(Interrupt::Ended);
        });
        Self { child, stdin, answers }
    }

    /// The address of its receivers, once it runs.
    pub(crate) async fn ready(&mut self) -> Option<String> {
        self.answer().await
    }

    /// Lets it make a round at a time. Returns its report.
    pub(crate) async fn round(&mut self, ahead: Duration) -> Option<String> {
        let order = format!("{}\n", ahead.as_millis());
        self.stdin.write_all(order.as_bytes()).await.ok()?;
        self.answer().await
    }

    /// `None` when it is held or has ended; then the control says so, too.
    async fn answer(&mut self) -> Option<String> {
        match tokio::time::timeout(PATIENCE, self.answers.recv()).await {
            Ok(answer) => answer,
            Err(_) => panic!("the process under test hangs"),
        }
    }

    /// Kills it: SIGKILL.
    pub(crate) async fn kill(mut self) {
        drop(self.child.start_kill());
        drop(self.child.wait().await);
    }
}
