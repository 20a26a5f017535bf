"""Whatever `ssh ALIAS` does in a terminal, gpuws does with the same files, by either backend. The table that this
prints is kept in docs/ssh.md: GPUWS_MATRIX=1 writes it anew."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Backend, Host
from gpuws.model.host.question import Answer, Question
from tests.link.backends.bench import ALIAS, ANSWERS, LIMIT, Bench, in_a_terminal, outcome
from tests.link.backends.rows import ROWS, Row
from tests.link.sshd import Keys, Server

PAGE = Path(__file__).parents[3] / "docs" / "ssh.md"
BEGIN, END = "<!-- the matrix: printed by tests/link/backends/test_matrix.py -->", "<!-- end of the matrix -->"
BACKENDS: tuple[Backend, ...] = ("paramiko", "openssh")


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_gpuws_reaches_what_ssh_reaches(keys: Keys, shared_server: Server, tmp_path: Path):
    with ThreadPoolExecutor(4) as pool:
        benches = [Bench(tmp_path / str(number), keys, shared_server, ExitStack()) for number in range(len(ROWS))]
        found = list(pool.map(tried, ROWS, benches))
    table = printed(found)
    print(table)
    differing = [f"{row.group}, {row.what}: {one}" for row, one in zip(ROWS, found, strict=True) if one.auto != one.ssh]
    assert not differing, "\n".join(differing)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    shown, _, after = rest.partition(END)
    if os.environ.get("GPUWS_MATRIX"):
        PAGE.write_text(f"{before}{BEGIN}\n{table}{END}{after}", "utf-8")
    else:
        assert shown == f"\n{table}"


@dataclass(frozen=True)
class Found:
    """What became of an attempt by each way: "in" or "refused", with "asks, " before it where a person answered."""

    ssh: str
    auto: str
    paramiko: str
    openssh: str
    taken: str
    said: str


def printed(found: list[Found]) -> str:
    lines = ["| | | `ssh` | paramiko | openssh | `auto` takes |", "|---|---|---|---|---|---|"]
    for row, one in zip(ROWS, found, strict=True):
        lines.append(f"| {row.group} | {row.what} | {one.ssh} | {one.paramiko} | {one.openssh} | {one.taken or '–'} |")
    return "\n".join([*lines, ""])


def tried(row: Row, bench: Bench) -> Found:
    with bench.stack:
        row.build(bench)
        with bench.attempt():
            ssh = in_a_terminal(["ssh", "-F", str(bench.config), ALIAS, "true"])
        with bench.attempt():
            auto, taken, said = by_gpuws(bench, "auto")
        forced = {"paramiko": auto, "openssh": auto}
        for backend in BACKENDS:
            if backend != taken:
                with bench.attempt():
                    forced[backend], _, _ = by_gpuws(bench, backend)
    return Found(ssh, auto, forced["paramiko"], forced["openssh"], taken, said)


def by_gpuws(bench: Bench, backend: Backend) -> tuple[str, str, str]:
    """What became of it, which backend it was, and what was said."""
    asked: list[Question] = []

    def ask(question: Question) -> Answer | None:
        asked.append(question)
        words = " ".join((question.kind, question.text, *question.said[-1:])).lower()
        answer = "yes/no" if question.kind == "host-key" else next((word for word in ANSWERS if word in words), "")
        return Answer(text=ANSWERS[answer]) if answer else None

    connector = Connector()
    try:
        link = connector.connect(Host(ALIAS, ssh_config=str(bench.config), backend=backend), ask)
        status = link.run(["true"], timeout=LIMIT).status
        facts = link.facts()
    except GpuwsError as error:
        return outcome(bool(asked), reached=False), "", str(error)
    finally:
        connector.close()
    return outcome(bool(asked), reached=status == 0), facts.backend if facts else "", ""
