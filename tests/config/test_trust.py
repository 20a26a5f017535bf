"""What others' files may do: only what I accepted, as it was read when I did."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from gpuws.config.hosts.hosts_file import HostSection, LocalSection
from gpuws.config.load import load_configuration
from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.profiles import store_of
from gpuws.config.trust import statements
from gpuws.config.trust.accept import Proposals
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.engines.docker.build.context import listed, packed
from gpuws.model.consent.trust import differences, needs_acceptance
from gpuws.model.errors import Refused, UsageError
from gpuws.model.host.host import Host

HERE = Host("bravo", vars={"x": "y"})


@pytest.fixture
def lab(tmp_path, write):
    """A lab's folder, named by my config.yaml."""
    folder = tmp_path / "nfs/lab/gpuws"
    (folder / "profiles").mkdir(parents=True)
    write("config.yaml", f"profile_paths: [{folder}/profiles]\nhosts_files: [{folder}/hosts.yaml]\n")
    return folder


@pytest.fixture
def put(lab):
    def put(name, text):
        path = lab / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return put


@pytest.fixture
def store(lab, paths, environ):
    return lambda: store_of(load_configuration(paths, environ), environ)


@pytest.fixture
def load(store, environ):
    return lambda name="train", **options: store().load(name, HERE, environ=environ, **options)


def hosts(paths, environ):
    found = load_configuration(paths, environ)
    return {host.name: host for host in found.hosts if host.name != "local"}, found.notes


# profiles


def test_a_shared_profile_is_used_once_it_is_accepted(put, load, store, accept):
    path = put("profiles/train.yaml", "image: i\ndescription: ours\ncommand: [evil]\n")
    with pytest.raises(
        Refused, match=f"train.yaml is shared, and you have not accepted .* — gpuws trust {path}"
    ) as told:
        load()
    assert told.value.exit_code == 5
    row = next(row for row in store().summaries() if row.name == "train")
    assert (row.owner, row.accepted, row.description, row.source) == ("shared", False, "ours", str(path))
    assert "gpuws trust" in (row.error or "")
    assert accept(path).lines == (str(path), '+ command[]: "evil"', '+ image: "i"')
    assert (load().command, load().note) == (("evil",), "")
    row = next(row for row in store().summaries() if row.name == "train")
    assert (row.owner, row.accepted, row.error, row.note) == ("shared", True, None, "")


@pytest.mark.parametrize(
    "text",
    [
        "image: i\ncommand: [other]\n",
        "image: i\ncommand: [train]\nprivileges: 1\n",  # wrong, too
        "image: i\ncommand: [train]\nhosts: {bravo: {command: [other]}}\n",
        "image: i\ncommand: [train]\nvolumes: [/:/host]\n",
        "image: i\ncommand: [train]\nenvironment: {HF_TOKEN: null}\n",
        "image: i\ncommand: [train]\nextends: base\n",
        "a: b: c",
        "",
    ],
)
def test_what_differs_in_what_it_does_waits_for_me(put, load, store, accept, text):
    path = put("profiles/train.yaml", "image: i\ncommand: [train]\nmem_limit: 1g\n")
    accept(path)
    path.write_text(text)
    found = load()
    assert (found.command, found.volumes, dict(found.environment), found.mem_limit) == (("train",), (), {}, 1 << 30)
    assert found.remedy == f"gpuws trust {path}"
    assert "stays in use" in found.note
    row = next(row for row in store().summaries() if row.name == "train")
    assert (row.error, row.note) == (None, f"{found.note} — {found.remedy}")


def test_limits_notes_and_spelling_need_no_acceptance(put, load, accept):
    path = put("profiles/train.yaml", "image: i\ncommand: [train]\nlabels: {a: b, c: d}\nmem_limit: 1g\n")
    accept(path)
    more = "description: new\nmem_limit: 2g\nhosts: {bravo: {cpus: 2}}\n"
    path.write_text(f"# a comment\nlabels:\n  c: d\n  a: b\ncommand:\n- train\nimage: 'i'\n{more}")
    assert load().remedy == f"gpuws trust {path}"  # an overlay that is new
    accept(path)
    path.write_text(path.read_text().replace("cpus: 2", "cpus: 3").replace("2g", "3g"))
    found = load()
    assert (found.mem_limit, found.cpus, found.description, found.note) == (3 << 30, 3.0, "new", "")


