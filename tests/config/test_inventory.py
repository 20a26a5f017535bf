from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gpuws.config.hosts.edit import add_entries, change_entry, remove_entry
from gpuws.config.hosts.inventory import Inventory, written
from gpuws.config.load import load_configuration
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import read_text
from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.host.configured import Alias
from gpuws.model.host.forges import is_forge
from gpuws.model.host.host import DockerAccess, Host

COMMENTED = """\
# my hosts
hosts:
  alpha: {}   # the first
  # the big one
  bravo:
    tags:
      - a100
      - room-3   # moved in May

# show this machine
local: true
"""


@pytest.fixture
def inventory(paths, environ):
    return Inventory(paths, environ)


def names(paths, environ):
    return [host.name for host in load_configuration(paths, environ).hosts]


def test_the_first_host_makes_the_file(inventory, paths, environ):
    assert not paths.config_dir.exists()
    assert inventory.add(["alpha", "bravo"]) == (Host("alpha"), Host("bravo"))
    assert paths.hosts_file.read_text() == (
        "# Hosts of gpuws. A name alone is an alias of your SSH configuration.\nhosts:\n  alpha: {}\n  bravo: {}\n"
    )
    assert paths.hosts_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in paths.config_dir.iterdir()] == ["hosts.yaml"]


def test_adding_changes_no_other_line(inventory, write, paths, environ):
    write("hosts.yaml", COMMENTED)
    inventory.add(["charlie"])
    assert paths.hosts_file.read_text() == COMMENTED.replace("in May\n", "in May\n  charlie: {}\n")
    assert names(paths, environ) == ["alpha", "bravo", "charlie", "local"]


def test_removing_changes_no_other_line(inventory, write, paths, environ):
    write("hosts.yaml", COMMENTED)
    inventory.remove("alpha")
    assert paths.hosts_file.read_text() == COMMENTED.replace("  alpha: {}   # the first\n", "")
    inventory.remove("bravo")
    assert paths.hosts_file.read_text() == ("# my hosts\nhosts:\n  # the big one\n\n# show this machine\nlocal: true\n")
    inventory.add(["delta"])
    assert names(paths, environ) == ["delta", "local"]


def test_a_host_is_written_as_it_is_read_again(inventory):
    host = Host(
        "gpu",
        hostname="fe80::1%eth0",
        user="alice",
        port=2222,
        identity_file="~/.ssh/k",
        jump="a,b@c:22",
        ssh_options={"Compression": "yes", "ServerAliveInterval": "5"},
        backend="openssh",
        engine="docker",
        docker=DockerAccess("/run/d.sock", True),
        python="/opt/py thon",
        shell="/bin/sh",
        tags=("true", "2.10", "x"),
        readonly=True,
        shared_login=True,
        vars={"n": "007", "s": "a: b # c", "q": "\"'", "u": "ü", "d": "${x}", "e": ""},
        connect_timeout=3.0,
        telemetry_interval=1.0,
    )
    unsaid = {one.name for one in fields(Host) if getattr(host, one.name) == getattr(Host("gpu"), one.name)}
    assert unsaid == {"name", "ssh_config"}
    assert inventory.add([host]) == (host,)
    assert inventory.add([host]) == (host,)


def test_what_is_configured_already_stays(inventory, paths, write):
    write("hosts.yaml", "hosts:\n  alpha: {jump: x}\n")
    assert inventory.add(["alpha", "b"])[0].jump == "x"
    assert paths.hosts_file.read_text() == "hosts:\n  alpha: {jump: x}\n  b: {}\n"
    with pytest.raises(UsageError, match="alpha is configured already"):
        inventory.add([Host("alpha", hostname="other")])


@pytest.mark.parametrize("name", ["local", "", "-x", "a b", "a$b", "gpu-[1-2]", "a\n", "me@gpu", "gpu-*"])
def test_names_that_can_not_be_are_refused(inventory, paths, name):
    with pytest.raises(UsageError, match="can't be a host's name"):
        inventory.add([name])
    assert not paths.hosts_file.exists()


def test_a_host_that_would_not_load_is_not_written(inventory, paths):
    with pytest.raises(UsageError, match=r"a: jump: expected \[user@\]host"):
        inventory.add([Host("a", jump="-oProxyCommand=x")])
    assert not paths.hosts_file.exists()


def test_a_broken_file_is_not_edited(inventory, write, paths):
    write("hosts.yaml", "hosts: {a: {jmp: x}}\n")
    with pytest.raises(ConfigProblems, match="jmp: unknown key"):
        inventory.add(["b"])
    with pytest.raises(ConfigProblems, match="jmp: unknown key"):
        inventory.remove("a")
    assert paths.hosts_file.read_text() == "hosts: {a: {jmp: x}}\n"


