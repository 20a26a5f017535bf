"""How the host is reached: the link, its key, who must answer, what the server allows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gpuws.model import text
from gpuws.model.checkup.facts import Exam
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Check

SLOW_LOGIN = 3.0  # seconds
FAR = 0.3  # seconds of a round trip, from where on typing lags
USUAL_SESSIONS = 10
"""sshd's MaxSessions where nobody set it. The limit itself can't be asked for."""


def link(exam: Exam) -> Iterator[Check]:
    """Reached, and how long that takes."""
    snapshot = exam.snapshot
    if snapshot.state is not HostState.UP:
        known = snapshot.state is HostState.STALE
        why = snapshot.error or snapshot.phase or f"the host is {snapshot.state}"
        yield Check("link", "warn" if known else "fail", why, snapshot.remedy or f"ssh -v {snapshot.name} says more")
        return
    if exam.link is None:
        yield Check("link", "ok", "this machine")
        return
    login, trip = exam.link.login, snapshot.latency
    words = [f"logged in within {_time(login)}"] if login is not None else []
    words += [f"round trip {_time(trip)}"] if trip is not None else []
    detail = ", ".join([*words, *([exam.link.server] if exam.link.server else [])]) or "connected"
    if login is not None and login > SLOW_LOGIN:
        yield Check("link", "warn", detail, "often cured by `UseDNS no` and `GSSAPIAuthentication no` in sshd_config")
    elif trip is not None and trip > FAR:
        yield Check(
            "link", "warn", f"{detail}: typing there lags", "a nearer way, if there is one: `jump` in hosts.yaml"
        )
    else:
        yield Check("link", "ok", detail)


def backend(exam: Exam) -> Iterator[Check]:
    """What speaks SSH, and why."""
    if exam.link is not None and exam.link.backend:
        yield Check("backend", "ok", ": ".join(filter(None, (exam.link.backend, exam.link.why))))


def host_key(exam: Exam) -> Iterator[Check]:
    """gpuws connects to no host whose key is not known: which one it was."""
    key = exam.link.host_key if exam.link else None
    if key is None:
        return
    if key.startswith("ssh-dss"):
        yield Check("host_key", "warn", f"{key} is of a kind that OpenSSH gave up", "sudo ssh-keygen -A on the host")
    else:
        yield Check("host_key", "ok", f"{key}, known")


def login(exam: Exam) -> Iterator[Check]:
    """A login that needs a person each time can't come back by itself."""
    if exam.link is None:
        return
    if exam.link.needed_human:
        detail = "each login needs you: a lost link does not come back by itself"
        yield Check("login", "warn", detail, f"a key does it for you: ssh-copy-id {exam.snapshot.name}")
    else:
        yield Check("login", "ok", "needs nobody")


def keys(exam: Exam) -> Iterator[Check]:
    """Said only where one is passed over: ssh passes it over, too."""
    if exam.link is not None and exam.link.exposed:
        files = ", ".join(exam.link.exposed)
        yield Check(
            "keys", "warn", f"others can read {files}: not used", shlex.join(["chmod", "600", *exam.link.exposed])
        )


def told(exam: Exam) -> Iterator[Check]:
    """What the server says to whoever logs in: rules of the lab, that an account expires."""
    if exam.link is not None and exam.link.told:
        yield Check("banner", "ok", f"the server says: {text.plain(' '.join(exam.link.told), 400)}")


def besides(exam: Exam) -> Iterator[Check]:
    """Said only where there is some: what is wanted of it is asked for by name."""
    if exam.link is not None and exam.link.besides:
        yield Check("besides", "ok", f"ssh would also {'; '.join(exam.link.besides)}: gpuws does not")


def shared_login(exam: Exam) -> Iterator[Check]:
    """Said only where it is so: what looks like mine there is nobody's."""
    facts, me = exam.snapshot.facts, exam.snapshot.me
    if facts is not None and me.shared:
        detail = f"several people use {facts.login}: mine is only what is labelled as {me.owner}'s"
        yield Check("shared_login", "ok", detail)


def sessions(exam: Exam) -> Iterator[Check]:
    """Programs and terminals of one connection, which sshd counts."""
    if exam.link is None or exam.link.sessions is None:
        return
    number, spilled = exam.link.sessions, exam.link.spilled
    detail = "1 program open over this link" if number == 1 else f"{number} programs and terminals open over this link"
    if spilled:
        remedy = "MaxSessions 100 in its sshd_config makes one connection enough"
        yield Check("sessions", "ok", f"{detail}, {spilled} of them over further connections", remedy)
    elif number >= USUAL_SESSIONS - 1 and exam.link.needed_human:
        remedy = "MaxSessions 100 in its sshd_config: a further connection would ask you to log in again"
        yield Check("sessions", "warn", f"{detail}: servers usually allow {USUAL_SESSIONS}", remedy)
    else:
        yield Check("sessions", "ok", f"{detail}; servers usually allow {USUAL_SESSIONS}")


def forwarding(exam: Exam) -> Iterator[Check]:
    """Said only where the server refused: nothing is dialled to find out."""
    if exam.link is not None and exam.link.forbidden:
        detail = f"the server forbids forwarding to {', '.join(exam.link.forbidden)}"
        remedy = "AllowTcpForwarding yes, AllowStreamLocalForwarding yes and PermitOpen any in its sshd_config"
        yield Check("forwarding", "warn", detail, remedy)


def _time(seconds: float) -> str:
    """`0.3 ms`, `30 ms`, `2.5 s`"""
    milliseconds = 1000 * seconds
    return f"{seconds:.1f} s" if seconds >= 1 else f"{milliseconds:.{0 if milliseconds >= 10 else 1}f} ms"
