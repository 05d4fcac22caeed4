//! The limits that a control group sets on this process, version 1 or 2.
//!
//! A limit may be set on the group of the process or on any group above it; the lowest one holds.
//! Groups that cannot be seen (a container shows its own group as the root) set no limit here.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A limit and the file that states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit<T> {
    /// The limit.
    pub value: T,
    /// The file that states it.
    pub source: PathBuf,
}

/// A version 1 group without a limit states a number near 2^63.
const UNLIMITED_BYTES: u64 = 1 << 60;

/// The lowest memory limit in bytes.
pub(super) fn memory_limit(root: &Path) -> Option<Limit<u64>> {
    lowest(folders(root, "memory").into_iter().filter_map(|folder| {
        ["memory.max", "memory.limit_in_bytes"].into_iter().find_map(|name| {
            let source = folder.join(name);
            let value: u64 = fs::read_to_string(&source).ok()?.trim().parse().ok()?;
            (value < UNLIMITED_BYTES).then_some(Limit { value, source })
        })
    }))
}

/// What the memory limits of this process and those above leave, page cache not counted: the kernel
/// takes it back. `None` without a limit.
pub(super) fn memory_available(root: &Path) -> Option<u64> {
    let number =
        |path: PathBuf| -> Option<u64> { fs::read_to_string(path).ok()?.trim().parse().ok() };
    let left = folders(root, "memory").into_iter().filter_map(|folder| {
        let first = |names: [&str; 2]| names.into_iter().find_map(|name| number(folder.join(name)));
        let limit = first(["memory.max", "memory.limit_in_bytes"])?;
        let held = first(["memory.current", "memory.usage_in_bytes"])?;
        let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let held = held.saturating_sub(page_cache(&stat));
        (limit < UNLIMITED_BYTES).then(|| limit.saturating_sub(held))
    });
    left.min()
}

/// File pages of a group; version 1 states those of the groups below with a prefix.
fn page_cache(stat: &str) -> u64 {
    let sum = |names: [&str; 2]| -> Option<u64> {
        names.into_iter().try_fold(0, |sum, name| {
            let value = stat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
            Some(sum + value.trim().parse::<u64>().ok()?)
        })
    };
    sum(["total_inactive_file", "total_active_file"])
        .or_else(|| sum(["inactive_file", "active_file"]))
        .unwrap_or(0)
}

/// The most memory that the group of this process has held, page cache and neighbours included.
pub(super) fn memory_peak(root: &Path) -> Option<u64> {
    folders(root, "memory").first().and_then(|folder| {
        ["memory.peak", "memory.max_usage_in_bytes"]
            .into_iter()
            .find_map(|name| fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok())
    })
}

/// The lowest processor quota, in cores.
pub(super) fn cpu_limit(root: &Path) -> Option<Limit<f64>> {
    lowest(folders(root, "cpu").into_iter().filter_map(|folder| {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        if let Some(stated) = text("cpu.max") {
            let (quota, period) = stated.trim().split_once(' ')?;
            let value = quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?;
            return Some(Limit { value, source: folder.join("cpu.max") });
        }
        let quota: f64 = text("cpu.cfs_quota_us")?.trim().parse().ok()?;
        let period: f64 = text("cpu.cfs_period_us")?.trim().parse().ok()?;
        (quota > 0.0)
            .then(|| Limit { value: quota / period, source: folder.join("cpu.cfs_quota_us") })
    }))
}

fn lowest<T: PartialOrd>(limits: impl Iterator<Item = Limit<T>>) -> Option<Limit<T>> {
    limits.reduce(|low, next| if next.value < low.value { next } else { low })
}

/// The folders of the groups of this process that `controller` may be set in, innermost first.
fn folders(root: &Path, controller: &str) -> Vec<PathBuf> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mounted = root.join("sys/fs/cgroup");
    let mut folders = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(group)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let base = match controllers {
            "" => mounted.clone(),
            some if some.split(',').any(|name| name == controller) => mounted.join(controller),
            _ => continue,
        };
        let group = Path::new(group.trim_start_matches('/'));
        folders.extend(group.ancestors().map(|group| base.join(group)));
    }
    folders
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{cpu_limit, memory_available, memory_limit, memory_peak};

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn the_lowest_limit_of_the_group_and_those_above_holds() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        assert_eq!(memory_limit(root), None);
        put(root, "proc/self/cgroup", "0::/a/b\n");
        put(root, "sys/fs/cgroup/a/b/memory.max", "max\n");
        put(root, "sys/fs/cgroup/a/memory.max", "500\n");
        put(root, "sys/fs/cgroup/memory.max", "900\n");
        put(root, "sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
        put(root, "sys/fs/cgroup/a/cpu.max", "max 100000\n");
        let memory = memory_limit(root).expect("a limit");
        assert_eq!((memory.value, memory.source), (500, root.join("sys/fs/cgroup/a/memory.max")));
        assert!((cpu_limit(root).expect("a limit").value - 1.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_left_does_not_count_page_cache() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        put(root, "proc/self/cgroup", "0::/a\n");
        assert_eq!((memory_available(root), memory_peak(root)), (None, None));
        put(root, "sys/fs/cgroup/a/memory.max", "1000\n");
        put(root, "sys/fs/cgroup/a/memory.current", "700\n");
        assert_eq!(memory_available(root), Some(300));
        put(root, "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 150\nactive_file 50\n");
        put(root, "sys/fs/cgroup/a/memory.peak", "900\n");
        assert_eq!((memory_available(root), memory_peak(root)), (Some(500), Some(900)));
        put(root, "sys/fs/cgroup/memory.max", "800\n");
        put(root, "sys/fs/cgroup/memory.current", "790\n");
        assert_eq!(memory_available(root), Some(10), "the group above has less");
    }

    #[test]
    fn version_1_states_no_limit_as_a_huge_number() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        put(root, "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n");
        put(root, "sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
        put(root, "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n");
        put(root, "sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
        assert_eq!(memory_limit(root), None);
        assert_eq!(cpu_limit(root), None);
        put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
        put(root, "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "200000\n");
        assert_eq!(memory_limit(root).expect("a limit").value, 2_147_483_648);
        assert!((cpu_limit(root).expect("a limit").value - 2.0).abs() < 1e-12);
    }
}
