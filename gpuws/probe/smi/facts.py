"""What a POSIX shell alone tells of a host, for hosts without python3."""

from __future__ import annotations

import json

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.text import plain
from gpuws.probe.parse import parse_line

MARK = "gpuws-facts"
PATIENCE = 15.0  # seconds
COMMANDS = {
    "login": "id -un",
    "uid": "id -u",
    "gid": "id -g",
    "groups": "id -Gn",
    "gids": "id -G",
    "home": 'echo "$HOME"',
    "hostname": "uname -n",
    "boot_id": "cat /proc/sys/kernel/random/boot_id",
    "pid_namespace": "readlink /proc/self/ns/pid | tr -dc 0-9",
    "cpu_count": "getconf _NPROCESSORS_ONLN",
    "has_tmux": "command -v tmux",
}
NUMBERS = ("uid", "gid", "pid_namespace", "cpu_count")
SCRIPT = "".join(f"echo {MARK} {name} $({command} 2>/dev/null); " for name, command in COMMANDS.items())


def shell_facts(place: Place) -> HostFacts:
    """As the agent's hello, without a Python version. GpuwsError where not even a shell answers."""
    done = place.run(["sh", "-c", SCRIPT], timeout=PATIENCE)
    found: dict[str, object] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[0] == MARK:
            found[words[1]] = words[2]
    for name in NUMBERS:
        text = str(found.get(name, ""))
        found[name] = int(text) if text.isdecimal() and len(text) < 16 else None
    row = {
        **found,
        "type": "hello",
        "groups": str(found.get("groups", "")).split(),
        "gids": [int(word) for word in str(found.get("gids", "")).split() if word.isdecimal() and len(word) < 16],
        "has_tmux": "has_tmux" in found,
    }
    facts = parse_line(json.dumps(row).encode(), 0.0)
    if not isinstance(facts, HostFacts):
        said = plain(done.stderr.decode("utf-8", "replace")) or f"status {done.status}"
        raise GpuwsError(f"the host's shell does not say who I am there: {said}", "run `id` there")
    return facts
