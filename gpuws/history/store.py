"""The file that what is kept lies in: SQLite, private, bounded, opened for a moment each time it is needed.

So it may be removed, copied or replaced at any time; whoever writes next makes it anew."""

from __future__ import annotations

import contextlib
import os
import shlex
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gpuws.history.tables import EXTEND, SCHEMA, VERSION
from gpuws.model.errors import GpuwsError
from gpuws.model.history.usage import LONGEST, STEP, Amounts, GpuFacts, GpuKey, Holding, Record, Rest, Use, Watched

PATIENCE = 5.0
"""Seconds for another program that reads it at this moment."""
DAYS = 92
MOST = 64 << 20
"""Bytes; a month of 64 GPUs takes less than a third of them."""
PIECE = 8
"""What is too much goes an eighth of the time at once, the oldest first."""

NO_MORE: Mapping[str, object] = {}


class Unusable(GpuwsError):
    """It can't be read or written now: locked, full, not permitted, of a newer gpuws."""


class Broken(Unusable):
    """It is no such file, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Store:
    path: Path
    days: int = DAYS
    most: int = MOST

    def write(self, record: Record, now: float | None = None) -> None:
        """All of `record`, or nothing where it raises `Unusable`."""
        with _failing(self.path), self._open() as connection:
            with connection:
                _Writing(connection).add(record)
            self._bound(connection, time.time() if now is None else now)

    def read(self, since: float, until: float) -> Record:
        """What lies between; an empty record where there is no file. It makes none, and changes nothing."""
        if not self.path.exists():
            return Record()
        with _failing(self.path), self._open(reading=True) as connection:
            begun = connection.execute("PRAGMA user_version").fetchone()[0]
            return _read(connection, since, until) if begun else Record()

    def set_aside(self) -> Path:
        """A damaged file makes room for a new one, and is kept until another one is damaged."""
        aside = self.path.with_suffix(".damaged")
        with contextlib.suppress(OSError):
            self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{self.path}{suffix}").unlink()
        return aside

    @contextlib.contextmanager
    def _open(self, *, reading: bool = False) -> Iterator[sqlite3.Connection]:
        if not reading:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        mode = "ro" if reading else "rw"
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise Unusable(f"{self.path} is of a newer gpuws", "use that one")
            if not reading:
                _prepare(connection, fresh=version < VERSION)
            yield connection
        finally:
            connection.close()

    def _bound(self, connection: sqlite3.Connection, now: float) -> None:
        first = connection.execute("SELECT min(step) FROM uses").fetchone()[0]
        if first is None:
            return
        oldest = int((now - self.days * 86400) // STEP)
        if first < oldest:
            _forget(connection, oldest)
        elif _size(connection) > self.most:
            _forget(connection, first + max((int(now // STEP) - first) // PIECE, 1))


@contextlib.contextmanager
def _failing(path: Path) -> Iterator[None]:
    """What SQLite and the system say, as one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        damaged = type(error) is sqlite3.DatabaseError or error.sqlite_errorcode in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        )
        if damaged:
            raise Broken(f"{path} is damaged: {error}", f"remove it: rm {shlex.quote(str(path))}") from error
        raise Unusable(f"{path} can't be used: {error}", "check who else has it open, and the disk's space") from error
    except OSError as error:
        raise Unusable(f"{path} can't be used: {error.strerror}", "check the directory's permissions") from error


def _prepare(connection: sqlite3.Connection, *, fresh: bool) -> None:
    if fresh:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")  # where a file system can't, it stays as it is
        connection.executescript(SCHEMA)
    connection.execute("PRAGMA synchronous = NORMAL")


def _size(connection: sqlite3.Connection) -> int:
    pages, size = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
    return int(pages * size)


def _forget(connection: sqlite3.Connection, step: int) -> None:
    """All before `step`."""
    with connection:
        connection.execute("DELETE FROM uses WHERE step < ?", (step,))
        for table in ("watched", "rests"):
            connection.execute(f"DELETE FROM {table} WHERE until < ?", (step * STEP,))
        connection.execute(
            "DELETE FROM holdings WHERE id NOT IN (SELECT holding FROM uses UNION SELECT holding FROM rests)"
        )
    connection.execute("PRAGMA incremental_vacuum").fetchall()