def test_what_was_shown_is_what_is_kept_however_the_file_changes_meanwhile(put, load, paths, environ):
    path = put("profiles/train.yaml", "image: shown\n")
    proposals = Proposals(paths, environ, listed)
    proposal = proposals.propose(str(path))
    path.write_text("image: swapped\n")
    proposals.accept(proposal.id)
    assert '+ image: "shown"' in proposal.lines
    assert load().image == "shown"
    for mark in (proposal.id, "another"):
        with pytest.raises(UsageError, match="not shown lately"):
            proposals.accept(mark)


def test_all_that_it_extends_is_accepted_with_it(put, load, write, accept):
    put("profiles/base.yaml", "image: labs\ncommand: [a]\n")
    path = put("profiles/train.yaml", "extends: base\nlabels: {x: 'y'}\n")
    accept(path)
    assert load().image == "labs"  # its neighbour, not the built-in one
    put("profiles/base.yaml", "image: labs\ncommand: [b]\n")
    assert (load().command, load().note != "") == (("a",), True)
    (path.parent / "base.yaml").unlink()
    assert load().command == ("a",)
    write("profiles/mine.yaml", "extends: train\nmem_limit: 2g\n")
    assert (load("mine").command, load("mine").mem_limit) == (("a",), 2 << 30)


def test_mine_that_extends_a_shared_one_needs_it_accepted(put, load, write, accept):
    path = put("profiles/train.yaml", "image: i\n")
    write("profiles/mine.yaml", "extends: train\ncommand: [mine]\n")
    with pytest.raises(Refused, match=f"gpuws trust {path}"):
        load("mine")
    accept(path)
    path.write_text("image: other\n")
    assert (load("mine").image, "has changed" in load("mine").note) == ("i", True)


def test_a_dockerfile_and_all_that_a_build_sends(put, load, accept):
    path = put("profiles/train.yaml", "build: train\n")
    put("profiles/train/Dockerfile", "FROM a\nRUN true\n")
    put("profiles/train/setup.sh", "echo good\n")
    shown = accept(path).lines
    assert "+ RUN true" in shown
    assert any('setup.sh" 644' in line for line in shown)
    build = load().build
    with packed(build):
        pass
    put("profiles/train/setup.sh", "echo evil\n")
    for _ in range(2):
        with pytest.raises(Refused, match=f"is not what you accepted — gpuws trust {path}"), packed(load().build):
            pass
    assert [line[:2] for line in accept(path).lines][1:] == ["- ", "+ "]
    with packed(load().build):
        pass
    put("profiles/train/id_rsa", "a file more")
    with pytest.raises(Refused), packed(load().build):
        pass
    put("profiles/train/Dockerfile", "FROM evil\n")
    assert "has changed" in load().note


def test_what_is_sent_beside_a_dockerfile_of_the_profiles_own(put, load, accept):
    path = put("profiles/train.yaml", "build: {context: ., dockerfile_inline: 'FROM a'}\n")
    put("profiles/.dockerignore", "*.yaml\n")
    code = put("profiles/code.py", "good\n")
    assert any('"code.py"' in line for line in accept(path).lines)
    path.write_text(f"# a comment\n{path.read_text()}")
    with packed(load().build) as (_, pieces):
        assert b"good" in b"".join(pieces())
    code.write_text("evil\n")
    with pytest.raises(Refused, match="is not what you accepted"), packed(load().build):
        pass


def test_a_context_that_was_not_accepted_is_not_sent(put, load, accept, tmp_path):
    """Where it waits for a variable, nobody could say what is in it."""
    path = put("profiles/train.yaml", "build: {context: '/${x}', dockerfile_inline: FROM a}\n")
    accept(path)
    with pytest.raises(Refused, match="sends /y, which you have not accepted"):
        load()
    assert load(overrides=[f"build.context={tmp_path}"]).build.accepted is None  # mine


def test_an_env_file_beside_it_is_used_from_the_same_reading(put, load, accept, home, paths):
    mine = home / "mine.env"
    mine.write_text("M=1\n")
    path = put("profiles/train.yaml", "image: i\nenv_file: [train.env, ~/mine.env]\n")
    put("profiles/train.env", "A=1\nHF_TOKEN=hf_secret\n")
    shown = accept(path).lines
    assert "+ A=1" in shown
    assert not any("hf_secret" in line for line in shown)
    copy, kept = load().env_file
    assert Path(copy).read_text() == "A=1\nHF_TOKEN=hf_secret\n"
    assert Path(copy).parent == paths.accepted_dir
    assert kept == str(mine)
    put("profiles/train.env", "LD_PRELOAD=/evil\n")
    assert Path(load().env_file[0]).read_text() == "A=1\nHF_TOKEN=hf_secret\n"
    assert "has changed" in load().note
    accept(path)
    assert Path(load().env_file[0]).read_text() == "LD_PRELOAD=/evil\n"


