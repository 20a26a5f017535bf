"""What may stand in hosts.yaml (INTERFACE §2)."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gpuws.config.hosts import ranges, unknown_keys
from gpuws.config.yaml.fields import Duration, Line, Name, Section, Text, as_text
from gpuws.model.host.address import parse_address
from gpuws.model.host.docker_endpoint import CONTEXT
from gpuws.model.host.host import Backend

_OPTION = re.compile(r"[A-Za-z]+\Z")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_SHELL = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+-]*\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# These choose other options; they are no options of one host.
_NOT_OPTIONS = frozenset({"host", "match", "include"})


def _address(value: str) -> str:
    """One address, or a range of them that runs along with a range of names."""
    if not ranges.in_address(value):
        return str(parse_address(value))
    for address in ranges.expand(value):
        parse_address(address)
    return value


def _jump(value: str) -> str:
    return ",".join(str(parse_address(part.strip())) for part in value.split(","))


def _option_name(value: str) -> str:
    if not _OPTION.match(value) or value.lower() in _NOT_OPTIONS:
        raise ValueError("expected the name of an OpenSSH option, such as ServerAliveInterval")
    return value


def _option_value(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else as_text(value)


def _variable_name(value: str) -> str:
    if not _VARIABLE.match(value):
        raise ValueError("expected a variable's name of letters, digits and underscores")
    return value


def _not_option(value: str) -> str:
    if value.startswith("-"):
        raise ValueError("may not begin with a dash")
    return value


def _engine(value: str) -> str:
    """Which kinds there are only the engines know: an unknown one is told where the host is connected."""
    if not _KIND.match(value):
        raise ValueError("expected auto, or a kind of engine such as docker")
    return value


def _shell(value: str) -> str:
    """It goes into a command line that any shell may have to read."""
    if not _SHELL.match(value):
        raise ValueError("expected a shell there, such as /bin/bash or sh, without arguments")
    return value


def _socket(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("expected the absolute path of the engine's socket on that host")
    return value


def _context(value: str) -> str:
    if not CONTEXT.match(value):
        raise ValueError("expected the name of a docker context, as docker context ls shows it")
    return value


def _seconds(low: float, high: float) -> AfterValidator:
    def check(value: float) -> float:
        if not low <= value <= high:
            raise ValueError(f"expected seconds from {low:g} to {high:g}")
        return value

    return AfterValidator(check)


def _local_forms(value: Any) -> Any:
    if isinstance(value, bool):
        return {} if value else None
    if not isinstance(value, dict):
        raise ValueError("expected true, false or a map")
    return value


def _hosts(value: Any) -> Any:
    """`alpha:` with nothing after it is a host too."""
    return {key: {} if entry is None else entry for key, entry in value.items()} if isinstance(value, dict) else value


Vars = dict[Annotated[str, AfterValidator(_variable_name)], Text]
OptionValue = Annotated[Line, BeforeValidator(_option_value, json_schema_input_type=str | int | float | bool)]


class DockerSection(Section):
    """How the engine of the host is reached."""

    INSTEAD = unknown_keys.DOCKER

    socket: Annotated[Line, AfterValidator(_socket)] | None = None
    """Its socket there; found by itself without this key."""
    sudo: bool = False
    """Through `sudo -n docker system dial-stdio`."""
    context: Annotated[Line, AfterValidator(_context)] | None = None
    """A context of docker there, which says where the engine is."""

    @model_validator(mode="after")
    def _one_way(self) -> DockerSection:
        if self.socket and self.context:
            raise ValueError("expected socket or context, not both")
        return self


class LocalSection(Section):
    """This machine."""

    INSTEAD = unknown_keys.LOCAL

    engine: Annotated[str, AfterValidator(_engine)] = "auto"
    """The kind of its engine: docker; auto, whichever is found."""
    docker: DockerSection = DockerSection()
    """How the engine is reached."""
    python: Annotated[Line, AfterValidator(_not_option)] | None = None
    """The Python that reads the GPUs; found by itself without this key."""
    tags: Annotated[list[Name], Field(max_length=64)] = Field(default_factory=list)
    """Words to choose hosts by, and names of overlays in profiles."""
    readonly: bool = False
    """Look, never change."""
    shared_login: bool = False
    """Several people use this login: what has no label there is nobody's."""
    vars: Vars = Field(default_factory=dict)
    """For `${…}` in profiles."""
    telemetry_interval: Annotated[Duration, _seconds(0.5, 3600)] | None = None
    """Seconds between two samples."""


class HostSection(LocalSection):
    """A host; nothing is needed where its name is an alias of the SSH configuration."""

    INSTEAD = unknown_keys.HOST

    address: Annotated[Line, AfterValidator(_address)] | None = None
    """[user@]host[:port]; an IPv6 address in brackets."""
    identity_file: Annotated[Line, AfterValidator(_not_option)] | None = None
    """The private key to log in with."""
    jump: Annotated[Line, AfterValidator(_jump)] | None = None
    """The host in front: one of this file, or an SSH destination."""
    ssh_options: dict[Annotated[str, AfterValidator(_option_name)], OptionValue] = Field(default_factory=dict)
    """OpenSSH options; those that run commands or forward are ignored."""
    backend: Backend = "auto"
    """What speaks SSH: paramiko, or the system's ssh (openssh); auto, the first unless the second is needed."""
    shell: Annotated[Line, AfterValidator(_shell)] | None = None
    """What runs our commands where the login shell does not: a POSIX shell there, by its path or its name."""
    connect_timeout: Annotated[Duration, _seconds(0.5, 600)] | None = None
    """Seconds until a host that does not answer is down."""


class DefaultsSection(Section):
    """For all hosts that do not say otherwise."""

    INSTEAD = unknown_keys.DEFAULTS

    connect_timeout: Annotated[Duration, _seconds(0.5, 600)] = 10.0
    """Seconds until a host that does not answer is down."""
    telemetry_interval: Annotated[Duration, _seconds(0.5, 3600)] = 2.0
    """Seconds between two samples."""


class HostsFile(Section):
    """The hosts of a fleet."""

    INSTEAD = unknown_keys.FILE

    hosts: Annotated[dict[str, HostSection], BeforeValidator(_hosts)] = Field(default_factory=dict)
    """By name; gpu-[01-08] stands for eight."""
    local: Annotated[LocalSection | None, BeforeValidator(_local_forms, json_schema_input_type=bool | LocalSection)] = (
        Field(default_factory=LocalSection)
    )
    """Whether this machine is shown, as `local`; or what is special about it."""
    ssh_config: Line | None = None
    """Instead of ~/.ssh/config, for this file's hosts."""
    defaults: DefaultsSection = DefaultsSection()
    """For all hosts."""
