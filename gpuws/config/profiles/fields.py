"""Kinds of values that only profiles have, for pydantic; each with its JSON Schema."""

from __future__ import annotations

import ipaddress
import posixpath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gpuws.config.profiles import short_forms
from gpuws.config.yaml.fields import Duration, Line, Text
from gpuws.config.yaml.scalar_kinds import (
    CONTROL,
    IPV4,
    IPV6,
    LOOSE_CONTROL,
    PORT,
    VARIABLE,
    Matching,
    schema,
    size_schema,
)
from gpuws.model.linux import CAPABILITIES, HOSTNAME, SIGNALS, capability, security_option, signal
from gpuws.model.profile import gpu_spec
from gpuws.model.sizes import parse_size

_VOLUME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"
# A path of the host in short, a volume's name, or nothing: an anonymous volume.
_SOURCE = rf"~|~/[^:]*|/[^:]*|\.[^:]*|[^:~./][^:]*/[^:]*|{_VOLUME}"
_SHORT_VOLUME = rf"(?!.*[{CONTROL}])(?:/[^:]*|(?:{_SOURCE}):/[^:]*(?::r[ow])?)"
_SHORT_PORT = rf"(?:(?:(?:\[{IPV6}\]|\[?{IPV4}\]?):)?{PORT}:)?{PORT}(?:/tcp)?"
_GROUP = "[0-9]{1,10}|[A-Za-z_][A-Za-z0-9_.-]{0,31}"
_USER = f"(?:{_GROUP})(?::(?:{_GROUP}))?"
_RESTART = "no|always|unless-stopped|on-failure(?::[0-9]{1,5})?"
_IPC = "none|private|host|shareable|container:[A-Za-z0-9][A-Za-z0-9_.-]*"
_PROFILE = r"(?:[A-Za-z0-9._][A-Za-z0-9._-]{0,127}/)?[A-Za-z0-9._][A-Za-z0-9._-]{0,127}"
_SESSION = rf"[^\s:.{CONTROL}-][^:.{CONTROL}]*"
_DEVICE = rf"/[^:{CONTROL}]*"
_PERMISSIONS = r"(?![rwm]*([rwm])[rwm]*\1)[rwm]{1,3}"  # each once
_SIGNALS = "|".join((*SIGNALS, "RTMIN[+][0-9]{1,2}", "RTMAX-[0-9]{1,2}"))
_SIGNAL = f"[1-9]|[1-5][0-9]|6[0-4]|(?:SIG)?(?:{_SIGNALS})|(?:sig)?(?:{_SIGNALS.lower()})"
_CAPABILITIES = "|".join(CAPABILITIES)
_CAPABILITY = f"(?:CAP_)?(?:{_CAPABILITIES})|(?:cap_)?(?:{_CAPABILITIES.lower()})"
_SECURITY = (
    "no-new-privileges(?:[:=](?:true|false))?|seccomp[:=](?:unconfined|builtin)|apparmor[:=][A-Za-z0-9_./-]+"
    "|label[:=](?:disable|(?:user|role|type|level|filetype):[A-Za-z0-9_.:,-]+)"
)
_TMPFS_OPTION = (
    "defaults|r[ow]|(?:no)?(?:suid|dev|exec|mand|atime|diratime|relatime|strictatime)|a?sync|dirsync|remount"
    "|size=[0-9]+[kKmMgG%]?|mode=[0-7]{1,4}|[ug]id=[0-9]{1,10}|nr_(?:inodes|blocks)=[0-9]+[kKmMgG]?|mpol=[a-z0-9:=-]+"
)
_TMPFS = rf"/[^:{CONTROL}]*(?::(?:{_TMPFS_OPTION})(?:,(?:{_TMPFS_OPTION}))*)?"
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


def _address(value: str) -> str:
    """As the engine writes it, which knows no zones."""
    try:
        found = ipaddress.ip_address(value.replace("%", "no zone"))
    except ValueError as error:
        raise ValueError("expected an IP address such as 192.0.2.53") from error
    return str(getattr(found, "ipv4_mapped", None) or found)


def _extra_host(value: str) -> str:
    """`NAME:IP`, whichever way it was written."""
    name, address = short_forms.host_and_address(value)
    try:
        return f"{name}:{address if address == 'host-gateway' else _address(address)}"
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _tmpfs(value: str) -> str:
    path, mark, options = value.partition(":")
    return f"{posixpath.normpath(path)}{mark}{options}"


