//! The machine a run would have: processor, memory, and the limits on both.
//!
//! What the kernel does not tell is `None`. Nothing here reaches a result.

use std::{fs, path::Path, thread};

use super::cgroup::{self, Limit};

/// The machine as this process sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Name of the processor.
    pub cpu_model: Option<String>,
    /// Cores that this process may use, limits included.
    pub cores: usize,
    /// Processor quota of the control group, in cores.
    pub cpu_limit: Option<Limit<f64>>,
    /// Memory of the machine.
    pub memory_bytes: Option<u64>,
    /// Memory that could be taken now without swapping.
    pub available_bytes: Option<u64>,
    /// Memory limit of the control group, in bytes.
    pub memory_limit: Option<Limit<u64>>,
}

impl Machine {
    /// Memory that could be taken now: the machine's, or what the control group leaves of its limit
    /// where that is less.
    pub(super) fn available_now() -> Option<u64> {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let group = cgroup::memory_available(Path::new("/"));
        kib(&memory, "MemAvailable").into_iter().chain(group).min()
    }

    /// Looks at the machine.
    pub fn look() -> Self {
        Self::below(Path::new("/"))
    }

    /// The same, with the kernel's files below `root`.
    fn below(root: &Path) -> Self {
        let text = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
        let (cpu, memory) = (text("proc/cpuinfo"), text("proc/meminfo"));
        Self {
            cpu_model: field(&cpu, "model name").map(str::to_owned),
            cores: thread::available_parallelism().map_or(1, usize::from),
            cpu_limit: cgroup::cpu_limit(root),
            memory_bytes: kib(&memory, "MemTotal"),
            available_bytes: kib(&memory, "MemAvailable"),
            memory_limit: cgroup::memory_limit(root),
        }
    }

    /// The most memory this process can have: the machine's, or the control group's where that is
    /// lower.
    pub fn memory_ceiling_bytes(&self) -> Option<u64> {
        let limit = self.memory_limit.as_ref().map(|limit| limit.value);
        self.memory_bytes.into_iter().chain(limit).min()
    }
}

/// The value of the first line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let count: u64 = field(text, name)?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(count * 1024)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Machine;

    #[test]
    fn what_the_kernel_tells_is_read_and_the_rest_is_none() {
        let root = tempfile::tempdir().expect("a folder");
        let nothing = Machine::below(root.path());
        assert_eq!((nothing.cpu_model.clone(), nothing.memory_ceiling_bytes()), (None, None));
        assert!(nothing.cores >= 1);
        let folder = root.path().join("proc/self");
        fs::create_dir_all(&folder).expect("made");
        let proc = root.path().join("proc");
        fs::write(proc.join("cpuinfo"), "processor\t: 0\nmodel name\t: A: fast one\n")
            .expect("written");
        fs::write(proc.join("meminfo"), "MemTotal:  1000 kB\nMemAvailable:  400 kB\n")
            .expect("written");
        fs::write(folder.join("cgroup"), "0::/\n").expect("written");
        fs::create_dir_all(root.path().join("sys/fs/cgroup")).expect("made");
        fs::write(root.path().join("sys/fs/cgroup/memory.max"), "300000\n").expect("written");
        let machine = Machine::below(root.path());
        assert_eq!(machine.cpu_model.as_deref(), Some("A: fast one"));
        assert_eq!(machine.memory_bytes, Some(1_024_000));
        assert_eq!(machine.available_bytes, Some(409_600));
        assert_eq!(machine.memory_ceiling_bytes(), Some(300_000));
    }
}
