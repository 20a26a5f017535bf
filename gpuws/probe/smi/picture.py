"""What the lines of the script add up to. Pure but for what it remembers: time is handed in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import NOT_YET, Coverage, HostReading
from gpuws.probe.parse import parse_reading
from gpuws.probe.smi import rows
from gpuws.probe.smi.listing import Listing
from gpuws.probe.smi.script import MARK, pace

KIB = 1 << 10
HUNG_AFTER = 15.0  # seconds without a row from nvidia-smi, in loop mode
HUNG_ROUND = 90.0  # the same where the GPUs are asked one by one
MOST_GPUS, MOST_SAID = 64, 4
FIRST_WAIT = 3.0  # seconds that a first answer is waited for before the machine is told of without GPUs
WAITING = Fault("starting", "waiting for nvidia-smi, which takes long to start")

Row = dict[str, Any]
State = tuple[str | None, Coverage, Fault, list[Row]]


class Picture:
    """`reason`: why nvidia-smi is asked at all; it goes with every reading."""

    def __init__(self, reason: Fault, interval: float, now: float) -> None:
        self._reason = reason
        self._patience = max(HUNG_AFTER, 4 * interval)
        self._began = self._heard = now  # of the GPUs
        self._told = False  # since the host last said how it is
        self.program = ""  # where nvidia-smi is
        self._driver = False  # there is one, whether nvidia-smi is or not
        self._said: list[str] = []  # beside rows, since the last that were whole
        self._failure: rows.DriverFailure | None = None
        self._frame: dict[str, Row] = {}  # the rows of one answer, as far as they came
        self._expected = 0  # rows in it
        self._shown: dict[str, Row] = {}
        self._every = False  # those are all GPUs there are
        self._single: list[tuple[str, list[str]]] | None = None  # [told, answer] of GPUs that are asked one by one
        self._listing = Listing(2 * pace(interval))
        self._outlived = False  # the GPUs were told since
        self.described: dict[int, Row] = {}
        self.instances: dict[str, list[Row]] | None = None  # None: not listed yet
        self._whole = False  # all was read once
        self._machine: Row = {}
        self._cpu: tuple[int, int] | None = None

    def feed(self, line: str, now: float) -> bool:
        """True where there is something new to tell."""
        settled = self._listing.settle(self._shown, now)
        if settled:
            self._outlived = False
        return self._line(line, now) or (settled and bool(self._shown))

    def _line(self, line: str, now: float) -> bool:
        if line.startswith(MARK + " "):
            word, _, rest = line[len(MARK) + 1 :].partition(" ")
            return self._mark(word, rest, now)
        found = rows.columns(line)
        if found is None or (self._single is not None and not rows.named(found)):
            self._message(line.strip())
            return False
        if "pid" in found:
            row = rows.process_row(found)
            if row is not None:
                self._listing.take(row, self._shown, now)
            return False
        self._heard = now
        return self._gpu(found)

    def _mark(self, word: str, rest: str, now: float) -> bool:
        if word == "start":
            self.program, self._driver = ("", rest == "unread") if rest in ("none", "unread") else (rest, True)
        elif word == "host":
            early = self.program and not self._shown and not self._failure and now - self._began < FIRST_WAIT
            return self._host(rest) and not early
        elif word == "listed":
            self._listing.end(rest, self._shown, now)
            self._outlived = False
            return bool(self._shown)
        elif word == "gpu":
            self._single = [*(self._single or []), (rest, [])][-MOST_GPUS:]
        elif word == "round":
            self._heard = now
            self._told = True
            return self._round()
        elif word in ("fewer", "single"):
            self._single = None
            return self._ended()
        return False

    def _message(self, line: str) -> None:
        said = self._single[-1][1] if self._single else self._said
        if line and line not in said and len(said) < MOST_SAID:
            said.append(line)

    def _gpu(self, found: dict[str, str]) -> bool:
        key = rows.key(found) or f"place {len(self._frame)}"
        if self._single is None and key in self._frame:  # the next round of the loop: this one had no more
            self._flush(whole=True)
        if len(self._frame) < MOST_GPUS:
            self._frame[key] = rows.gpu_row(found, len(self._frame), self._memory(), self._known(rows.bus(found)))
        self._expected = max(self._expected, rows.whole(found["count"]) or 0)
        if self._single is None and len(self._frame) == self._expected:
            self._flush(whole=True)
            self._told = True
        return not self._frame

    def _known(self, bus: str | None) -> Row | None:
        return next((row for row in self._shown.values() if bus is not None and row["bus_id"] == bus), None)

    def _flush(self, *, whole: bool) -> None:
        """Show the answer. One that broke off says nothing of the GPUs behind the one that broke it."""
        fresh = {row["uuid"]: row for row in self._frame.values()}
        self._frame, self._expected = {}, 0
        if fresh or whole:
            self._shown = fresh if whole else dict(list({**self._shown, **fresh}.items())[:MOST_GPUS])
            self._outlived = True
            self._every = whole
        if fresh and whole:
            self._failure, self._said = None, []  # of whatever went before

    def _ended(self) -> bool:
        """A loop broke off. Where the driver as a whole is to blame, nothing that comes after it tells more."""
        self._flush(whole=False)
        failure = rows.driver_failure(self._said)
        return self._fail(failure) if failure else False

    def _fail(self, failure: rows.DriverFailure) -> bool:
        self._failure, self._said = failure, []
        self._shown, self._frame, self._every = {}, {}, False
        return True

    def _round(self) -> bool:
        """All GPUs were asked one by one: those that answered, and those that did not."""
        told, self._single = self._single or [], None
        answered = {row["uuid"] for row in self._frame.values()}
        said = [line for _, lines in told for line in lines] or self._said
        failure = None if answered else rows.driver_failure(said)
        if failure is None and not answered and not told and said:
            failure = rows.other_failure(said)
        if failure is not None:
            return self._fail(failure)
        broken = [rows.broken_row(index, what, answer) for index, (what, answer) in enumerate(told)]
        if told:
            self._flush(whole=True)
            self._failure, self._said = None, []
        self._shown.update({row["uuid"]: row for row in broken if row["uuid"] not in answered})
        return True

    def running(self) -> list[Row]:
        """As listed last, without those that ended since, as far as newer figures of the GPUs show it."""
        found = self._listing.rows
        if self._outlived:
            found = [row for row in found if not rows.ended(row, self._shown.get(row["gpu_uuid"]))]
        pids = {row["pid"] for row in found}
        self.described = {pid: facts for pid, facts in self.described.items() if pid in pids}
        return [{**row, **self.described.get(row["pid"], {})} for row in found]

    def _host(self, told: str) -> bool:
        words = [*told.split("|"), "", "", ""][:4]
        total, available = (rows.whole(word) for word in words[1:3])
        self._machine = {
            "load": rows.real(words[0]),
            "memory_total": None if total is None else total * KIB,
            "memory_used": None if total is None or available is None else (total - available) * KIB,
            "cpu_percent": self._busy([rows.whole(word) or 0 for word in words[3].split()[:8]]),
        }
        due, self._told = not self._told, False
        return due

    def _busy(self, times: list[int]) -> float | None:
        if len(times) < 5:
            return None
        total, busy = sum(times), sum(times) - times[3] - times[4]  # less idle and waiting for disks
        before, self._cpu = self._cpu, (total, busy)
        return None if before is None or total <= before[0] else 100.0 * (busy - before[1]) / (total - before[0])

    def _memory(self) -> tuple[int | None, int | None]:
        return self._machine.get("memory_used"), self._machine.get("memory_total")

    @property
    def divided(self) -> bool:
        return any(row.get("mig") is not None for row in self._shown.values())

    @property
    def undescribed(self) -> list[int]:
        """Processes of which nothing was asked yet but what nvidia-smi tells."""
        return [row["pid"] for row in self._listing.rows if row["pid"] not in self.described]

    def whole(self, now: float) -> bool:
        """Everything was read once: GPUs, their instances, and who runs on them. What hangs holds it up no longer than
        the GPUs themselves might."""
        listed = self._listing.known and (self.instances is not None or not self.divided)
        ready = (listed and not self.undescribed) or now - self._began > self._patience
        self._whole = self._whole or (self._every and ready)
        return self._whole

    def reading(self, now: float, taken_at: float) -> HostReading:
        """`now` on the clock of `feed`; `taken_at` in epoch seconds."""
        source, coverage, error, shown = self._state(now)
        made = {
            **self._machine,
            "source": source,
            "coverage": coverage,
            "error": asdict(error),
            "driver": next((found for row in self._shown.values() if (found := row.get("driver"))), None),
            "gpus": [self._row(row) for row in sorted(shown, key=lambda row: row["index"])],
            "processes": self.running() if source else [],
            "warnings": [asdict(self._reason)] if error != self._reason else [],
        }
        return parse_reading(made, taken_at)

    def _row(self, row: Row) -> Row:
        """With its instances, and why its processes are not told."""
        unlisted = self._listing.failed or ("" if self._listing.known else NOT_YET)
        gaps = {**row.get("gaps", {}), **({"processes": unlisted} if unlisted else {})}
        instances = (self.instances or {}).get(row["uuid"], [])
        return {**row, "gaps": gaps, "mig": None if row.get("mig") is None else instances}

    def _state(self, now: float) -> State:
        """Source, coverage, error and rows of GPUs: those of a program that hangs are without values."""
        if not self.program:
            return None, "failed" if self._driver else "none", self._reason, []
        if self._failure:
            return None, self._failure.coverage, self._failure.fault, []
        coverage: Coverage = "read" if self.whole(now) else "waiting"
        silent = now - self._heard
        if silent > (self._patience if self._single is None else HUNG_ROUND):
            error = f"nvidia-smi not responding for {silent:.0f} s"
            kept = ("index", "uuid", "name", "bus_id")
            hung = [
                {key: row.get(key) for key in kept} | {"health": "error", "error": error}
                for row in self._shown.values()
            ]
            return None, coverage, Fault("hung", error), hung
        if self._shown:
            return "nvidia-smi", coverage, self._reason, list(self._shown.values())
        return None, "waiting", WAITING, []
