"""What fills hosts' disks as tables: in sum, by person, thing by thing; and volumes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gpuws.model import units
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.storage import DiskUsage, Kind, Share, Volume, shares
from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

HOST = Column("HOST", only="shell")
SUMMARY = (
    HOST,
    Column("WHAT", 18),
    Column("NUMBER", 6, at_right=True),
    Column("SIZE", 7, at_right=True),
    Column("CAN GO", 7, at_right=True),
    Column("", 0),
)
PEOPLE = (
    HOST,
    Column("USER", 18),
    Column("CONTAINERS", 10, at_right=True),
    Column("LOGS", 7, at_right=True, drop=1),
    Column("VOLUMES", 7, at_right=True),
    Column("SUM", 7, at_right=True),
)
THINGS = (
    HOST,
    Column("WHAT", 9),
    Column("NAME", 0),
    Column("SIZE", 7, at_right=True),
    Column("OWNER", 12, drop=2),
    Column("USED BY", 18, drop=1),
)
VOLUMES = (
    HOST,
    Column("VOLUME", 0),
    Column("SIZE", 7, at_right=True),
    Column("OWNER", 12),
    Column("CREATED", 7, drop=1),
    Column("USED BY", 18, drop=2),
)
TREE = (
    Column("WHAT", 0),
    Column("SIZE", 7, at_right=True),
    Column("CAN GO", 7, at_right=True),
    Column("OWNER", 10, drop=2),
    Column("USED BY", 22, drop=1, roomy=44),
)
KINDS: Mapping[Kind, str] = {
    "images": "images",
    "containers": "container layers",
    "logs": "container logs",
    "volumes": "volumes",
    "cache": "build cache",
}
NOBODY = "nobody's name"


def summary(usages: Sequence[DiskUsage], snapshots: Mapping[str, HostSnapshot]) -> Table:
    """Each host's disks as its probe tells them, then what its engine holds."""
    rows = [row for usage in usages for row in _summary(usage, snapshots.get(usage.host))]
    return Table(SUMMARY, tuple(rows))


def _summary(usage: DiskUsage, snapshot: HostSnapshot | None) -> Iterator[TableRow]:
    for disk in snapshot.disks if snapshot else ():
        name = clean(disk.mount, 60)
        full = "" if not disk.total or disk.used is None else f", {disk.used / disk.total:.0%} full"
        said = f"of {units.size(disk.total)}{full}"
        yield _row(usage.host, f"disk {name}", None, disk.used, None, said)
    for kind, words in KINDS.items():
        said = usage.no_logs if kind == "logs" else f"in {usage.root}" if kind == "images" and usage.root else ""
        yield _row(usage.host, words, usage.count(kind), usage.size(kind), usage.loose(kind), clean(said, 200))


def _row(host: str, what: str, number: int | None, size: int | None, loose: int | None, said: str) -> TableRow:
    cells = (
        one(host),
        one(what, "strong"),
        NOTHING if number is None else one(str(number)),
        _size(size),
        _size(loose, "muted"),
        one(said, "muted"),
    )
    return TableRow(labelled(host, what), cells)


def tree(usage: DiskUsage, snapshot: HostSnapshot) -> Table:
    """One host: its disks, what its engine holds kind by kind, and under each kind its things, the largest first."""
    return Table(TREE, tuple(_tree(usage, snapshot)), "Nothing is there.")


def _tree(usage: DiskUsage, snapshot: HostSnapshot) -> Iterator[TableRow]:
    for disk in snapshot.disks:
        full = "" if not disk.total or disk.used is None else f"{disk.used / disk.total:.0%} "
        said = one(f"{full}of {units.size(disk.total)}", "muted")
        name = one(f"disk {clean(disk.mount, 60)}", "strong")
        yield TableRow(f"disk/{disk.mount}", (name, _size(disk.used), NOTHING, (), said))
    for kind, words in KINDS.items():
        count, why = usage.count(kind), clean(usage.no_logs, 200) if kind == "logs" else ""
        name = (Span(words, "strong"), Span("" if count is None else f"  {count}", "muted"))
        sizes = (_size(usage.size(kind)), _size(usage.loose(kind), "muted"))
        yield TableRow(kind, (name, *sizes, (), one(why, "muted")))
        yield from (row for _, row in sorted(_under(usage, kind), key=lambda found: -found[0]))