def test_only_what_stands_in_my_file_by_itself_can_be_removed(inventory, write, tmp_path, accept):
    (tmp_path / "lab.yaml").write_text("hosts: {lab: }")
    write("config.yaml", f"hosts_files: [{tmp_path}/lab.yaml]")
    write("hosts.yaml", "hosts:\n  gpu-[1-3]: {}\n")
    with pytest.raises(TargetError, match="there is no host 'lab'"):
        inventory.remove("lab")
    accept(tmp_path / "lab.yaml")
    with pytest.raises(UsageError, match=r"gpu-2 comes from gpu-\[1-3\] in .*hosts\.yaml:2:3 — edit it there"):
        inventory.remove("gpu-2")
    with pytest.raises(UsageError, match=r"lab comes from lab in .*lab\.yaml:1:9"):
        inventory.remove("lab")
    with pytest.raises(TargetError, match="there is no host 'gone'"):
        inventory.remove("gone")


def test_a_link_stays_a_link_and_a_mode_stays(inventory, paths, tmp_path):
    real = tmp_path / "dotfiles.yaml"
    real.write_text("hosts:\n")
    real.chmod(0o640)
    paths.config_dir.mkdir(parents=True)
    paths.hosts_file.symlink_to(real)
    inventory.add(["a"])
    assert paths.hosts_file.is_symlink()
    assert real.read_text() == "hosts:\n  a: {}\n"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_place_that_can_not_be_written_says_so(inventory, paths):
    paths.config_dir.parent.mkdir(parents=True)
    paths.config_dir.write_text("a file in the way")
    with pytest.raises(GpuwsError, match="can't be written"):
        inventory.add(["a"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "hosts:\n  x: {}\n"),
        ("local: true", "local: true\nhosts:\n  x: {}\n"),
        ("hosts:", "hosts:\n  x: {}\n"),
        ("hosts: # none yet\nlocal: true\n", "hosts: # none yet\n  x: {}\nlocal: true\n"),
        ("hosts: {} # none yet\n", "hosts: # none yet\n  x: {}\n"),
        ("hosts: {a: {}}\n", "hosts: {a: {}, x: {}}\n"),
        ("hosts: {a: {},}\n", "hosts: {a: {}, x: {}}\n"),
        ("hosts: {\n  a: {}  # c\n}\n", "hosts: {\n  a: {}  # c\n, x: {}}\n"),
        ("hosts:\n    a:\n    b:", "hosts:\n    a:\n    b:\n    x: {}\n"),
        ("hosts:\n  a:\n    vars:\n      x: |\n        one\n\n        two\nlocal: true\n", "...  x: {}\nlocal: true\n"),
        ("hosts:\r\n  a: {}\r\nlocal: true\r\n", "hosts:\r\n  a: {}\r\n  x: {}\r\nlocal: true\r\n"),
    ],
)
def test_shapes_a_host_is_added_to(before, after):
    text = add_entries(before, {"x": {}})
    if after.startswith("..."):
        assert text.endswith(after[3:])
        assert text.startswith(before[: before.index("two") + 3])
    else:
        assert text == after
    assert "x" in to_data(read_text(text, "f"))["hosts"]


@pytest.mark.parametrize("text", ["{hosts: {a: }}", "hosts:\n  b: &one {jump: g}\n  a: *one\n"])
def test_shapes_that_can_not_be_edited_are_refused(text):
    for edit in (lambda: add_entries(text, {"x": {}}), lambda: remove_entry(text, "a")):
        with pytest.raises(UsageError, match="edit it by hand"):
            edit()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("hosts: {a: {}}\n", "hosts: {}\n"),
        ("hosts: {a: {}, b: {}}\n", "hosts: {b: {}}\n"),
        ("hosts: {b: {}, a: {}}\n", "hosts: {b: {}}\n"),
        ("hosts: {b: {}, a: {},}\n", "hosts: {b: {}, }\n"),
        ("hosts:\n  a:\n  b:\n", "hosts:\n  b:\n"),
        ("hosts:\n  b:\n  a:\n    jump: x\n    # last\n\n# end", "hosts:\n  b:\n    # last\n\n# end"),
        ("hosts:\n  b: {}\n  a: {}", "hosts:\n  b: {}\n"),
    ],
)
def test_shapes_a_host_is_removed_from(before, after):
    text = remove_entry(before, "a")
    assert text == after
    assert "a" not in (to_data(read_text(text, "f"))["hosts"] or {})


