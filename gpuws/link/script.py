"""A shell script in a place: what it printed itself, or why the login there runs no scripts."""

from __future__ import annotations

from gpuws.link.place import Place
from gpuws.model.errors import Swallows
from gpuws.model.host.swallowed import MARK, Printed, judge
from gpuws.model.session.terminal import Completed
from gpuws.model.text import plain

MOST_LINES = 20


def run_script(place: Place, name: str, script: str, *words: str, timeout: float) -> Completed:
    """`words` are its `$1` and on; `name` is the host's, for the reason. Its output begins behind whatever the start
    files of the login print. `Swallows` where it never ran."""
    done = place.run(["sh", "-c", f"echo {MARK}\n{script}", "sh", *words], timeout=timeout)
    noise, mark, told = done.stdout.partition(f"{MARK}\n".encode())
    if not mark:
        found = judge(Printed(_lines(noise), _lines(done.stderr), done.status), name)
        raise Swallows(f"{name}: {found.does}", found.remedy)
    return Completed(done.status, told, done.stderr)


def _lines(told: bytes) -> list[str]:
    return [plain(line) for line in told[-4096:].decode(errors="replace").splitlines()[-MOST_LINES:]]
