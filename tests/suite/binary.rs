//! The real binary, started, watched, signalled, in an environment that decides nothing.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// After this long a command is held to hang, and killed, so that its test fails by name.
const HANGING: Duration = Duration::from_mins(10);

/// The command line `barline ARGUMENTS` in `folder`.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_barline")), folder, arguments)
}

/// The same for a copy of the binary.
pub(crate) fn command_of(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for variable in
        ["BARLINE_DB", "BARLINE_LOG", "BARLINE_MEMORY_BUDGET", "COLUMNS", "POLARS_FORCE_STREAMING"]
    {
        command.env_remove(variable);
    }
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn barline(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = command(folder, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the binary runs");
    let id = child.id().to_string();
    let (ended, end) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        let hangs = end.recv_timeout(HANGING) == Err(mpsc::RecvTimeoutError::Timeout);
        if hangs {
            Command::new("kill").args(["-KILL", &id]).status().expect("kill runs");
        }
        hangs
    });
    let output = child.wait_with_output().expect("its output");
    drop(ended);
    assert!(!watch.join().expect("a watch"), "barline {arguments:?} hangs: {}", said(&output));
    output
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output of a command that must succeed.
pub(crate) fn answer(folder: &Path, arguments: &[&str]) -> String {
    let output = barline(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// The numbers in the one row that `sql` answers.
pub(crate) fn numbers(folder: &Path, store: &str, sql: &str) -> Vec<u64> {
    let csv = answer(folder, &["sql", sql, "--db", store, "--format", "csv"]);
    let row = csv.lines().nth(1).expect("a row");
    row.split(',').map(|cell| cell.parse().expect("a whole number")).collect()
}

/// Sends the signals in their order.
pub(crate) fn signal(child: &mut Child, names: &[&str]) {
    if names == ["KILL"] {
        // At once: no shell has to be started first.
        child.kill().expect("a signal");
        return;
    }
    let kills: Vec<String> =
        names.iter().map(|name| format!("kill -s {name} {}", child.id())).collect();
    let sent = Command::new("sh").args(["-c", &kills.join("; ")]).output().expect("a shell");
    assert!(sent.stderr.is_empty(), "{}", String::from_utf8_lossy(&sent.stderr));
}

/// A shell that waits to send a signal: a run of a second is over before one has started.
pub(crate) struct Armed(Child);

impl Armed {
    pub(crate) fn new(child: &Child, name: &str) -> Self {
        let line = format!("read go; kill -s {name} {}", child.id());
        let shell = Command::new("sh").args(["-c", &line]).stdin(Stdio::piped()).spawn();
        Self(shell.expect("a shell"))
    }

    /// Sends it; a shell that is dropped sends nothing.
    pub(crate) fn send(mut self) {
        let mut go = self.0.stdin.take().expect("a pipe");
        go.write_all(b"go\n").expect("it listens");
        assert!(self.0.wait().expect("it ends").success());
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A started command whose commits can be seen.
pub(crate) struct Watched {
    pub(crate) child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
    /// Everything said so far.
    pub(crate) said: String,
    /// Commits seen.
    pub(crate) commits: u32,
    /// Jobs that the last commit seen makes, found ones included.
    pub(crate) jobs: u64,
    /// Files whose import was told, in order.
    pub(crate) files: Vec<String>,
}

impl Watched {
    /// Starts it.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        // Behind whoever reads what it says, so that it is not over before that is read.
        let program = command(folder, arguments);
        let mut child = command_of(Path::new("nice"), folder, &["-n", "5"])
            .arg(program.get_program())
            .args(arguments)
            .env("BARLINE_LOG", "barline::run=debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stderr = child.stderr.take().expect("standard error");
        let lines = BufReader::new(stderr).lines();
        Self { child, lines, said: String::new(), commits: 0, jobs: 0, files: Vec::new() }
    }

    /// Reads on until `commits` commits are seen; false if it ended before.
    pub(crate) fn until(&mut self, commits: u32) -> bool {
        while self.commits < commits {
            let Some(line) = self.lines.next() else { return false };
            self.hear(&line.expect("text"));
        }
        true
    }

    /// Reads on until the imports of `files` files are told; false if it ended before.
    pub(crate) fn until_files(&mut self, files: usize) -> bool {
        while self.files.len() < files {
            let Some(line) = self.lines.next() else { return false };
            self.hear(&line.expect("text"));
        }
        true
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        while let Some(line) = self.lines.next() {
            self.hear(&line.expect("text"));
        }
        let status = self.child.wait().expect("it ends");
        Ended { status, said: self.said, jobs: self.jobs, files: self.files }
    }

    fn hear(&mut self, line: &str) {
        if line.contains("committed") && line.contains("computed=") {
            let field = |name: &str| -> u64 {
                let at = line.find(name).expect(name) + name.len();
                let digits = line[at..].split(|c: char| !c.is_ascii_digit()).next();
                digits.expect("a number").parse().expect("a number")
            };
            self.commits += 1;
            self.jobs = field("computed=") + field("cached=");
        }
        if let (Some((file, _)), true) = (line.split_once(": "), line.contains(" stored, ")) {
            self.files.push(file.to_owned());
        }
        self.said.push_str(line);
        self.said.push('\n');
    }
}

/// How it ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) said: String,
    /// Jobs of the last commit that was told.
    pub(crate) jobs: u64,
    /// Files whose import was told.
    pub(crate) files: Vec<String>,
}

impl Ended {
    /// The exit code as a shell shows it.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().or_else(|| self.status.signal().map(|n| 128 + n)).expect("an end")
    }
}

/// Name and bytes of every file below `folder`; a folder has none.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            let inner = contents(&path).into_iter();
            found.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        }
        found.insert(name, fs::read(&path).ok());
    }
    found
}
