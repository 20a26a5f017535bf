"""Profiles' data, right and wrong: a few values of a good one changed, at any depth."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.yaml import profile_to_yaml
from gpuws.config.yaml.emit import block
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.reader import read_text
from tests.config.strategies import TEXTS, profiles

SHORT_FORMS = [
    *({"gpus": form} for form in ("all", "none", "", 2, "2", 0, [0, 1], ["1"], ["GPU-a"], {}, {"count": "3"}, None)),
    *(
        {"ports": [form]}
        for form in (8888, "8888", "1:2", "127.0.0.1:1:2/tcp", "[::1]:80:80", {"target": 5, "name": 7})
    ),
    *({"volumes": [form]} for form in ("/a", "a:/a", "~:/a:rw", "./x:/y", "a/b:/c:ro", "~/x y:/z")),
    *({"environment": form} for form in (["A=1", "B"], [5], {"A": 2.5, "B": None}, [], {})),
    *({"labels": form} for form in (["a=1", "b="], {"a.b": "x"}, ["a"])),
    *({"jupyter": form} for form in (True, False, 80, {}, None)),
    *({"tmux": form} for form in (True, "work", {"session": 5})),
    *({"ulimits": {"nofile": form}} for form in (-1, 5, None, {"soft": 1, "hard": 2}, "${n}")),
    *({"build": form} for form in (".", {"context": ".", "args": ["A=1"]}, {"dockerfile_inline": "FROM x"})),
    *({"command": form} for form in ("sleep infinity", ["sleep", 5], [])),
    *({"mem_limit": form} for form in ("1g", "1.5 GiB", 0, 1 << 60, "${m}", "$${m}", "-1", 1.5)),
    *({"memswap_limit": form} for form in (-1, "-1", -2, "2g")),
    *({"gpu_memory": form} for form in (0, 1, "40g", {"limit": "40g", "action": "stop", "framework": "jax"}, {})),
    *({"user": form} for form in (1000, "1000:1000", "me", -1, "${u}")),
    *({"stop_grace_period": form} for form in (5, 0.5, "1m30s", "soon", -1, 10**9)),
    *({"dns": form} for form in ("192.0.2.1", ["::1"], "x", 5, "::ffff:192.0.2.1", "fe80::1%eth0")),
    *(
        {"extra_hosts": form}
        for form in ({"db": "::1"}, {"db": ["1.2.3.4"]}, ["db=[::1]"], ["x"], ["db:x"], {"d b": "x"})
    ),
    *(
        {"devices": [form]}
        for form in ("/dev/a", "/dev/a:r", "/dev/a:/b:rw", "x", "/a:/b:rr", {"source": "/dev/a"}, {})
    ),
    *({"tmpfs": form} for form in ("/run", ["/a:size=1m"], "run", "/a:b", [5])),
    *({"cap_add": form} for form in (["cap_sys_admin"], ["SYS_PTRACE"], ["Sys_Admin"], "ALL", [5])),
    *({"security_opt": form} for form in (["label:disable"], ["no-new-privileges:true"], ["seccomp=x.json"], ["x"])),
    *({"group_add": form} for form in ([5, "users"], [-1], ["a b"])),
    *({"stop_signal": form} for form in ("int", "INT", "SIGRTMIN+3", 9, 65, "9")),
    *({"healthcheck": {"test": form}} for form in ("x", ["CMD"], ["NONE"], ["CMD", "a"], [], ["CMD-SHELL", "a", "b"])),
    *(
        {"healthcheck": form}
        for form in ({"disable": True}, {"interval": "10s", "retries": 0}, {}, {"interval": 0}, None)
    ),
    *(
        {"logging": form}
        for form in ({"driver": "local"}, {"options": {"max-file": 5, "a b": "c"}}, {"driver": ""}, [])
    ),
    *({"env_file": form} for form in ("x.env", ["x", "${y}"], [], 5)),
    *({"hosts": form} for form in (None, {}, {"h": None}, {"h": {"volumes+": ["/a:/a"]}}, {"h": {"extends": "b"}}, [])),
    *({f"{key}+": ["a"]} for key in ("command", "volumes", "environment", "image", "env_file", "nonsense")),
]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70000),
    st.sampled_from([1.5, 0.25, 1 << 61, 10**12, -(1 << 40)]),
    TEXTS,
    st.sampled_from(
        ["${x}", "$${x}", "${", "a${x}:/b", "/a:/b:rx", "64g", "../..", "host", "host:1", "1h", "GPU-1", "no"]
    ),
    st.just([]),
    st.just({}),
    st.lists(st.integers(0, 3) | TEXTS, max_size=2),
    st.sampled_from([form for each in SHORT_FORMS for form in each.values()]),
    st.dictionaries(st.sampled_from(["target", "soft", "count", "context", "A", "limit", "port"]), TEXTS, max_size=2),
)
KEYS = st.sampled_from([*ProfileFile.model_fields, "volumes+", "ports+", "command+", "hosts", "imgae", "x", "gpus+"])


@st.composite
def broken(draw):
    """A profile's data with a few values changed, at any depth."""
    data = draw(st.sampled_from(SHORT_FORMS) | profiles().map(as_data))
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(0, 2))):
        place = data
        while isinstance(place, dict | list) and place and draw(st.integers(0, 3)):
            steps = list(place) if isinstance(place, dict) else range(len(place))
            step = draw(st.sampled_from(steps))
            if not isinstance(place[step], dict | list) or not draw(st.booleans()):
                place[step] = copy.deepcopy(draw(JUNK))
                break
            place = place[step]
        else:
            if isinstance(place, dict):
                place[draw(KEYS if place is data else KEYS | st.text("abx.", max_size=3))] = copy.deepcopy(draw(JUNK))
    return {"hosts": {"h": data}, "extends": "base"} if draw(st.booleans()) else data


def as_data(profile):
    return to_data(read_text(profile_to_yaml(profile), "p"))


def plain(value):
    """Without our numbers that know how they were written."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bool | str | None):
        return value
    return int(value) if isinstance(value, int) else float(value)


def written(data):
    return "".join(block(key, value) for key, value in data.items())
