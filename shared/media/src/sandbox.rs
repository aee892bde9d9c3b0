//! What a tool that parses hostile media may do: read and write files below its limits, and compute.

use nix::{
    libc,
    sys::{prctl, resource, signal::Signal},
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, io, os::fd::RawFd, os::unix::process::CommandExt, process::Command};

/// Address space in bytes: far above what decoding needs, far below what would starve the machine.
const ADDRESS_SPACE_BYTES: u64 = 8 << 30;
/// The largest file a tool may write; above the scratch disk that Lambda can have.
const FILE_BYTES: u64 = 64 << 30;
/// The same for a program that talks to sites, whose output goes through a pipe.
const FILE_BYTES_OF_TALKER: u64 = 1 << 20;

/// What a program may reach beyond its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Nothing,
    /// One socket that is connected already. It can be written to and read from, and sockets can come through it; no
    /// other can be made or connected.
    Line(RawFd),
}

/// Calls that reach the network, other processes or the kernel's insides. Tools that only turn files into
/// files make none of them.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_kill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
];

/// The same calls by way of the x32 ABI, which shares x86-64's architecture number.
#[cfg(target_arch = "x86_64")]
fn refused() -> impl Iterator<Item = i64> {
    const X32: i64 = 0x4000_0000;
    // sendmsg, ptrace, process_vm_readv and _writev, sendmmsg and kexec_load have numbers of their own there.
    const X32_OWN: [i64; 6] = [518, 521, 528, 538, 539, 540];
    let x32 = REFUSED.iter().map(|call| call | X32).chain(X32_OWN.into_iter().map(|call| call | X32));
    REFUSED.iter().copied().chain(x32)
}

#[cfg(not(target_arch = "x86_64"))]
fn refused() -> impl Iterator<Item = i64> {
    REFUSED.iter().copied()
}

fn filter(reach: Reach) -> io::Result<BpfProgram> {
    let mut rules: BTreeMap<i64, Vec<_>> = refused().map(|call| (call, Vec::new())).collect();
    if let Reach::Line(_) = reach {
        // What libc's `send` calls. It stays refused where it names an address.
        let addressed = SeccompCondition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)
            .and_then(|condition| SeccompRule::new(vec![condition]))
            .map_err(io::Error::other)?;
        rules.insert(libc::SYS_sendto, vec![addressed]);
    }
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

/// Confines the command's child: empty environment, a process group of its own, resource limits, no
/// sockets but what it may reach, and death with the thread that starts it.
pub(crate) fn confine(command: &mut Command, reach: Reach) -> io::Result<()> {
    let filter = filter(reach)?;
    let file_bytes = if reach == Reach::Nothing { FILE_BYTES } else { FILE_BYTES_OF_TALKER };
    let parent = nix::unistd::getpid();
    command.env_clear().process_group(0);
    let in_child = move || {
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        if nix::unistd::getppid() != parent {
            // The parent died before the line above, so that no signal will come.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        resource::setrlimit(resource::Resource::RLIMIT_CORE, 0, 0)?;
        resource::setrlimit(resource::Resource::RLIMIT_AS, ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES)?;
        resource::setrlimit(resource::Resource::RLIMIT_FSIZE, file_bytes, file_bytes)?;
        if let Reach::Line(line) = reach {
            drop_capabilities()?;
            inherit(line)?;
        }
        seccompiler::apply_filter(&filter).map_err(|_| io::Error::from_raw_os_error(libc::EPERM))
    };
    #[expect(unsafe_code, reason = "the closure makes system calls only: it neither allocates nor takes locks")]
    // SAFETY: between fork and exec nothing but system calls on values made before the fork.
    unsafe {
        command.pre_exec(in_child);
    }
    Ok(())
}

/// Gives up what root may do beyond others, such as reading the parent's memory. Together with no_new_privs, which
/// the filter sets, the program does not get it back.
fn drop_capabilities() -> io::Result<()> {
    // Version 3 of the call's header, this process, and two words each of effective, permitted and inheritable ones.
    const HEADER: [u32; 2] = [0x2008_0522, 0];
    const NONE: [u32; 6] = [0; 6];
    #[expect(unsafe_code, reason = "libc has no function for it")]
    // SAFETY: both pointers are to constants of the size that version 3 reads.
    let result = unsafe { libc::syscall(libc::SYS_capset, HEADER.as_ptr(), NONE.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Keeps a descriptor open in the program.
fn inherit(line: RawFd) -> io::Result<()> {
    #[expect(unsafe_code, reason = "the descriptor's owner is in the parent, which waits")]
    // SAFETY: the call changes a flag of a descriptor.
    let result = unsafe { libc::fcntl(line, libc::F_SETFD, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
