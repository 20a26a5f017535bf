"""What the value of one flag of `docker run` comes to in a profile: environment, users, GPUs, sizes, ports."""

from __future__ import annotations

import re
from collections.abc import Callable

from gpuws.config.imports.run.reading import VARIABLE, Reading, is_digits
from gpuws.model.gpu.reading import UUID
from gpuws.model.secret import is_secret

Put = Callable[[Reading, str], None]
"""ValueError says what was expected."""

VISIBLE = "NVIDIA_VISIBLE_DEVICES"
_ROOT = ("root", "0:0")
_MINE = ("${UID}", "${UID}:${GID}", "${user}", "${user}:${user}")
_CDI = re.compile(r"nvidia\.com/gpu=(.+)\Z")
_CONTROL_DEVICES = re.compile(r"/dev/nvidia(?:ctl|-uvm|-uvm-tools|-modeset|-caps(?:/.*)?)\Z")
_GPU_DEVICE = re.compile(r"/dev/nvidia([0-9]+)\Z")
_PORT = re.compile(
    r"(?:(?P<ip>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*):)?(?:(?P<published>[^:]*):)?(?P<target>[^:/]+)(?:/(?P<protocol>\w+))?\Z"
)
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?\Z")
_MOST_PORTS = 100
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def as_it_is(key: str) -> Put:
    return lambda reading, value: reading.say(key, value)


def one_more(key: str) -> Put:
    return lambda reading, value: reading.add(key, value)


def named(key: str) -> Put:
    """`NAME=VALUE` of a map."""

    def put(reading: Reading, value: str) -> None:
        name, _, text = value.partition("=")
        reading.put(key, name, text)

    return put


def number(key: str) -> Put:
    """A number, or a size, which may have a unit."""
    return lambda reading, value: reading.say(key, int(value) if re.fullmatch("-?[0-9]{1,19}", value) else value)


def switch(key: str) -> Put:
    return lambda reading, value: reading.say(key, value == "true")


def together(part: str) -> Put:
    """It says something only with others."""
    return lambda reading, value: reading.keep(part, value)


def cpus(reading: Reading, value: str) -> None:
    reading.say("cpus", float(value) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) else value)


def unless_usual(key: str, *usual: str) -> Put:
    def put(reading: Reading, value: str) -> None:
        if value not in usual:
            reading.say(key, value)

    return put


def environment(reading: Reading, value: str) -> None:
    """A secret stands there by its name. So does what a shell would have looked up: it is looked up here."""
    name, given, text = value.partition("=")
    if name == VISIBLE and given:
        reading.keep("visible", text)
        return
    shell = VARIABLE.fullmatch(text)
    if not given or (shell and shell[1] == name):
        reading.put("environment", name, None)
    elif shell and shell[1] in reading.expansions:
        reading.put("environment", name, None)
        why = f"what {reading.expansions[shell[1]]} is, is not known here: it is taken from your environment"
        reading.lose(why, f"export {name}=… before it is launched", name)
    elif text and is_secret(name, text):
        _secret(reading, name, text)
    else:
        reading.put("environment", name, text)


def _secret(reading: Reading, name: str, text: str) -> None:
    """Its value is for the container alone."""
    reading.put("environment", name, None)
    if reading.given is not None:
        reading.given[name] = text.replace("$$", "$")
    else:
        why = "it looks secret, so only its name is kept: it is taken from your environment"
        reading.lose(why, f"export {name}=… before it is launched", name)


def env_file(reading: Reading, value: str) -> None:
    if reading.directory is not None:
        reading.add("env_file", value if value.startswith("~/") else str(reading.directory / value))
        return
    reading.add("env_file", value)
    if not value.startswith(("/", "~/")):
        reading.lose("it is looked for beside the profile's file", "write its whole path", f"--env-file {value}")


def label(reading: Reading, value: str) -> None:
    """gpuws writes its own anew."""
    name, _, text = value.partition("=")
    if not name.startswith("gpuws."):
        reading.put("labels", name, text)


