"""A row of the table of options: one thing that a profile says, in all the ways that Docker has for it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.existing.parse import table
from gpuws.engines.docker.options.own_values import Own, own
from gpuws.model.placement.plan import ContainerSpec

NOTHING: tuple[object, ...] = (None, "", [], {}, False, 0)
"""Values of an engine's that say nothing."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A container as the engine answers to `inspect`. `image`: the `Config` of its image, empty where unknown.
    `reference`: what that is called. `mine`: what of its configuration is not just the image's."""

    answer: Mapping[str, Any]
    config: Mapping[str, Any]
    host_config: Mapping[str, Any]
    image: Mapping[str, Any]
    reference: str
    mine: Own

    @classmethod
    def of(cls, answer: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> Inspected:
        config = table(answer.get("Config"))
        return cls(answer, config, table(answer.get("HostConfig")), image, reference, own(config, image))

    def at(self, path: str) -> Any:
        """The value at a path of the create call."""
        where, _, name = path.rpartition(".")
        return (self.host_config if where else self.config).get(name)

    @property
    def network_mode(self) -> str:
        return str(self.host_config.get("NetworkMode") or "")


@dataclass(frozen=True, slots=True)
class Option:
    """`key`: of the profile; `path`: in the create call (`inspect` shows what is not in HostConfig under Config);
    `flag`: of `docker run`; `compose`: a service's key, where it is another than the profile's.

    A key with several options has several rows; one of them reads it back."""

    key: str
    path: str
    flag: str
    compose: str = ""
    asked: Callable[[ContainerSpec], Any] | None = None
    """The value to ask for; without it the profile's own."""
    put: Callable[[Any], Any] | None = None
    """That value as it stands in the create call, None where nothing is said; without it the value itself."""
    words: Callable[[Any], Iterable[str]] | None = None
    """What follows the flag, once for each; without it the value's text, nothing where it is None."""
    line: Callable[[ContainerSpec], Iterable[str]] | None = None
    """All its words of the command line, where a flag and its values are not enough."""
    read: Callable[[Inspected], Any] | None = None
    """The profile's value, from what `inspect` shows; None: another row of that key reads it. Two values are the same
    to the engine where this gives the same."""
    show: Callable[[Any], str] = str
    """The value for people, secrets masked."""
    each: Callable[[Any, Collection[str]], Mapping[str, str | None]] | None = None
    """Its parts by name, each for people: where two values differ only the parts that do are named. Takes the names of
    variables that are secret whatever they look like, too."""
    export: Callable[[Inspected], Any] | None = None
    """The value of a Compose file; without it as it stands at the path."""
    lost: Callable[[Inspected], Iterable[str]] | None = None
    """What of it no profile can say, a line each."""

    def value(self, spec: ContainerSpec) -> Any:
        return self.asked(spec) if self.asked else getattr(spec.profile, self.key)

    def in_body(self, spec: ContainerSpec) -> Any:
        """For the create call; None: nothing."""
        value = self.value(spec)
        return value if value is None or self.put is None else self.put(value)

    def on_line(self, spec: ContainerSpec) -> list[str]:
        """Words of the equivalent command line."""
        if self.line is not None:
            return [*self.line(spec)]
        value = self.value(spec)
        if value is None:
            return []
        return [word for text in (self.words or _as_text)(value) for word in (self.flag, text)]

    def in_service(self, told: Inspected) -> Any:
        """For a Compose file."""
        return self.export(told) if self.export else told.at(self.path)


def _as_text(value: Any) -> Iterable[str]:
    return (str(value),)
