"""What the lines of the script add up to. Pure but for what it remembers: time is handed in."""

from __future__ import annotations

from typing import Any

from gpuws.model.reading import HostReading
from gpuws.probe.parse import parse_reading
from gpuws.probe.smi import rows
from gpuws.probe.smi.script import MARK

KIB = 1 << 10
HUNG_AFTER = 15.0  # seconds without a row from nvidia-smi, in loop mode
HUNG_ROUND = 90.0  # the same where the GPUs are asked one by one
SAME_FRAME = 1.0  # seconds between the rows of one answer
MOST_GPUS, MOST_PROCESSES = 64, 2048
FIRST_WAIT = 3.0  # seconds that a first answer is waited for before the machine is told of without GPUs
WAITING = "waiting for nvidia-smi, which takes long to start"

Row = dict[str, Any]


class Picture:
    """`reason`: why nvidia-smi is asked at all; it goes with every reading."""

    def __init__(self, reason: str, interval: float, now: float) -> None:
        self._reason = reason
        self._patience = max(HUNG_AFTER, 4 * interval)
        self._quiet = 10 + 5 * interval  # seconds after which a list of processes without lines is an empty one
        self._began = self._heard = now  # of the GPUs
        self._told = False  # since the host last said how it is
        self.program = ""  # where nvidia-smi is
        self._failure: str | None = None
        self._frame: dict[str, dict[str, str]] = {}  # the rows of one answer, as far as they came
        self._shown: dict[str, Row] = {}
        self._single: list[list[str]] | None = None  # [told, answer] of GPUs that are asked one by one
        self._processes: dict[tuple[str, int], tuple[float, Row]] = {}
        self._clock = 0.0  # the newest time that a row bore
        self.described: dict[int, Row] = {}
        self.instances: dict[str, list[Row]] = {}
        self._machine: Row = {}
        self._cpu: tuple[int, int] | None = None

    def feed(self, line: str, now: float) -> bool:
        """True where there is something new to tell."""
        if line.startswith(MARK + " "):
            word, _, rest = line[len(MARK) + 1 :].partition(" ")
            return self._mark(word, rest, now)
        found = rows.columns(line)
        if found is None:
            self._message(line)
            return False
        self._clock = max(self._clock, rows.moment(found["timestamp"]) or now)
        if "pid" in found:
            self._process(found, now)
            return False
        self._heard = now
        return self._gpu(found)

    def _mark(self, word: str, rest: str, now: float) -> bool:
        if word == "start":
            self.program = "" if rest == "none" else rest
        elif word == "host":
            early = self.program and not self._shown and not self._failure and now - self._began < FIRST_WAIT
            return self._host(rest) and not early
        elif word == "gpu":
            self._single = [*(self._single or []), [rest, ""]][-MOST_GPUS:]
        elif word == "round":
            self._heard = now
            self._round()
            self._told = True
            return True
        elif word in ("fewer", "single"):
            self._single = None
            self._flush(whole=False)
        return False

    def _message(self, line: str) -> None:
        if self._single:
            self._single[-1][1] = line
        elif line.strip():
            self._failure = rows.failure(line.strip())

    def _gpu(self, found: dict[str, str]) -> bool:
        if self._single is not None:
            self._single[-1][1] = ""
            self._frame[found["uuid"]] = found
            return False
        if found["uuid"] in self._frame:
            self._flush(whole=False)
        if len(self._frame) < MOST_GPUS:
            self._frame[found["uuid"]] = found
        if len(self._frame) == rows.whole(found["count"]):
            self._flush(whole=True)
            self._told = True
        return not self._frame

    def _flush(self, *, whole: bool) -> None:
        """Show the answer. One that broke off says nothing of the GPUs behind the one that broke it."""
        made = (rows.gpu_row(found, self._memory()) for found in self._frame.values())
        fresh = {row["uuid"]: row for row in made if row is not None}
        self._frame = {}
        if fresh or whole:
            self._shown = fresh if whole else dict(list({**self._shown, **fresh}.items())[:MOST_GPUS])
            self._failure = None if whole else self._failure

    def _round(self) -> None:
        """All GPUs were asked one by one: those that answered, and those that did not."""
        told, self._single = self._single or [], None
        answered = {found["uuid"] for found in self._frame.values()}
        broken = [
            row
            for index, (what, answer) in enumerate(told)
            if (row := rows.broken_row(index, what, answer)) is not None and row["uuid"] not in answered
        ]
        failure = self._failure
        self._flush(whole=True)
        self._shown.update({row["uuid"]: row for row in broken})
        self._failure = None if self._shown else failure

    def _process(self, found: dict[str, str], now: float) -> None:
        row = rows.process_row(found)
        if row is None:
            return
        at = rows.moment(found["timestamp"]) or now
        self._processes[row["gpu_uuid"], row["pid"]] = (at, row)
        if len(self._processes) > MOST_PROCESSES:
            self._processes = dict(list(self._processes.items())[-MOST_PROCESSES // 2 :])

    def running(self) -> list[Row]:
        """Rows of the newest list. No line at all is how nvidia-smi says that there are none."""
        newest = max((at for at, _ in self._processes.values()), default=0.0)
        if self._clock - newest > self._quiet:
            self._processes = {}
        self._processes = {key: held for key, held in self._processes.items() if held[0] > newest - SAME_FRAME}
        found = [row for _, row in self._processes.values()]
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

    def reading(self, now: float, taken_at: float) -> HostReading:
        """`now` on the clock of `feed`; `taken_at` in epoch seconds."""
        source, error, shown = self._state(now)
        made = {
            **self._machine,
            "source": source,
            "error": error,
            "driver": next((found for row in self._shown.values() if (found := row.get("driver"))), None),
            "gpus": [{**row, "mig": self._instances(row)} for row in sorted(shown, key=lambda row: row["index"])],
            "processes": self.running() if source else [],
            "warnings": [self._reason] if error != self._reason else [],
        }
        return parse_reading(made, taken_at)

    def _instances(self, row: Row) -> list[Row] | None:
        return None if row.get("mig") is None else self.instances.get(row["uuid"], [])

    def _state(self, now: float) -> tuple[str | None, str | None, list[Row]]:
        """Source, error and rows of GPUs: those of a program that hangs are without values."""
        if not self.program:
            return None, self._reason, []
        silent = now - self._heard
        if silent > (self._patience if self._single is None else HUNG_ROUND):
            error = f"nvidia-smi not responding for {silent:.0f} s"
            kept = ("index", "uuid", "name", "bus_id")
            hung = [
                {key: row.get(key) for key in kept} | {"health": "error", "error": error}
                for row in self._shown.values()
            ]
            return None, self._failure or error, hung
        if self._shown:
            return "nvidia-smi", self._reason, list(self._shown.values())
        return None, self._failure or WAITING, []