def user(reading: Reading, value: str) -> None:
    """My own numbers are what profiles say without a word."""
    reading.say("user", "host" if value in _MINE else "root" if value in _ROOT else value)


def container(reading: Reading, value: str) -> None:
    if VARIABLE.search(value):
        reading.lose("a container's name knows no variables", "say --name when it is launched", f"--name {value}")
    else:
        reading.draft.container = value


def memory(reading: Reading, value: str) -> None:
    number("mem_limit")(reading, value)
    reading.keep("memory", value)


def gpus(reading: Reading, value: str) -> None:
    """`all`, a count, `"device=0,1"`; what it says besides of driver and capabilities gpuws asks for by itself."""
    words: dict[str, list[str]] = {}
    key = "count"
    for part in value.replace('"', "").replace("'", "").split(","):
        name, equals, text = part.partition("=")
        key = name.strip() if equals else key
        words.setdefault(key, []).append((text if equals else part).strip())
    if unknown := words.keys() - {"count", "device", "capabilities", "driver", "options"}:
        raise ValueError(f'expected all, a count or "device=0,1", not {", ".join(sorted(unknown))}')
    if said := [word for word in (*words.get("capabilities", ()), *words.get("options", ())) if word != "gpu"]:
        why = "a profile gives all that the driver can do"
        reading.lose(why, "", f"--gpus capabilities={','.join(said)}")
    for one in words.get("device", ()) or [_count(words["count"][-1] if "count" in words else "all")]:
        reading.keep("gpus", one)


def _count(text: str) -> str:
    if text in ("all", "-1"):
        return "all"
    if not is_digits(text) and not VARIABLE.search(text):
        raise ValueError('expected all, a count or "device=0,1"')
    return f"count={text}"


def device(reading: Reading, value: str) -> None:
    """GPUs are what `gpus` says, by whichever way they were given."""
    if (match := _CDI.match(value)) or (match := _GPU_DEVICE.match(value.partition(":")[0])):
        reading.keep("gpus", match[1])
    elif _CONTROL_DEVICES.match(value.partition(":")[0]):
        reading.keep("driver", value)
    elif "=" in value and not value.startswith("/"):
        reading.lose("of such devices a profile says NVIDIA's GPUs only", "", f"--device {value}")
    else:
        reading.add("devices", value)


def gpu_named(reading: Reading, word: str) -> int | str | None:
    """An index, or a UUID; None and a line for what is neither."""
    if is_digits(word):
        return int(word)
    if UUID.match(word):
        return word
    why = "a profile names GPUs by index or by UUID"
    reading.lose(why, "nvidia-smi -L tells the UUIDs, of MIG devices too", f"GPU {word}")
    return None


def published(reading: Reading, value: str) -> None:
    """`[IP:][PUBLISHED:]TARGET[/PROTOCOL]`, or ranges of both. Without an address docker publishes on all."""
    match = _PORT.match(value) if not value.isdecimal() else None
    ip, host, inside = (match["ip"], match["published"], match["target"]) if match else (None, None, value)
    if match and host is None and ip is not None:  # HOST:TARGET, and no address
        ip, host = None, ip
    if match and match["protocol"] not in (None, "tcp"):
        reading.lose("a profile's ports are TCP", "", f"--publish {value}")
        return
    where = ip or "0.0.0.0"
    for target, port in zip(targets := _ports(inside), _ports(host) if host else [""] * len(targets), strict=False):
        if port:
            reading.add("ports", f"{where}:{port}:{target}" if where != "127.0.0.1" else f"{port}:{target}")
        else:
            reading.add("ports", int(target) if is_digits(target) else target)
    if not host:
        why = "nothing is published on a port that the engine chooses: a tunnel leads there"
        reading.lose(why, f"gpuws tunnel TARGET:{inside}, or PUBLISHED:{inside}", f"--publish {value}")
    elif len(_ports(host)) != len(targets):
        raise ValueError("as many ports are expected on both sides")


def exposed(reading: Reading, value: str) -> None:
    port, _, protocol = value.partition("/")
    if protocol not in ("", "tcp"):
        reading.lose("a profile's ports are TCP", "", f"--expose {value}")
        return
    for target in _ports(port):
        reading.add("ports", int(target) if is_digits(target) else target)


