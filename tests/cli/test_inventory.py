"""hosts and profiles on real files: listed, edited, checked; nothing is dialled."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def real(gpuws, tmp_path):
    """`gpuws` on the files of an empty home with an SSH configuration."""
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    (ssh / "config").write_text("Host gpu-1 gpu-2\n  User alice\nHost github.com\n  User git\nHost *\n  Port 22\n")

    def run(*words: str, **env: str):
        return gpuws(*words, demo=False, **env)

    return run


def names(real) -> list[str]:
    return [host["name"] for host in json.loads(real("hosts", "--json").stdout)["hosts"]]


def test_hosts_are_added_listed_and_removed(real, tmp_path):
    assert names(real) == ["local"]
    dry = real("hosts", "add", "bravo", "alice@bravo.example:2222", "--dry-run")
    assert "bravo: alice@bravo.example:2222" in dry.stdout
    assert names(real) == ["local"]
    assert real("hosts", "add", "bravo", "alice@bravo.example:2222").stdout == "bravo\n"
    row = json.loads(real("hosts", "--json").stdout)["hosts"]
    bravo = next(host for host in row if host["name"] == "bravo")
    assert (bravo["hostname"], bravo["user"], bravo["port"], bravo["state"]) == ("bravo.example", "alice", 2222, None)
    assert "alice@bravo.example:2222" in real("hosts").stdout
    assert real("hosts", "rm", "bravo", "--dry-run").returncode == 0
    assert "bravo" in names(real)
    assert real("hosts", "rm", "bravo").returncode == 0
    assert "bravo" not in names(real)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("hosts", "rm", "nobody"), 4),
        (("hosts", "rm", "nobody", "--dry-run"), 4),
        (("hosts", "add", "x", "a@b@c:d"), 2),
        (("hosts", "add", "local"), 2),
        (("hosts", "add", "-x"), 2),
        (("hosts", "import", "nothing-*"), 4),
    ],
)
def test_wrong_hosts_are_refused(real, words, code):
    done = real(*words)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("gpuws: ")


def test_odd_aliases_are_imported_and_what_is_left_out_says_why(real, tmp_path):
    (tmp_path / ".ssh/config").write_text(
        "Host 办公 lab/rack/gpu gpu+1 2001:db8::10\n  User x\nHost !no *.lab a@b\n  User y\nHost *\n  Port 22\n"
    )
    named = real("hosts", "import")
    assert named.stdout.split() == ["办公", "lab/rack/gpu", "gpu+1", "2001:db8::10"]
    assert named.stderr.splitlines()[1:] == [
        "gpuws: left out: !no: it begins with !, which is a negation",
        "gpuws: left out: *.lab: it is a pattern",
        "gpuws: left out: a@b: ssh takes what stands before its @ for a user",
    ]
    refused = real("hosts", "import", "a@b")
    assert (refused.returncode, "can't be imported: ssh takes what" in refused.stderr) == (2, True)
    assert real("hosts", "import", "办公", "[lab/rack/gpu]", "gpu*", "2001:*").returncode == 0
    assert names(real) == ["办公", "lab/rack/gpu", "gpu+1", "2001:db8::10", "local"]
    assert real("hosts", "add", "y", "me@corp.example@gpu1").returncode == 0
    assert real("hosts", "add", "[rack:1]", "2001:db8::11").returncode == 0
    row = {host["name"]: host for host in json.loads(real("hosts", "--json").stdout)["hosts"]}
    assert (row["y"]["user"], row["y"]["hostname"]) == ("me@corp.example", "gpu1")
    assert row["rack:1"]["hostname"] == "2001:db8::11"
    assert real("hosts", "rm", "[lab/rack/gpu]").stdout == "lab/rack/gpu\n"
    assert "did you mean rack:1?" in real("hosts", "rm", "rack:2").stderr


def test_aliases_are_named_and_imported_by_pattern(real):
    named = real("hosts", "import")
    assert {"gpu-1", "gpu-2"} <= set(named.stdout.split())
    assert real("hosts", "import", "gpu-*", "--dry-run").stdout.split() == ["gpu-1", "gpu-2"]
    assert real("hosts", "import", "gpu-*").returncode == 0
    again = real("hosts", "import", "gpu-*")
    assert (again.returncode, again.stdout) == (0, "")
    assert "gpu-1, gpu-2: configured already" in again.stderr
    assert {"gpu-1", "gpu-2"} <= set(names(real))


def test_profiles_are_listed_shown_and_checked(real, tmp_path):
    profiles = tmp_path / ".config/gpuws/profiles"
    profiles.mkdir(parents=True)
    (profiles / "mine.yaml").write_text("description: my own\nimage: python:3.12\ngpus: 2\nmem_limit: 8g\n")
    (profiles / "bad.yaml").write_text("image: python:3.12\nmem_limt: 8g\n")
    rows = {row["name"]: row for row in json.loads(real("profiles", "--json").stdout)["profiles"]}
    assert (rows["mine"]["image"], rows["mine"]["gpus"], rows["mine"]["error"]) == ("python:3.12", "2", None)
    assert "mem_limit" in rows["bad"]["error"]
    shown = json.loads(real("profiles", "show", "mine", "--json").stdout)["values"]
    assert {"key": "gpus", "value": "2", "source": f"{profiles}/mine.yaml:3"} in shown
    assert "my own" in real("profiles", "show", "mine").stdout
    assert real("profiles", "check", str(profiles / "mine.yaml")).returncode == 0
    wrong = real("profiles", "check", str(profiles / "mine.yaml"), str(profiles / "bad.yaml"))
    assert wrong.returncode == 2
    assert f"{profiles}/bad.yaml:2:1" in wrong.stderr
    assert real("profiles", "show", "nope").returncode == 2
    assert real("profiles", "show", "mine", "-H", "nowhere").returncode == 4


def test_the_schema_is_json_schema(real):
    schema = json.loads(real("profiles", "schema").stdout)
    assert "json-schema.org" in schema["$schema"]
    assert "image" in schema["properties"]


COMPOSE = (
    "services:\n  web: {image: nginx, environment: {API_KEY: abc}}\n  db: {image: postgres, ports: ['5432:5432']}\n"
)


def test_a_recipe_is_imported_and_checked(real, tmp_path):
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE)
    shown = real("profiles", "import", str(file))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "image: nginx" in shown.stdout
    assert "API_KEY: null" in shown.stdout
    assert "#   line 2: API_KEY: it looks like a secret" in shown.stdout
    assert "abc" not in shown.stdout
    both = tmp_path / "both.yaml"
    both.write_text(shown.stdout)
    assert real("profiles", "check", str(both)).stdout == f"{both}: ok\n"
    both.write_text(shown.stdout + "---\nimage: x\ncpus: many\n")
    wrong = real("profiles", "check", str(both))
    assert (wrong.returncode, f"{both}:{both.read_text().count(chr(10))}:1" in wrong.stderr) == (2, True)
    typed = real("profiles", "import", "-", "--service", "db", typed=COMPOSE)
    assert (typed.returncode, "postgres" in typed.stdout, "nginx" in typed.stdout) == (0, True, False)
    assert "there are: web, db" in real("profiles", "import", str(file), "--service", "no").stderr


def test_an_imported_recipe_is_saved_whole_or_not_at_all(real, tmp_path):
    file, mine = tmp_path / "compose.yaml", tmp_path / ".config/gpuws/profiles"
    file.write_text(COMPOSE)
    saved = real("profiles", "import", str(file), "--save", "mine", "--service", "web")
    assert (saved.returncode, saved.stdout) == (0, f"{mine}/mine.yaml\n")
    assert "mine: line 2: API_KEY: it looks like a secret" in saved.stderr
    assert json.loads(real("profiles", "show", "mine", "--json").stdout)["values"]
    (mine / "stack-db.yaml").write_text("image: x\n")
    assert real("profiles", "import", str(file), "--save", "stack").returncode == 2
    assert not (mine / "stack-web.yaml").exists()
    lines = "docker run busybox sleep 1\ndocker run busybox sleep 2\n"
    saved = real("profiles", "import", "-", "--save", "line", typed=lines)
    assert saved.stdout.split() == [f"{mine}/line-1.yaml", f"{mine}/line-2.yaml"]
    assert "not a file — gpuws profiles import - takes it pasted" in real("profiles", "import", "docker run x").stderr
    assert real("profiles", "import", str(file), "--save", "two").stdout.split() == [
        f"{mine}/two-web.yaml",
        f"{mine}/two-db.yaml",
    ]


@pytest.mark.parametrize("words", [("profiles", "check"), ("profiles", "show"), ("launch",)])
def test_what_is_no_profile_names_the_command_that_reads_it(real, tmp_path, words):
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE)
    done = real(*words, str(file))
    remedy = f"read it: gpuws profiles import {file} --save NAME"
    assert (done.returncode, done.stderr) == (2, f"gpuws: {file} is a Compose file, not a profile — {remedy}\n")
