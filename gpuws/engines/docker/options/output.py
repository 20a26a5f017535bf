"""How a container is found well, and where what it prints goes, in Docker's words. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.option import Inspected
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.profile.profile import Healthcheck, Logging
from gpuws.model.secret import HIDDEN, is_secret, masked, masked_words

ROTATING = Logging("json-file", {"max-size": "20m", "max-file": "5"})
"""What holds without a word: json-file never rotates by itself."""
_FOREVER = Logging()
"""What docker makes of nothing said."""
_NANOSECONDS = 1_000_000_000
_TIMES = {"interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod"}


def health(check: Healthcheck) -> dict[str, Any]:
    times = {name: round(seconds * _NANOSECONDS) for key, name in _TIMES.items() if (seconds := getattr(check, key))}
    tested = {} if check.test is None else {"Test": list(check.test)}
    return {**tested, **times, **({"Retries": check.retries} if check.retries else {})}


def health_words(spec: ContainerSpec) -> Iterator[str]:
    """A test without a shell (CMD) can't be said on a command line: there the image's shell runs the same words."""
    check = spec.profile.healthcheck
    if check is None:
        return
    if check.test == ("NONE",):
        yield "--no-healthcheck"
        return
    if check.test:
        yield from ("--health-cmd", _as_line(check.test))
    for key in _TIMES:
        if seconds := getattr(check, key):
            yield from (f"--health-{key.replace('_', '-')}", _duration(seconds))
    if check.retries:
        yield from ("--health-retries", str(check.retries))


def healthcheck(told: Inspected) -> Healthcheck | None:
    """None where it is the image's."""
    said = table(told.config.get("Healthcheck"))
    if not said or said == table(told.image.get("Healthcheck")):
        return None
    test = tuple(str(word) for word in rows(said.get("Test")))
    times = {
        key: value / _NANOSECONDS
        for key, name in _TIMES.items()
        if isinstance(value := said.get(name), int) and value > 0
    }
    retries = said.get("Retries")
    return Healthcheck(test or None, **times, retries=retries if isinstance(retries, int) and retries > 0 else None)


def odd_health(told: Inspected) -> Iterator[str]:
    if table(told.config.get("Healthcheck")).get("StartInterval") and healthcheck(told):
        yield "--health-start-interval"


def shown_health(check: Healthcheck) -> str:
    times = [f"{key} {_duration(seconds)}" for key in _TIMES if (seconds := getattr(check, key))]
    retries = [f"retries {check.retries}"] if check.retries else []
    return ", ".join([_as_line(check.test) if check.test else "the image's test", *times, *retries])


def service_health(told: Inspected) -> dict[str, Any] | None:
    """`Healthcheck` counts in nanoseconds."""
    check = table(told.config.get("Healthcheck"))
    if not check or told.config.get("Healthcheck") == told.image.get("Healthcheck"):
        return None
    said = {key: f"{check[name]}ns" for key, name in _TIMES.items() if isinstance(check.get(name), int) and check[name]}
    more = {"retries": check["Retries"]} if check.get("Retries") else {}
    return {"test": list(masked_words([str(word) for word in rows(check.get("Test"))])), **said, **more}


def asked_log(spec: ContainerSpec) -> Logging:
    return spec.profile.logging or ROTATING


def log_config(log: Logging) -> dict[str, Any]:
    return {"Type": log.driver, "Config": dict(log.options)}


def log_words(spec: ContainerSpec) -> Iterator[str]:
    log = asked_log(spec)
    if spec.profile.logging is not None:
        yield from ("--log-driver", log.driver)
    for name, value in log.options.items():
        yield from ("--log-opt", f"{name}={HIDDEN if is_secret(name, value) else value}")


def logging(told: Inspected) -> Logging | None:
    """None where nothing was said: of gpuws, or of docker."""
    said = table(told.host_config.get("LogConfig"))
    log = Logging(
        str(said.get("Type") or "json-file"),
        {str(name): str(text) for name, text in sorted(table(said.get("Config")).items())},
    )
    return None if log in (ROTATING, _FOREVER) else log


def each_log(log: Logging | None, _: Collection[str]) -> dict[str, str | None]:
    """Options without what looks like a secret."""
    log = log or ROTATING
    options = {f"options.{name}": "set" if is_secret(name, text) else text for name, text in log.options.items()}
    return {"driver": log.driver, **options}


def service_log(told: Inspected) -> Mapping[str, Any] | None:
    """Some drivers take a token as an option."""
    said = table(told.host_config.get("LogConfig"))
    driver, given = str(said.get("Type") or "json-file"), table(said.get("Config"))
    options = {name: text for name, text in given.items() if not is_secret(name, str(text))}
    if driver == "json-file" and not options:
        return None
    return {"driver": driver, **({"options": options} if options else {})}


def _as_line(test: tuple[str, ...]) -> str:
    how, *words = test
    return masked(words[0] if how == "CMD-SHELL" and len(words) == 1 else shlex.join(words)) if words else how


def _duration(seconds: float) -> str:
    """As Go reads it, exact to the nanosecond that the engine counts."""
    count = round(seconds * _NANOSECONDS)
    return f"{count // _NANOSECONDS}s" if count % _NANOSECONDS == 0 else f"{count}ns"
