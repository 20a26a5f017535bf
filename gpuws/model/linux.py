"""Linux' own words: rights that containers lack unless they are given, signals, security modules, names. Pure."""

from __future__ import annotations

CAPABILITIES = {
    "ALL": "every right there is: it is root on {host}",
    "AUDIT_CONTROL": "switches the audit of {host} off",
    "AUDIT_READ": "reads the audit of {host}",
    "AUDIT_WRITE": "",
    "BLOCK_SUSPEND": "keeps {host} from sleeping",
    "BPF": "looks into the kernel of {host} by its own programs",
    "CHECKPOINT_RESTORE": "freezes programs and copies their memory",
    "CHOWN": "",
    "DAC_OVERRIDE": "",
    "DAC_READ_SEARCH": "reads every file of {host}",
    "FOWNER": "",
    "FSETID": "",
    "IPC_LOCK": "",
    "IPC_OWNER": "reads and writes shared memory whoever owns it",
    "KILL": "",
    "LEASE": "",
    "LINUX_IMMUTABLE": "makes files that nobody can remove",
    "MAC_ADMIN": "changes the security policy of {host}",
    "MAC_OVERRIDE": "goes past the security policy of {host}",
    "MKNOD": "",
    "NET_ADMIN": "changes the network it is in, of {host} with network_mode: host",
    "NET_BIND_SERVICE": "",
    "NET_BROADCAST": "",
    "NET_RAW": "",
    "PERFMON": "watches the programs and the kernel of {host}",
    "SETFCAP": "",
    "SETGID": "",
    "SETPCAP": "",
    "SETUID": "",
    "SYS_ADMIN": "mounts and more: it is all but root on {host}",
    "SYS_BOOT": "reboots {host}",
    "SYS_CHROOT": "",
    "SYS_MODULE": "loads code into the kernel of {host}",
    "SYS_NICE": "puts its programs before those of others on {host}",
    "SYS_PACCT": "switches accounting on {host} off",
    "SYS_PTRACE": "reads the memory of programs, of all on {host} with pid: host",
    "SYS_RAWIO": "reads and writes the memory and the disks of {host}",
    "SYS_RESOURCE": "goes past limits and quotas of {host}",
    "SYS_TIME": "sets the clock of {host}",
    "SYS_TTY_CONFIG": "takes the terminals of {host}",
    "SYSLOG": "reads the kernel's log of {host}, addresses in it",
    "WAKE_ALARM": "wakes {host}",
}
"""What each gives on `{host}` (capabilities(7)); "": containers have it anyway, or it harms nobody."""

SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM"),
    *("TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF"),
    *("WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN", "RTMAX"),
)

HOSTNAME = "[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?"
"""A pattern of names for machines, as far as the kernel and name servers agree."""


def capability(word: str) -> str:
    """`CAP_SYS_PTRACE` and `sys_ptrace` are SYS_PTRACE."""
    return word.upper().removeprefix("CAP_")


def signal(word: str) -> str:
    """`TERM` is SIGTERM; numbers stay numbers."""
    word = word.upper()
    return word if word.isdecimal() or word.startswith("SIG") else f"SIG{word}"


def security_option(word: str) -> str:
    """`label:disable`, as docker once wrote it, is label=disable; a bare `no-new-privileges` says true."""
    marks = [at for at in map(word.find, ":=") if at >= 0]
    name, value = (word[: min(marks)], word[min(marks) + 1 :]) if marks else (word, "")
    if name == "no-new-privileges":
        return name if value in ("", "true") else f"{name}={value}"
    return f"{name}={value}"
