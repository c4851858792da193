"""What a worker may still do once it reads mail: compute, and answer on the channel that it has.

Three layers of Linux, none of which needs a privilege: no_new_privs, Landlock (files), seccomp (system calls). They
are put on after the fork, so that everything which was loaded before stays, and none of them can be taken off again.
"""

import ctypes
import errno
import os
import resource
import signal
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_GET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 21, 38
_MOST_FILES = 256
_STATM = Path("/proc/self/statm")

# landlock(7), linux/landlock.h; the numbers of its system calls are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_NOWHERE = Path("/dev/null")  # where Tesseract says what it thinks of a picture; it dies where it cannot
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # so many rights on files does each version know
_NETWORK_FROM, _NETWORK = 4, 0b11
_SCOPES_FROM, _SCOPES = 6, 0b11

# seccomp(3)
_ALLOW, _REFUSE, _NOT_THERE = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_NOT_EQUAL, _EQUAL, _MASKED_EQUAL = 1, 4, 7
_SIGNALS_BY_FILE = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals to others, fcntl(2)
_TYPE_INTO_TERMINAL = 0x5412  # TIOCSTI
_CLONE_THREAD = 0x00010000
# Ways out: other machines, other processes, other programs, the kernel's own doors.
_REFUSED = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "execve", "execveat", "fork", "vfork",
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "kcmp", "tkill", "keyctl", "add_key", "request_key", "bpf", "perf_event_open",
    "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "unshare", "setns", "mount", "umount",
    "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "syslog", "open_by_handle_at", "name_to_handle_at", "mknod", "mknodat",
    "personality", "ioperm", "iopl", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname",
    "setdomainname", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "mq_open",
    "msgget", "semget", "shmget", "fanotify_init", "memfd_secret", "memfd_create", "rt_sigqueueinfo",
    "rt_tgsigqueueinfo", "setpriority", "ioprio_set", "sched_setparam", "sched_setscheduler", "sched_setattr", "chmod",
    "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
    "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "truncate",
)  # fmt: skip


class _Rules(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class _Argument(ctypes.Structure):
    _fields_ = [
        ("number", ctypes.c_uint),
        ("compare", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


def missing() -> tuple[str, ...]:
    """The layers that this machine does not have, by name; empty where all of them can be put on."""
    lacking = []
    if _landlock_version() < 1:
        lacking.append("landlock")
    if _libc().prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) < 0 or _libseccomp() is None:
        lacking.append("seccomp")
    return tuple(lacking)


def confine(memory_bytes: int, also_readable: Iterable[Path] = ()) -> None:
    """Put on what this machine has; `memory_bytes` at most on top of what the process uses. Raises OSError.

    `also_readable`: files and folders beside Python and the libraries.
    """
    _call(_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "die with the nursery")
    _limit(memory_bytes)
    readable = [*_readable(), *also_readable]
    _call(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up new privileges")
    lacking = missing()
    if "landlock" not in lacking:
        _close_files(readable)
    if "seccomp" not in lacking:
        _close_calls()


def leave_no_core() -> None:
    """A crash of this process writes no memory to a disk, and nobody of the same user can look into it. OSError.

    What it starts inherits the limit on files; the rest ends with an exec, and is to be asked for again there.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _call(_libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "keep its memory to itself")


def address_space() -> int:
    """Bytes that this process has mapped; what it shares with its nursery counts."""
    return resource.getpagesize() * int(_STATM.read_text().split()[0])


def limit_memory(ceiling: int) -> None:
    """From now on no more than so many bytes may be mapped, up to what `confine` left."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))


def limit_cpu(seconds: int) -> None:
    """SIGPROF ends this process after so many seconds; the kernel's limit, which knows whole ones, stands behind it."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 2 + seconds, resource.RLIM_INFINITY))


def _limit(memory_bytes: int) -> None:
    ceiling = address_space() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _readable() -> Iterator[Path]:
    """What Python and its libraries may still load. No state, no configuration, no key is among it."""
    paths = sysconfig.get_paths()
    named = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    named |= {place for place in sys.path if place.endswith(("site-packages", "dist-packages"))}
    named |= {"/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share"}
    named |= {str(Path(__file__).parents[1]), "/etc/ld.so.cache", "/dev/urandom", "/dev/null"}
    for place in sorted(named):
        if Path(place).exists():
            yield Path(place)


def _close_files(readable: Iterable[Path]) -> None:
    """Landlock: nothing can be opened but these, and they only to be read; no port, no socket of other processes."""
    version = _landlock_version()
    rules = _Rules(
        (1 << _RIGHTS.get(version, 16)) - 1,
        _NETWORK if version >= _NETWORK_FROM else 0,
        _SCOPES if version >= _SCOPES_FROM else 0,
    )
    size = 8 * (1 + (version >= _NETWORK_FROM) + (version >= _SCOPES_FROM))
    ruleset = _call(_libc().syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0), "make rules")
    try:
        for path in readable:
            _allow(ruleset, path, rules.files)
        _call(_libc().syscall(_RESTRICT_SELF, ruleset, 0), "put on Landlock")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, handled: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | _READ_FOLDER if path.is_dir() else _READ_FILE
        if path == _NOWHERE:
            rights |= (_WRITE_FILE | _TRUNCATE) & handled
        beneath = _Beneath(rights, folder)
        _call(_libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0), "allow a folder")
    finally:
        os.close(folder)


def _close_calls() -> None:
    """seccomp: the calls above fail with EPERM, a new process too; threads may be made."""
    library = _libseccomp()
    assert library is not None, "asked after missing()"
    filters = library.seccomp_init(_ALLOW)
    try:
        for name in _REFUSED:
            _refuse(library, filters, name)
        # a thread shares the process; anything else that clone makes is a process. Flags of clone3 cannot be seen,
        # so that libraries are told to use clone
        _refuse(library, filters, "clone", _Argument(0, _MASKED_EQUAL, _CLONE_THREAD, 0))
        _refuse(library, filters, "clone3", action=_NOT_THERE)
        _refuse(library, filters, "kill", _Argument(0, _NOT_EQUAL, os.getpid(), 0))
        _refuse(library, filters, "tgkill", _Argument(0, _NOT_EQUAL, os.getpid(), 0))
        _refuse(library, filters, "prlimit64", _Argument(0, _NOT_EQUAL, 0, 0))
        for number in _SIGNALS_BY_FILE:
            _refuse(library, filters, "fcntl", _Argument(1, _EQUAL, number, 0))
        _refuse(library, filters, "ioctl", _Argument(1, _EQUAL, _TYPE_INTO_TERMINAL, 0))
        _call(library.seccomp_load(filters), "put on seccomp")
    finally:
        library.seccomp_release(filters)


def _refuse(library: Any, filters: Any, name: str, *arguments: _Argument, action: int = _REFUSE) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number == -1:
        return  # this architecture has no such call
    array = (_Argument * max(len(arguments), 1))(*arguments)
    _call(library.seccomp_rule_add_array(filters, action, number, len(arguments), array), f"refuse {name}")


def _call(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno() or -result
        raise OSError(number, f"the sandbox could not {what}: {os.strerror(number)}")
    return result


def _landlock_version() -> int:
    return int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _libseccomp() -> Any:
    try:
        library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_release.argtypes = [ctypes.c_void_p]
    library.seccomp_release.restype = None
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Argument),
    ]
    return library