NAMES = st.from_regex(r"[A-Za-z0-9._][A-Za-z0-9._-]{0,12}", fullmatch=True).filter(lambda name: name != "local")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(NAMES, unique=True, max_size=6), st.lists(NAMES, unique=True, min_size=1, max_size=4), st.booleans())
def test_adding_and_removing_gives_the_same_text_back(first, more, block):
    more = [name for name in more if name not in first]
    assume(more)
    body = "".join(f"  '{name}': {{}}  # {n}\n" for n, name in enumerate(first))
    flow = "hosts: {" + ", ".join(f"'{name}': {{}}" for name in first) + "}\n"
    before = (f"# top\nhosts:\n{body}" if block else flow) + "# end\nlocal: false\n"
    text = add_entries(before, {name: {} for name in more})
    assert list(to_data(read_text(text, "f"))["hosts"]) == first + more
    for name in reversed(more):
        text = remove_entry(text, name)
    if first or block:
        assert text == before
    assert list(to_data(read_text(text, "f"))["hosts"] or ()) == first


@given(st.dictionaries(st.sampled_from(["s", "t"]), st.text(max_size=20).filter(str.isprintable)))
def test_any_text_survives_being_written(values):
    text = add_entries("", {"x": {"vars": values}})
    read = to_data(read_text(text, "f"))["hosts"]["x"]
    assert read == {"vars": values}


def test_only_what_differs_is_written():
    assert written(Host("a")) == {}
    assert written(Host("a", user="me")) == {"address": "me@a"}
    assert written(Host("a", docker=DockerAccess(sudo=True))) == {"docker": {"sudo": True}}
    assert written(Host("a", docker=DockerAccess(context="b"))) == {"docker": {"context": "b"}}


def test_candidates_are_the_aliases_not_configured_yet(inventory, home, write):
    (home / ".ssh").mkdir()
    (home / ".ssh/config").write_text("Host alpha bravo\nHost *.lab\nHost github.com\n")
    write("hosts.yaml", "hosts: {bravo: }")
    found = [alias.name for alias in inventory.aliases()]
    assert "alpha" in found
    assert "github.com" in found
    assert not {"bravo", "*.lab"} & set(found)


def test_candidates_come_from_the_ssh_config_that_hosts_yaml_names(inventory, home, write, paths):
    (home / "lab_config").write_text("Host gpu1\n HostName 10.0.0.1\nHost gpu2\n")
    write("hosts.yaml", "ssh_config: ~/lab_config\n")
    assert inventory.aliases() == (Alias("gpu1", "10.0.0.1"), Alias("gpu2"))
    assert inventory.hosts(["gpu1"]) == (Host("gpu1", ssh_config=str(home / "lab_config")),)


@pytest.mark.parametrize(
    ("name", "hostname", "forge"),
    [
        ("github.com", None, True),
        ("gh", "github.com", True),
        ("gh-work", "ssh.github.com", True),
        ("lab-gitlab", "10.0.0.1", True),
        ("code", "gitlab.lab.example", True),
        ("hf", "hf.co", True),
        ("alpha", None, False),
        ("digit", None, False),
        ("alpha", "alpha.lab.example", False),
        ("github-runner", "10.0.0.3", True),
        ("notgithub.com", None, False),
    ],
)
def test_git_forges_are_known(name, hostname, forge):
    assert is_forge(name, hostname) is forge


# changing a host


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("hosts:\n  a:\n", {"jump": "g"}, "hosts:\n  a: {jump: g}\n"),
        ("hosts:\n  a: {}   # mine\n", {"jump": "g"}, "hosts:\n  a: {jump: g}   # mine\n"),
        ("hosts:\n  a: ~\n", {"jump": "g"}, "hosts:\n  a: {jump: g}\n"),
        ("hosts: {a: {jump: x}, b: }\n", {"jump": "g"}, "hosts: {a: {jump: g}, b: }\n"),
        ("hosts: {a: {jump: x}}\n", {"jump": None}, "hosts: {a: {}}\n"),
        ("hosts: {a: {jump: x, tags: [t]}}\n", {"jump": None}, "hosts: {a: {tags: [t]}}\n"),
        ("hosts:\n  a: {jump: x}  # c\n", {"tags": ["t"]}, "hosts:\n  a: {jump: x, tags: [t]}  # c\n"),
        (
            "hosts:\n  a:\n    jump: x   # way\n    # theirs\n    tags:\n      - 1\n      - b  # old\nlocal: true\n",
            {"jump": None, "tags": ["b"], "readonly": True},
            "hosts:\n  a:\n    # theirs\n    tags:\n      [b]  # old\n    readonly: true\nlocal: true\n",
        ),
        ("hosts:\r\n  a:\r\n    jump: x\r\n", {"python": "p"}, "hosts:\r\n  a:\r\n    jump: x\r\n    python: p\r\n"),
        ("hosts:\n  a:\n    jump:", {"jump": "g"}, "hosts:\n  a:\n    jump: g"),
    ],
)
def test_shapes_a_host_is_changed_in(before, changes, after):
    text = change_entry(before, "a", changes, "a")
    assert text == after
    entry = to_data(read_text(text, "f"))["hosts"]["a"] or {}
    assert {key: entry.get(key) for key in changes} == changes