def test_a_file_that_is_swapped_for_a_link_to_mine_stays_what_was_accepted(put, load, accept, home, tmp_path):
    """Nor is a link of mine into their folder mine."""
    (home / ".ssh").mkdir()
    (home / ".ssh/id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n")
    (home / "lab").symlink_to(tmp_path / "nfs/lab")
    path = put("profiles/train.yaml", "image: i\nenv_file: [train.env, ~/lab/more.env]\n")
    for where in (put("profiles/train.env", "A=1\n"), tmp_path / "nfs/lab/more.env"):
        where.write_text("A=1\n")
    accept(path)
    for where in (path.parent / "train.env", tmp_path / "nfs/lab/more.env"):
        where.unlink()
        where.symlink_to(home / ".ssh/id")
    assert [Path(file).read_text() for file in load().env_file] == ["A=1\n"] * 2
    with pytest.raises(ConfigProblems, match=r"train\.env:1:1: expected NAME=VALUE") as told:
        accept(path)
    assert "b3Blb" not in str(told.value)
    put("profiles/built.yaml", "build: {context: ., dockerfile: link, args: {A: '${x}'}}\n")
    (path.parent / "link").symlink_to(home / ".ssh/id")
    for made in (path.parent / "train.env", path):
        made.unlink()
    assert not any("b3Blb" in line for line in accept(path.parent / "built.yaml").lines)
    assert load("built").build.accepted


def test_a_shared_profile_shadows_nothing(put, load, store, write, accept):
    shipped = built_in_profiles() / "pytorch-ddp.yaml"
    theirs = put("profiles/pytorch-ddp.yaml", "image: evil\n")
    alone = put("profiles/train.yaml", "image: theirs\n")
    own = write("profiles/own.yaml", "image: mine\n")
    over = put("profiles/own.yaml", "image: evil\n")
    rows = {row.name: (row.owner, row.source) for row in store().summaries()}
    assert rows["pytorch-ddp"] == ("built-in", str(shipped))
    assert rows["lab/pytorch-ddp"] == ("shared", str(theirs))
    assert rows["train"] == ("shared", str(alone))
    assert (rows["own"], rows["lab/own"]) == (("mine", str(own)), ("shared", str(over)))
    for path in (theirs, over, alone):
        accept(path)
    assert load("pytorch-ddp").image != "evil"
    assert (load("own").image, load("lab/own").image, load("lab/own").name) == ("mine", "evil", "lab/own")
    assert (load("train").name, load("lab/train").name) == ("train", "train")
    write("profiles/over.yaml", "extends: lab/own\n")
    assert load("over").image == "evil"
    for name in ("lab/none", "other/own", "lab/../own", "/own", "lab/"):
        with pytest.raises(UsageError, match="there is no profile"):
            load(name)


def test_two_folders_with_one_name(lab, put, write, store, tmp_path):
    other = tmp_path / "home/nfs/lab/profiles"
    other.mkdir(parents=True)
    write("config.yaml", f"profile_paths: [{lab}/profiles, {other}]\n")
    put("profiles/train.yaml", "image: i\n")
    (other / "train.yaml").write_text("image: j\n")
    assert {name for name in store().names() if "train" in name} == {"lab/train", "lab-2/train"}
    with pytest.raises(UsageError, match="2 shared folders have a profile 'train' — say which: lab/train, lab-2/train"):
        store().find("train")


def test_no_file_of_theirs_hides_another(put, lab, store, load, accept, paths):
    """Whatever its name, whatever it is."""
    folder = lab / "profiles"
    accept(put("profiles/good.yaml", "image: i\n"))
    for name in ("$(touch x).yaml", "a b.yaml", "-x.yaml", os.fsdecode(b"\xff.yaml")):
        put(f"profiles/{name}", "image: i\n")
    for name, text in (("deep", "[" * 5000), ("big", "a" * (2 << 20)), ("env", "image: i\nenv_file: loop.yaml\n")):
        put(f"profiles/{name}.yaml", text)
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "dir.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    rows = {row.name: row for row in store().summaries() if row.owner == "shared"}
    assert len(rows) == 11
    assert [name for name, row in rows.items() if row.error is None] == ["good"]
    assert load("good").image == "i"


