//! What nsbox runs in: a container, a kernel that is none of Linux, Windows.

use crate::error::remedy::{Container, Impostor};
use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The kernel that this text of `/proc/version` belongs to, where that is none of Linux.
pub fn impostor(version: &str) -> Option<Impostor> {
    // gVisor has claimed several numbers, but built at one time.
    if version.contains("gvisor") || version.contains("Sun Jan 10 15:06:54 PST 2016") {
        return Some(Impostor::Gvisor);
    }
    // The second one has a kernel, which says "microsoft-standard-WSL2".
    (version.contains("Microsoft") && !version.contains("WSL2")).then_some(Impostor::Wsl1)
}

/// Whether this is WSL, and the kernel starts Windows programs.
pub fn has_wsl_interop(version: &str) -> bool {
    let registered = ["WSLInterop", "WSLInterop-late"];
    version.to_lowercase().contains("microsoft")
        && registered.iter().any(|name| Path::new("/proc/sys/fs/binfmt_misc").join(name).exists())
}

/// The container around nsbox, by what each leaves inside.
pub fn container() -> Option<Container> {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    // systemd notes it for those who do not have the environment of pid 1.
    let noted = std::env::var("container").ok().or_else(|| fs::read_to_string("/run/systemd/container").ok());
    let is_there = |path: &str| Path::new(path).exists();
    if is_in_first_namespaces() {
        // What a machine was made from may have left it there.
        return None;
    }
    container_of(noted.as_deref().map(str::trim), is_set("KUBERNETES_SERVICE_HOST"), &is_there)
}

/// Whether this process shares processes, IPC and host name with the machine itself, as in no container. The kernel gives these
/// namespaces fixed inodes (linux/proc_ns.h).
fn is_in_first_namespaces() -> bool {
    let first = [("pid", 0xefff_fffc), ("ipc", 0xefff_ffff), ("uts", 0xefff_fffe)];
    let inode = |kind: &str| fs::metadata(format!("/proc/self/ns/{kind}")).map(|found| found.ino());
    // Without /proc nothing is known, and nothing claimed.
    first.iter().all(|(kind, first)| inode(kind).is_ok_and(|inode| inode == *first)) || inode("pid").is_err()
}

fn container_of(noted: Option<&str>, in_pod: bool, is_there: &dyn Fn(&str) -> bool) -> Option<Container> {
    if in_pod || is_there("/var/run/secrets/kubernetes.io") {
        return Some(Container::Kubernetes);
    }
    match noted {
        Some("docker") => Some(Container::Docker),
        Some("podman" | "oci") => Some(Container::Podman),
        Some("lxc" | "lxc-libvirt") => Some(Container::Lxc),
        _ if is_there("/.dockerenv") => Some(Container::Docker),
        _ if is_there("/run/.containerenv") => Some(Container::Podman),
        _ if is_there("/dev/lxd/sock") || is_there("/dev/incus/sock") => Some(Container::Lxc),
        // WSL says so of itself, which is none.
        Some(name) if !name.is_empty() && name != "wsl" => Some(Container::Other),
        _ => None,
    }
}

/// The cgroup controllers that the caller may hand on to cgroups of its own: those of the folder that it may write to, in
/// the second version of cgroups (cgroups(7)).
pub fn delegated_controllers(own_cgroup: &str) -> Vec<String> {
    let Some(path) = own_cgroup.lines().find_map(|line| line.strip_prefix("0::/")) else { return Vec::new() };
    let folder = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        .into_iter()
        .map(|mount| Path::new(mount).join(path))
        .find(|folder| folder.join("cgroup.controllers").exists());
    let Some(folder) = folder.filter(|folder| access(folder, Access::WRITE_OK).is_ok()) else { return Vec::new() };
    let controllers = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
    controllers.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{container_of, impostor};
    use crate::error::remedy::{Container, Impostor};

    #[test]
    fn kernels_are_told_by_what_they_call_themselves() {
        let wsl2 = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) #1 SMP";
        let cases = [
            ("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n", Some(Impostor::Gvisor)),
            ("Linux version 4.19.0-gvisor #1 SMP Sun Jan 10 15:06:54 PST 2016\n", Some(Impostor::Gvisor)),
            ("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)", Some(Impostor::Wsl1)),
            (wsl2, None),
            ("Linux version 6.8.0-45-generic (buildd@lcy02-amd64-115)", None),
        ];
        for (version, expected) in cases {
            assert_eq!(impostor(version), expected, "{version}");
        }
    }

    #[test]
    fn containers_are_told_by_what_they_leave() {
        let told = |noted: Option<&str>, in_pod, there: &str| container_of(noted, in_pod, &|path: &str| path == there);
        assert_eq!(told(None, false, ""), None);
        assert_eq!(told(None, false, "/.dockerenv"), Some(Container::Docker));
        assert_eq!(told(None, true, "/.dockerenv"), Some(Container::Kubernetes));
        assert_eq!(told(Some("podman"), false, ""), Some(Container::Podman));
        assert_eq!(told(None, false, "/run/.containerenv"), Some(Container::Podman));
        assert_eq!(told(Some("lxc"), false, ""), Some(Container::Lxc));
        assert_eq!(told(Some("systemd-nspawn"), false, ""), Some(Container::Other));
        assert_eq!(told(Some("wsl"), false, ""), None);
    }
}
