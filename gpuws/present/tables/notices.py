"""What was told, and where notices go, as a table and as lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.model.notice.notice import Level
from gpuws.model.notice.record import SCREEN, Delivery, NoticePlan, Told
from gpuws.model.notice.trial import Tried
from gpuws.model.notice.watch import Watch, until
from gpuws.model.notice.wishes import CHANNELS, Rule
from gpuws.model.units import DASH, count, duration
from gpuws.present.line import Role, clean, joined, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (
    *(Column("AGO", 5, at_right=True), Column("KIND", 9, drop=2), Column("WHAT", kept=True, least=48)),
    Column("REACHED", 14, drop=1, roomy=24),
)
ROLES: dict[Level, Role] = {"good": "ok", "plain": "text", "bad": "warn"}
EMPTY = "Nothing was told in the last week. gpuws notify says what would be, and where."


def listing(told: Sequence[Told], now: float, watches: Sequence[Watch] = ()) -> Table:
    """What is still to be told, then what was, newest first. `now`: epoch seconds."""
    order = sorted(told, key=lambda each: -each.notice.when)
    rows = [*(_asked(each, now) for each in watches), *(_row(each, now) for each in order)]
    return Table(COLUMNS, tuple(rows), EMPTY)


def _asked(watch: Watch, now: float) -> TableRow:
    """Its key begins with a sign that no notice's has."""
    what = until(watch.thing, watch.key, clean(watch.label, 200))
    where = f"{watch.host}: " if watch.thing != "host" and watch.host else ""
    cells = (
        one(duration(max(now - watch.since, 0)), "muted"), one("asked", "muted"),
        one(f"{where}to be told when {what}", "muted"), one("not yet", "muted"),
    )  # fmt: skip
    return TableRow(f"={watch.id}", cells)


def _row(told: Told, now: float) -> TableRow:
    notice = told.notice
    failed = any(each.given_up for each in told.deliveries)
    cells = (
        one(duration(now - notice.when), "muted"),
        one(notice.kind, "muted"),
        one(clean(notice.sentence, 300), ROLES[notice.level]),
        one(reached(told), "error" if failed else "muted"),
    )
    return TableRow(notice.id, cells)


def reached(told: Told) -> str:
    """`screen, phone`, and of whom it did not reach why."""
    return joined([_reached(each) for each in told.deliveries], ", ") or DASH


def _reached(each: Delivery) -> str:
    if each.given_up:
        return f"not {each.to}: {clean(each.error, 100)}"
    if each.at is None:
        return "no screen yet" if each.to == SCREEN else f"{each.to}: {clean(each.error, 100) or 'on its way'}"
    return f"{each.to}, with others" if each.within else each.to


def plan_lines(plan: NoticePlan, watches: Sequence[Watch], told: Sequence[Told], now: float) -> Iterator[str]:
    """Where notices go, what is watched, and what did not arrive."""
    for rule in plan.rules:
        yield f"rule      {_rule(rule)}"
    if not plan.rules:
        yield "rule      none: notifications of config.yaml are off"
    for name, what in plan.receivers:
        yield f"receiver  {name}: {what}"
    for hours in plan.quiet:
        yield f"quiet     {hours}"
    for watch in watches:
        where = f" on {watch.host}" if watch.host else ""
        yield f"when over {clean(watch.label)}{where}, asked {duration(now - watch.since)} ago"
    failed = [each for each in told if any(delivery.given_up for delivery in each.deliveries)]
    yield f"told      {count(len(told), 'notice')} in the last week: gpuws notify ls"
    if failed:
        yield f"failed    {count(len(failed), 'notice')} did not arrive everywhere, the last: {reached(failed[-1])}"


def _rule(rule: Rule) -> str:
    what = ", ".join(rule.kinds) or "everything"
    hosts = f" on {', '.join(rule.hosts)}" if rule.hosts else ""
    whose = " that is mine" if rule.mine else ""
    to = ", ".join(name if name not in CHANNELS else f"screen ({name})" for name in rule.to)
    more = joined(["watches" if rule.watch else None, "in quiet hours, too" if rule.always else None], "; ")
    return f"{what}{hosts}{whose} → {to}" + (f" ({more})" if more else "")


def tried_lines(tried: Sequence[Tried]) -> Iterator[str]:
    for each in tried:
        how = f"failed: {each.error}" if each.error else f"arrived, {each.seconds:.1f} s"
        yield f"{each.receiver}: {how}"
    yield "screen: shown where one is open" if tried else "no receivers in config.yaml; shown where a screen is open"