def _under(usage: DiskUsage, kind: Kind) -> Iterator[tuple[int, TableRow]]:
    """Each with its size."""
    if kind == "images":
        for image in usage.images:
            users = one(units.count(image.users, "container")) if image.users else NOTHING
            yield _leaf(kind, image.id, image.name, image.size, None if image.users else image.unique, NOTHING, users)
    elif kind == "volumes":
        for each in usage.volumes:
            free = each.size if each.loose else None
            owner = _owner(each.owner, mine=each.mine)
            yield _leaf(kind, each.name, each.short, each.size, free, owner, _names(each.used_by))
    elif kind in ("containers", "logs"):
        for box in usage.containers:
            size = box.layer if kind == "containers" else box.log
            if size is not None:
                yield _leaf(kind, box.id, box.name, size, None, _owner(box.owner, mine=box.mine), ())


def _leaf(
    kind: Kind, key: str, name: str, size: int | None, loose: int | None, owner: Line, users: Line
) -> tuple[int, TableRow]:
    cells = (one(f"  {clean(name, 300)}"), _size(size), _size(loose, "muted"), owner, users)
    return size or 0, TableRow(f"{kind}/{key}", cells, level=1)


def volume_key(volume: Volume) -> str:
    return f"volumes/{volume.name}"


def by_user(usages: Sequence[DiskUsage]) -> Table:
    rows = [_share(usage.host, share) for usage in usages for share in shares(usage)]
    return Table(PEOPLE, tuple(rows), "No container and no volume is there.")


def _share(host: str, share: Share) -> TableRow:
    name = one(clean(share.owner), "mine" if share.mine else "text") if share.owner else one(NOBODY, "muted")
    sizes = (share.containers, share.logs, share.volumes, share.sum)
    return TableRow(labelled(host, share.owner), (one(host), name, *map(_size, sizes)))


def things(usages: Sequence[DiskUsage]) -> Table:
    """Of each host the largest first."""
    return Table(THINGS, tuple(row for usage in usages for row in _things(usage)))


def _things(usage: DiskUsage) -> list[TableRow]:
    found = [
        *((each.size, "image", each.name, None, False, [units.count(each.users, "container")] if each.users else [])
          for each in usage.images),
        *((each.layer, "container", each.name, each.owner, each.mine, []) for each in usage.containers),
        *((each.log, "log", each.name, each.owner, each.mine, []) for each in usage.containers if each.log),
        *((each.size, "volume", each.short, each.owner, each.mine, each.used_by) for each in usage.volumes),
    ]  # fmt: skip
    found.sort(key=lambda each: -(each[0] or 0))
    return [_thing(usage.host, *each) for each in found]


def _thing(
    host: str, size: int | None, what: str, name: str, owner: str | None, mine: bool, users: Sequence[str]
) -> TableRow:
    cells = (
        one(host), one(what, "muted"), one(clean(name, 300), "strong"), _size(size), _owner(owner, mine=mine),
        _names(users),
    )  # fmt: skip
    return TableRow(labelled(host, f"{what}/{name}"), cells)


def volumes(given: Mapping[str, Sequence[Volume]], now: float) -> Table:
    """Of each host the largest first."""
    rows = [
        _volume(each, now) for found in given.values() for each in sorted(found, key=lambda each: -(each.size or 0))
    ]
    return Table(VOLUMES, tuple(rows), "No volumes.")


def _volume(volume: Volume, now: float) -> TableRow:
    age = None if volume.created is None else now - volume.created
    cells = (
        one(volume.host),
        one(clean(volume.short, 300), "strong"),
        _size(volume.size),
        _owner(volume.owner, mine=volume.mine),
        one(units.duration(age), "muted"),
        _names(volume.used_by),
    )
    return TableRow(volume.name, cells)


def _size(size: int | None, role: Role = "text") -> Line:
    return NOTHING if size is None else one(units.size(size), role)


def _owner(owner: str | None, *, mine: bool) -> Line:
    return one(clean(owner, 60), "mine" if mine else "text") if owner else NOTHING


def _names(names: Iterable[str]) -> Line:
    said = " ".join(clean(name, 100) for name in names)
    return one(said) if said else NOTHING