class _Writing:
    """One record into one file. Names are written once, and meant by numbers from then on."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._gpus: dict[GpuKey, int] = {}
        self._holdings: dict[Holding, int] = {}

    def add(self, record: Record) -> None:
        run = self._connection
        for key, facts in record.gpus.items():
            run.execute("UPDATE gpus SET number = ?, name = ? WHERE id = ?", (*facts, self._gpu(key)))
        run.executemany(
            f"INSERT INTO uses VALUES ({', '.join('?' * 10)}) ON CONFLICT DO UPDATE SET {EXTEND}",
            [(use.step, self._gpu(use.gpu), self._holding(use.holding), *map(int, use.amounts)) for use in record.uses],
        )
        for host, since, until in record.watched:
            self._longer("watched", {"host": host}, since, until)
        for rest in record.rests:
            who: dict[str, object] = {"gpu": self._gpu(rest.gpu), "holding": self._holding(rest.holding)}
            self._longer("rests", who, rest.since, rest.until, {"why": rest.why})

    def _longer(
        self, table: str, who: Mapping[str, object], since: float, until: float, more: Mapping[str, object] = NO_MORE
    ) -> None:
        """Whole seconds; what begins where another one ended is that one, longer."""
        begin, end = round(since), round(until)
        where = " AND ".join(f"{name} = ?" for name in who)
        last = self._connection.execute(
            f"SELECT rowid, since FROM {table} WHERE {where} AND until >= ? AND since <= ? ORDER BY until DESC LIMIT 1",
            (*who.values(), begin - LONGEST / 2, end),
        ).fetchone()
        if last is not None:
            values = {"since": min(begin, last[1]), "until": end, **more}
            changed = ", ".join(f"{name} = ?" for name in values)
            self._connection.execute(f"UPDATE {table} SET {changed} WHERE rowid = ?", (*values.values(), last[0]))
            return
        row = {**who, "since": begin, "until": end, **more}
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )

    def _gpu(self, key: GpuKey) -> int:
        if key not in self._gpus:
            self._gpus[key] = self._number("gpus", {"host": key.host, "uuid": key.uuid})
        return self._gpus[key]

    def _holding(self, one: Holding) -> int:
        if one not in self._holdings:
            self._holdings[one] = self._number("holdings", {**one._asdict(), "mine": int(one.mine)})
        return self._holdings[one]

    def _number(self, table: str, row: dict[str, object]) -> int:
        where = " AND ".join(f"{name} = ?" for name in row)
        found = self._connection.execute(f"SELECT id FROM {table} WHERE {where}", tuple(row.values())).fetchone()
        if found is None:
            into = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
            return int(self._connection.execute(into, tuple(row.values())).lastrowid or 0)
        return int(found[0])


def _read(connection: sqlite3.Connection, since: float, until: float) -> Record:
    gpus: dict[int, GpuKey] = {}
    facts: dict[GpuKey, GpuFacts] = {}
    for number, host, uuid, index, name in connection.execute("SELECT id, host, uuid, number, name FROM gpus"):
        gpus[number] = GpuKey(host, uuid)
        facts[gpus[number]] = GpuFacts(index, name)
    holdings = {
        row[0]: Holding(row[1], row[2], bool(row[3]), row[4])
        for row in connection.execute("SELECT id, kind, user, mine, profile FROM holdings")
    }
    uses = tuple(
        Use(row[0], gpus[row[1]], holdings[row[2]], Amounts(*map(float, row[3:])))
        for row in connection.execute(
            "SELECT * FROM uses WHERE step >= ? AND step < ?", (int(since // STEP), int(-(-until // STEP)))
        )
    )
    span = (since, until)
    watched = connection.execute("SELECT host, since, until FROM watched WHERE until > ? AND since < ?", span)
    rests = connection.execute("SELECT gpu, holding, since, until, why FROM rests WHERE until > ? AND since < ?", span)
    return Record(
        uses,
        tuple(Watched(*row) for row in watched),
        tuple(Rest(gpus[row[0]], holdings[row[1]], *row[2:]) for row in rests),
        facts,
    )
