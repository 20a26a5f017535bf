"""Kinds of values that only profiles have, for pydantic; each with its JSON Schema."""

from __future__ import annotations

import ipaddress
import posixpath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gpuws.config import gpus, short_forms
from gpuws.config.fields import Line, Text
from gpuws.config.kinds import CONTROL, IPV4, IPV6, LOOSE_CONTROL, PORT, VARIABLE, Matching, schema, size_schema
from gpuws.config.sizes import parse_size

_VOLUME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"
# A path of the host in short, a volume's name, or nothing: an anonymous volume.
_SOURCE = rf"~|~/[^:]*|/[^:]*|\.[^:]*|[^:~./][^:]*/[^:]*|{_VOLUME}"
_SHORT_VOLUME = rf"(?!.*[{CONTROL}])(?:/[^:]*|(?:{_SOURCE}):/[^:]*(?::r[ow])?)"
_SHORT_PORT = rf"(?:(?:(?:\[{IPV6}\]|\[?{IPV4}\]?):)?{PORT}:)?{PORT}(?:/tcp)?"
_USER = "host|image|root|[0-9]{1,10}(?::[0-9]{1,10})?"
_RESTART = "no|always|unless-stopped|on-failure(?::[0-9]{1,5})?"
_IPC = "none|private|host|shareable|container:[A-Za-z0-9][A-Za-z0-9_.-]*"
_PROFILE = r"(?:[A-Za-z0-9._][A-Za-z0-9._-]{0,127}/)?[A-Za-z0-9._][A-Za-z0-9._-]{0,127}"
_SESSION = rf"[^\s:.{CONTROL}-][^:.{CONTROL}]*"
ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio"),
    *("rttime", "sigpending", "stack"),
)


def _inside(value: str) -> str:
    if not value.startswith("/") or ":" in value:
        raise ValueError("expected an absolute path inside the container, without colons")
    return posixpath.normpath(value)


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise ValueError("expected an IP address of the host, such as 127.0.0.1") from error


InsidePath = Annotated[Line, AfterValidator(_inside), WithJsonSchema(schema("string", pattern=rf"/[^:{CONTROL}]*"))]
HostAddress = Annotated[Line, AfterValidator(_ip), WithJsonSchema(schema("string", pattern=rf"{IPV4}|{IPV6}(?:%.+)?"))]
Limit = Annotated[int, Field(ge=-1)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
CommandLine = Annotated[str, WithJsonSchema(schema("string", pattern=f"[^{LOOSE_CONTROL}]*"))]
Words = Annotated[list[Text], BeforeValidator(short_forms.words, json_schema_input_type=CommandLine | list[Text])]
UlimitName = Annotated[str, Matching("|".join(ULIMITS), f"one of {', '.join(ULIMITS)}")]
VariableName = Annotated[str, Matching(VARIABLE, "a variable's name")]
Environment = dict[VariableName, Text | None]
LabelName = Annotated[str, Matching(r"(?!gpuws\.)[\s\S]*", "another name: those that begin with gpuws. are gpuws' own")]
GpuCount = Annotated[int, BeforeValidator(gpus.count), WithJsonSchema(gpus.COUNT)]
Model = Annotated[str, BeforeValidator(gpus.model), WithJsonSchema(schema("string", minLength=1, maxLength=100))]
CapSize = Annotated[int, BeforeValidator(parse_size), Field(gt=0), WithJsonSchema(size_schema(1))]
GpuForms = Annotated[Any, WithJsonSchema(gpus.FORMS_SCHEMA)]
ShortSession = Annotated[str, WithJsonSchema(schema("string", pattern=_SESSION))]
ShortVolume = Annotated[str, WithJsonSchema(schema("string", pattern=_SHORT_VOLUME))]
ShortPort = Annotated[str, WithJsonSchema(schema("string", "integer", pattern=_SHORT_PORT, minimum=1, maximum=65535))]
Token = Annotated[Line, Matching("[A-Za-z0-9._~-]{1,200}", "auto, or letters, digits and . _ ~ -", schema("number"))]
ProfileName = Annotated[Text, Matching(_PROFILE, "a profile's name", schema("number"))]
Session = Annotated[Line, Matching(_SESSION, "a session's name without : and .", schema("integer", minimum=0))]
Ipc = Annotated[Line, Matching(_IPC, "none, private, host, shareable or container:NAME")]
User = Annotated[
    Line, Matching(_USER, 'host, image, root or "UID:GID"', schema("integer", minimum=0, maximum=9_999_999_999))
]
Restart = Annotated[Line, Matching(_RESTART, "no, always, unless-stopped or on-failure[:N]")]