def _at_least_a_millisecond(value: float) -> float:
    if 0 < value < 0.001:
        raise ValueError("expected a duration of at least 1ms")
    return value


InsidePath = Annotated[Line, AfterValidator(_inside), WithJsonSchema(schema("string", pattern=rf"/[^:{CONTROL}]*"))]
HostAddress = Annotated[Line, AfterValidator(_ip), WithJsonSchema(schema("string", pattern=rf"{IPV4}|{IPV6}(?:%.+)?"))]
Limit = Annotated[
    int,
    BeforeValidator(short_forms.number),
    Field(ge=-1),
    WithJsonSchema(schema("integer", "string", pattern="-1|[0-9]{1,18}", minimum=-1)),
]
ShortUlimit = Annotated[
    int, WithJsonSchema(schema("integer", "string", pattern="(?:-1|[0-9]{1,18})(?::(?:-1|[0-9]{1,18}))?", minimum=-1))
]
PortNumber = Annotated[
    int,
    BeforeValidator(short_forms.number),
    Field(ge=1, le=65535),
    WithJsonSchema(schema("integer", "string", pattern=PORT, minimum=1, maximum=65535)),
]
Cpus = Annotated[
    float,
    BeforeValidator(short_forms.decimal),
    Field(gt=0, lt=100000, allow_inf_nan=False),
    WithJsonSchema(
        schema("number", "string", pattern=r"[0-9]{1,5}(?:\.[0-9]{1,20})?", exclusiveMinimum=0, exclusiveMaximum=100000)
    ),
]
CommandLine = Annotated[str, WithJsonSchema(schema("string", pattern=f"[^{LOOSE_CONTROL}]*"))]
Words = Annotated[list[Text], BeforeValidator(short_forms.words, json_schema_input_type=CommandLine | list[Text])]
UlimitName = Annotated[str, Matching("|".join(ULIMITS), f"one of {', '.join(ULIMITS)}")]
VariableName = Annotated[str, Matching(VARIABLE, "a variable's name")]
Environment = dict[VariableName, Text | None]
LabelName = Annotated[str, Matching(r"(?!gpuws\.)[\s\S]*", "another name: those that begin with gpuws. are gpuws' own")]
GpuCount = Annotated[int, BeforeValidator(gpu_spec.count), WithJsonSchema(gpu_spec.COUNT)]
Model = Annotated[str, BeforeValidator(gpu_spec.model), WithJsonSchema(schema("string", minLength=1, maxLength=100))]
CapSize = Annotated[int, BeforeValidator(parse_size), Field(gt=0), WithJsonSchema(size_schema(1))]
GpuForms = Annotated[Any, WithJsonSchema(gpu_spec.FORMS_SCHEMA)]
ShortSession = Annotated[str, WithJsonSchema(schema("string", pattern=_SESSION))]
ShortVolume = Annotated[str, WithJsonSchema(schema("string", pattern=_SHORT_VOLUME))]
ShortPort = Annotated[str, WithJsonSchema(schema("string", "integer", pattern=_SHORT_PORT, minimum=1, maximum=65535))]
Token = Annotated[Line, Matching("auto", "auto: none is handed in, where others would read it")]
ProfileName = Annotated[Text, Matching(_PROFILE, "a profile's name", schema("number"))]
Activation = Annotated[list[Line], BeforeValidator(short_forms.as_list, json_schema_input_type=Line | list[Line])]
Engine = Annotated[Line, Matching("[a-z][a-z0-9-]{0,31}", "auto, or a kind of engine such as docker or process")]
Session = Annotated[Line, Matching(_SESSION, "a session's name without : and .", schema("integer", minimum=0))]
Ipc = Annotated[Line, Matching(_IPC, "none, private, host, shareable or container:NAME")]
User = Annotated[
    Line,
    Matching(
        _USER,
        'host, image, root, "UID:GID" or a name of the image\'s',
        schema("integer", minimum=0, maximum=9_999_999_999),
    ),
]
_CPU = schema("integer", minimum=0, maximum=99999)
HealthTest = Annotated[
    list[Text], BeforeValidator(short_forms.health_test, json_schema_input_type=CommandLine | list[Text])
]
HealthTime = Annotated[Duration, AfterValidator(_at_least_a_millisecond)]
Times = Annotated[
    int,
    BeforeValidator(short_forms.number),
    Field(ge=1, le=1_000_000),
    WithJsonSchema(
        schema("integer", "string", pattern="0{0,9}(?:[1-9][0-9]{0,5}|1000000)", minimum=1, maximum=1_000_000)
    ),
]
Address = Annotated[Line, AfterValidator(_address), WithJsonSchema(schema("string", pattern=f"{IPV4}|{IPV6}"))]
_ADDRESS = rf"(?:{IPV4}|{IPV6}|\[{IPV6}\]|host-gateway)"
ExtraHost = Annotated[
    Line, AfterValidator(_extra_host), WithJsonSchema(schema("string", pattern=f"{HOSTNAME}[:=]{_ADDRESS}"))
]
Hostname = Annotated[
    Line,
    Matching(HOSTNAME, "a name of letters, digits, dots, dashes and underscores", schema("number", minimum=0)),
]
HostAddresses = dict[
    Annotated[str, Matching(HOSTNAME, "a host's name")],
    Annotated[str, WithJsonSchema(schema("string", pattern=_ADDRESS))]
    | list[Annotated[str, WithJsonSchema(schema("string", pattern=_ADDRESS))]],
]
ExtraHosts = Annotated[
    list[ExtraHost], BeforeValidator(short_forms.extra_hosts, json_schema_input_type=list[ExtraHost] | HostAddresses)
]
Addresses = Annotated[
    list[Address], BeforeValidator(short_forms.as_list, json_schema_input_type=Address | list[Address])
]
TmpfsPath = Annotated[
    Line,
    Matching(_TMPFS, "an absolute path inside the container, and options such as /run:size=64m,mode=1777"),
    AfterValidator(_tmpfs),
]
TmpfsPaths = Annotated[
    list[TmpfsPath], BeforeValidator(short_forms.as_list, json_schema_input_type=TmpfsPath | list[TmpfsPath])
]
Capability = Annotated[
    Line, Matching(_CAPABILITY, "a capability such as SYS_PTRACE, or ALL"), AfterValidator(capability)
]
SecurityOption = Annotated[
    Line,
    Matching(
        _SECURITY,
        "no-new-privileges, seccomp=unconfined, apparmor=PROFILE, label=disable or label=type:NAME (no files)",
    ),
    AfterValidator(security_option),
]
Group = Annotated[
    Line, Matching(_GROUP, "a group's number or name", schema("integer", minimum=0, maximum=9_999_999_999))
]
Signal = Annotated[
    Line, Matching(_SIGNAL, "a signal such as SIGINT", schema("integer", minimum=1, maximum=64)), AfterValidator(signal)
]
DevicePath = Annotated[Line, Matching(_DEVICE, "a path of the host such as /dev/fuse")]
Permissions = Annotated[Line, Matching(_PERMISSIONS, "permissions of r, w and m, each once")]
ShortDevice = Annotated[
    str, WithJsonSchema(schema("string", pattern=rf"{_DEVICE}(?::/[^:{CONTROL}]*)?(?::{_PERMISSIONS})?"))
]
CpuSet = Annotated[
    Line,
    Matching(r"[0-9]{1,5}(?:-[0-9]{1,5})?(?:,[0-9]{1,5}(?:-[0-9]{1,5})?)*", "CPUs such as 0-15,32", _CPU),
]
HostsOwn = Annotated[Line, Matching("host", "host")]
SysctlName = Annotated[str, Matching("[a-z][a-z0-9_]*(?:[./][A-Za-z0-9_-]+)+", "a setting such as net.core.somaxconn")]
DeviceRule = Annotated[
    Line, Matching(r"[abc] (?:[0-9]{1,7}|[*]):(?:[0-9]{1,7}|[*]) [rwm]{1,3}", "a rule such as c 81:* rmw")
]
Pid = Annotated[Line, Matching("host|container:[A-Za-z0-9][A-Za-z0-9_.-]*", "host or container:NAME")]
LogDriver = Annotated[Line, Matching("[A-Za-z0-9][A-Za-z0-9_./:-]*", "a log driver's name such as local")]
LogOption = Annotated[str, Matching("[A-Za-z0-9][A-Za-z0-9_.-]*", "an option's name")]
Restart = Annotated[Line, Matching(_RESTART, "no, always, unless-stopped or on-failure[:N]")]