def _ports(text: str) -> list[str]:
    """`8888-8890` is three; a variable stays what it is."""
    match = _RANGE.match(text)
    if not match:
        if VARIABLE.search(text):
            return [text]
        raise ValueError("expected ports such as 8888, 8080:80 or 127.0.0.1:8080:80")
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last < first + _MOST_PORTS:
        raise ValueError(f"expected a range of at most {_MOST_PORTS} ports")
    return [str(port) for port in range(first, last + 1)]


def ulimit(reading: Reading, value: str) -> None:
    """`NAME=SOFT[:HARD]`."""
    name, equals, text = value.partition("=")
    soft, colon, hard = text.partition(":")
    numbers = [int(word) if re.fullmatch("-?[0-9]{1,18}", word) else word for word in (soft, hard if colon else soft)]
    if not equals or "" in numbers:
        raise ValueError("expected NAME=SOFT[:HARD] such as memlock=-1")
    same = numbers[0] == numbers[1]
    reading.put("ulimits", name, numbers[0] if same else {"soft": numbers[0], "hard": numbers[1]})


def security(reading: Reading, value: str) -> None:
    """Files of the workstation's, and what the engine's program makes other options of, no profile says."""
    name = re.split("[=:]", value)[0]
    usual = name in ("no-new-privileges", "apparmor", "label")
    if usual or (name == "seccomp" and value[8:] in ("unconfined", "builtin")):
        reading.add("security_opt", value)
    else:
        reading.lose(
            "a profile can't say it", "seccomp=unconfined takes the whole filter away", f"--security-opt {value}"
        )


def network(reading: Reading, value: str) -> None:
    """The first one counts; `name=NET,alias=…` is docker's long form."""
    words = dict(part.partition("=")[::2] for part in value.split(",")) if "name=" in value else {"name": value}
    if more := [f"{key}={text}" for key, text in words.items() if key != "name"]:
        reading.lose("a profile says a network's name only", "", f"--network {','.join(more)}")
    if reading.parts.get("network"):
        reading.lose("a profile has one network", "docker network connect joins another", f"--network {value}")
    elif words["name"] != "default":
        reading.say("network_mode", words["name"])
    reading.keep("network", value)


def users(reading: Reading, value: str) -> None:
    """Podman's `keep-id` is what profiles say without a word: my numbers inside."""
    if value == "host":
        reading.say("userns_mode", value)
        return
    if value.startswith("keep-id"):
        reading.say("user", "host")
    if value:
        reading.lose("podman's own", "user says as whom its programs run")


def entrypoint(reading: Reading, value: str) -> None:
    reading.say("entrypoint", [value] if value else [])


def stop_timeout(reading: Reading, value: str) -> None:
    reading.say("stop_grace_period", f"{value}s" if is_digits(value) else value)


def health_time(key: str) -> Put:
    """A time of 0 is the image's."""

    def put(reading: Reading, value: str) -> None:
        text = value if VARIABLE.search(value) else _duration(value)
        if text:
            reading.put("healthcheck", key, text)

    return put


def _duration(value: str) -> str:
    """As profiles write it, of Go's `1m30s`, `500ms`, `1500000000ns`."""
    if value not in ("0", "") and "".join(_DURATION.findall(value)) != value:
        raise ValueError("expected a duration such as 30s or 1m30s")
    parts = [re.split(r"(?<=[0-9.])(?=[a-zµ])", part) for part in _DURATION.findall(value)]
    seconds = round(sum(float(count) * _SECONDS[unit] for count, unit in parts), 9)
    if not seconds:
        return ""
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds:.9f}".rstrip("0") + "s"


def health_command(reading: Reading, value: str) -> None:
    reading.put("healthcheck", "test", value)


def health_retries(reading: Reading, value: str) -> None:
    if value != "0":
        reading.put("healthcheck", "retries", int(value) if is_digits(value) else value)


def no_healthcheck(reading: Reading, value: str) -> None:
    if value == "true":
        reading.put("healthcheck", "disable", True)