# hosts


def test_a_shared_hosts_file_is_left_out_until_it_is_accepted(put, write, paths, environ, accept):
    path = put("hosts.yaml", "hosts: {theirs: {address: gpu1}}\n")
    write("hosts.yaml", "hosts: {mine: }\n")
    found, notes = hosts(paths, environ)
    assert list(found) == ["mine"]
    (note,) = notes
    assert note.endswith(f"its hosts are left out — gpuws trust {path}")
    accept(path)
    assert (list(hosts(paths, environ)[0]), hosts(paths, environ)[1]) == (["theirs", "mine"], ())


@pytest.mark.parametrize(
    "text",
    [
        "hosts: {a: {address: evil, tags: [x]}}",
        "hosts: {a: {address: gpu1, jump: evil, tags: [x]}}",
        "hosts: {a: {address: gpu1, ssh_options: {ProxyCommand: evil}, tags: [x]}}",
        "hosts: {a: {address: gpu1, docker: {socket: /tmp/evil.sock}}}",
        "hosts: {a: {address: gpu1, python: /tmp/evil}}",
        "hosts: {a: {address: gpu1, vars: {scratch: /}}}",
        "hosts: {a: {address: gpu1}, b: {tags: [new]}}",
        "hosts: {a: {address: gpu1}, b: }",
        "hosts: {a: {address: gpu1}}\nlocal: {python: /tmp/evil}",
        "hosts: {a: {address: gpu1}}\nssh_config: /tmp/evil",
        "hosts: {a: [}",
        None,
    ],
)
def test_what_decides_where_we_connect_waits_for_me(put, paths, environ, accept, text):
    path = put("hosts.yaml", "hosts: {a: {address: gpu1}}")
    accept(path)
    path.unlink()
    if text is not None:
        path.write_text(text)
    found, notes = hosts(paths, environ)
    assert found == {"a": Host("a", hostname="gpu1")}
    assert "stays in use" in notes[0]
    assert notes[0].endswith(f"gpuws trust {path}")


def test_tags_drain_and_patience_of_hosts_need_no_acceptance(put, paths, environ, accept):
    path = put("hosts.yaml", "hosts: {a: {address: gpu1}}")
    accept(path)
    path.write_text("# new\ndefaults: {connect_timeout: 3}\nhosts: {a: {tags: [x], readonly: true, address: 'gpu1'}}")
    found, notes = hosts(paths, environ)
    assert (found["a"].tags, found["a"].readonly, found["a"].connect_timeout, notes) == (("x",), True, 3.0, ())


def test_the_ssh_configuration_it_brings_is_the_one_that_was_accepted(put, paths, environ, accept, tmp_path, home):
    """Through ssh itself: what it reads, and what it runs."""
    (home / ".ssh").mkdir()
    path = put("hosts.yaml", "hosts: {a: }\nssh_config: ssh_config\n")
    config = put("ssh_config", f"Include {path.parent}/conf.d/*\nInclude ~/.ssh/own\nHost a\n  User them\n")
    put("conf.d/one", "Match host a\n  ProxyCommand good %h\n")
    shown = accept(path).lines
    assert f'+ Include "{path.parent}/conf.d/one"' in shown
    assert "+ ProxyCommand good %h" in shown
    ran = tmp_path / "ran"
    put("conf.d/one", f'Match exec "touch {ran}"\n  ProxyCommand evil\n')
    put("conf.d/two", "Host a\n  Port 1\n")
    config.write_text(f'"INCLUDE" {path.parent}/conf.d/one\nHost a\n  User evil\n')
    (home / ".ssh/own").write_text("Host a\n  Port 2200\n")
    found, notes = hosts(paths, environ)
    assert "stays in use" in notes[0]
    said = subprocess.run(
        ["ssh", "-G", "-F", found["a"].ssh_config or "", "a"], capture_output=True, text=True, check=True
    ).stdout
    assert {"proxycommand good %h", "user them"} <= set(said.splitlines())
    assert "evil" not in said
    assert not ran.exists()
    again = accept(path).lines
    assert f'+ Match exec "touch {ran}"' in again
    assert f'- Include "{path.parent}/conf.d/one"' not in again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\0b", "is no text"),
        ("Include 'x", "can't be told"),
        ("include\n", "can't be told"),
        ("Include {here}", "includes itself"),
        ("Include /*/*/*/*/nothing", "search whole file systems"),
    ],
)
def test_an_ssh_configuration_that_can_not_be_followed_is_not_accepted(put, accept, text, said, home):
    (home / ".ssh").mkdir()
    path = put("hosts.yaml", "hosts: {a: }\nssh_config: ssh_config\n")
    put("ssh_config", text.replace("{here}", str(path.parent / "ssh_config")))
    with pytest.raises(UsageError, match=said):
        accept(path)


