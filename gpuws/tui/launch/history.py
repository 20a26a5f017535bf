"""What was launched on this screen before, as it is remembered from one time to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.model.profile.preselect import Used


def launches(remembered: Sequence[str]) -> Iterator[Used]:
    """What of it makes sense."""
    for line in remembered:
        host, _, rest = line.partition(" ")
        profile, _, at = rest.partition(" ")
        if at.isdecimal():
            yield Used(host, profile, float(at))


def with_launch(remembered: Sequence[str], host: str, profile: str, now: float) -> tuple[str, ...]:
    """This one before all others. `now`: epoch seconds."""
    same = f"{host} {profile} "
    return (f"{same}{now:.0f}", *(line for line in remembered if not line.startswith(same)))
