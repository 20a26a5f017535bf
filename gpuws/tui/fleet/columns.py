"""Which columns of the fleet list fit, and how wide they are."""

from __future__ import annotations

from dataclasses import dataclass

NAME_MIN, NAME_MAX = 13, 30


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0: the column is left out. `who` takes what remains."""

    name: int
    bar: int
    numbers: int
    percent: int
    spark: int
    celsius: int
    power: int
    who: int
    age: int
    user: int
    gap: int
    command: bool
    session: bool


def fit_columns(width: int, name: int, user: int = 8) -> Columns:
    """Columns for a list of `width` cells. They leave in this order: power, sparkline, temperature, session, command.

    `name` and `user`: the widest texts of those columns."""
    name = min(max(name, NAME_MIN), NAME_MAX, max(NAME_MIN, width // 5))
    bar = 8 if width < 100 else 10 if width < 120 else 14 if width < 150 else 18 if width < 190 else 24
    age = 6 if width >= 72 else 0
    power = 7 if width >= 116 else 0
    spark = (10 if width >= 150 else 8) if width >= 106 else 0
    celsius = 5 if width >= 90 else 0
    gap = 1 if width < 140 else 2
    fixed = [name, bar, 9, 5, spark, celsius, power, age]
    used = 1 + sum(fixed) + gap * sum(1 for size in fixed if size)
    return Columns(
        name=name,
        bar=bar,
        numbers=9,
        percent=5,
        spark=spark,
        celsius=celsius,
        power=power,
        who=max(width - used, 4),
        age=age,
        user=min(max(user, 5), 12 if width >= 150 else 8),
        gap=gap,
        command=width >= 72,
        session=width >= 84,
    )