# the rule, and what is kept


def test_every_key_that_is_not_known_to_be_harmless_is_asked_about():
    harmless = {key for key in ProfileFile.model_fields if not needs_acceptance("profile", (key,))}
    assert harmless == {
        "description", "mem_limit", "memswap_limit", "cpus", "pids_limit", "shm_size", "ulimits", "gpu_memory",
        "stop_grace_period",
    }  # fmt: skip
    assert {key for key in ProfileFile.model_fields if not needs_acceptance("profile", ("hosts", "h", f"{key}+"))} == (
        harmless
    )
    of_hosts = {key for key in HostSection.model_fields if not needs_acceptance("hosts", ("hosts", "a", key))}
    assert of_hosts == {"tags", "readonly", "connect_timeout", "telemetry_interval"}
    assert {key for key in LocalSection.model_fields if not needs_acceptance("hosts", ("local", key))} < of_hosts
    for key in ("brand_new", "hosts", "ssh_config"):
        assert needs_acceptance("hosts", (key,))
        assert needs_acceptance("profile", (key,))
    assert differences({"f": ["a"]}, {"f": ["a"]}) == []


def test_a_text_can_not_pass_for_a_key(put, accept, load):
    path = put("profiles/train.yaml", 'build: {dockerfile_inline: "FROM a\\nimage: x"}\n')
    accept(path)
    path.write_text("build: {dockerfile_inline: FROM a}\nimage: x\n")
    assert load().image is None


def test_what_is_kept_is_mine_alone_and_what_is_damaged_accepts_nothing(put, load, accept, paths):
    path = put("profiles/train.yaml", "image: i\n")
    accept(path)
    assert stat.S_IMODE(paths.accepted_dir.stat().st_mode) == 0o700
    (record,) = paths.accepted_dir.iterdir()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    for text in ("", "{}", "[]", json.dumps({"kind": "profile", "pieces": [], "sent": []}), "\0"):
        record.write_text(text)
        with pytest.raises(Refused):
            load()


def test_of_an_env_file_no_secret_is_shown_and_what_stands_beside_it_is():
    text = "HF_TOKEN=abc\nPIP_INDEX_URL=https://u:pw@evil/x\nPLAIN=x\n"
    token, index, plain = statements.of_env_file(text)
    assert re.fullmatch(r"HF_TOKEN=\(hidden, \w{12}\)", token)
    assert re.fullmatch(r"PIP_INDEX_URL=https://\*\*\*@evil/x \(hidden, \w{12}\)", index)
    assert plain == "PLAIN=x"
    assert statements.of_env_file(text.replace("pw", "other"))[1] != index


def test_copies_that_nothing_names_are_forgotten(put, accept, paths):
    path = put("profiles/train.yaml", "image: i\nenv_file: e\n")
    for number in range(5):
        put("profiles/e", f"A={number}\n")
        accept(path)
    assert len(list(paths.accepted_dir.glob("*.copy"))) == 2


def test_only_what_is_shared_and_right_can_be_accepted(put, accept, write, tmp_path):
    own = write("profiles/own.yaml", "image: i\n")
    for file in (own, tmp_path / "elsewhere.yaml"):
        file.touch()
        with pytest.raises(UsageError, match="is not shared: it is believed as it is"):
            accept(file)
    with pytest.raises(ConfigProblems, match="imge"):
        accept(put("profiles/wrong.yaml", "imge: i\n"))
    with pytest.raises(ConfigProblems, match="adress"):
        accept(put("hosts.yaml", "hosts: {a: {adress: x}}\n"))
    named = put("profiles/named.yaml", "image: i\n")
    with pytest.raises(UsageError, match=r"is a folder: each file .* there are: named, wrong"):
        accept(named.parent)
    assert accept(Path("named")).known is False