def test_a_change_keeps_comments_and_every_other_key(inventory, write, paths):
    before = "hosts:\n  # the big one\n  a:   # mine\n    tags: [x]   # room 3\n    vars: {s: /s}\n  b: {}\n"
    write("hosts.yaml", before)
    host = inventory.hosts(["a"])[0]
    wanted = replace(host, name="big", hostname="10.0.0.7", port=2222)
    assert inventory.planned(wanted, "a") == wanted
    assert paths.hosts_file.read_text() == before
    inventory.save(wanted, "a")
    assert paths.hosts_file.read_text() == (
        "hosts:\n  # the big one\n  big:   # mine\n    tags: [x]   # room 3\n    vars: {s: /s}\n"
        '    address: "10.0.0.7:2222"\n  b: {}\n'
    )


def test_what_only_the_defaults_say_is_not_written_into_a_host(inventory, write, paths):
    write("hosts.yaml", "hosts: {a: }\ndefaults: {connect_timeout: 3}\n")
    inventory.save(replace(inventory.hosts(["a"])[0], jump="g"), "a")
    assert paths.hosts_file.read_text() == "hosts: {a: {jump: g} }\ndefaults: {connect_timeout: 3}\n"


def test_a_new_host_is_as_the_files_defaults_make_it(inventory, write):
    write("hosts.yaml", "ssh_config: /lab/ssh_config\ndefaults: {connect_timeout: 3}\n")
    assert inventory.planned(Host("n")) == Host("n", ssh_config="/lab/ssh_config", connect_timeout=3.0)


@pytest.mark.parametrize(
    ("host", "was", "why"),
    [
        (Host("b"), None, "b is configured already"),
        (Host("b"), "a", "b is configured already"),
        (Host("local"), None, "can't be a host's name"),
        (Host("a b"), "a", "can't be a host's name"),
        (Host("x"), "gone", "there is no host 'gone'"),
        (Host("g", hostname="g.lab", readonly=True), "gpu-1", "gpu-1 comes from gpu-.*edit it there"),
        (Host("other", hostname="10.0.0.9"), "b", "a is reached through b"),
        (Host("b", hostname="10.0.0.9", jump="a"), "b", "goes in a circle"),
    ],
)
def test_what_can_not_be_saved_says_why_and_writes_nothing(inventory, write, paths, host, was, why):
    text = "hosts:\n  a: {jump: b}\n  b: {address: 10.0.0.9}\n  gpu-[1-2]: {}\n"
    write("hosts.yaml", text)
    for save in (inventory.save, inventory.planned):
        with pytest.raises(GpuwsError, match=why):
            save(host, was)
    assert paths.hosts_file.read_text() == text


def test_a_host_that_others_go_through_is_not_removed(inventory, write):
    write("hosts.yaml", "hosts:\n  a: {jump: b}\n  b: {address: 10.0.0.9}\n  c: {jump: d}\n  d: {}\n")
    with pytest.raises(UsageError, match="a is reached through b — change its jump host first"):
        inventory.remove("b")
    inventory.remove("d")  # its name alone leads there, as an alias of the SSH configuration


def test_the_inventory_tells_what_can_be_changed_and_what_not(inventory, write, paths, home):
    assert inventory.configured().written is False
    (home / ".ssh").mkdir()
    (home / ".ssh/config").write_text("Host a new\n  HostName 10.0.0.1\n")
    write("hosts.yaml", "hosts:\n  a: {}\n  gpu-[1-2]: {}\n")
    found = inventory.configured()
    assert (found.file, found.written) == (str(paths.hosts_file), True)
    assert [(one.host.name, one.elsewhere) for one in found.hosts] == [
        ("a", ""),
        ("gpu-1", f"gpu-[1-2] in {paths.hosts_file}:3:3"),
        ("gpu-2", f"gpu-[1-2] in {paths.hosts_file}:3:3"),
    ]
    assert Alias("new", "10.0.0.1") in found.aliases
    assert "a" not in [alias.name for alias in found.aliases]
