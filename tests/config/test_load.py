from __future__ import annotations

import os
import pwd

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import built_in_profiles
from gpuws.config.settings import local_login
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.host.host import Host
from gpuws.model.notice.wishes import Rule, Wishes
from gpuws.model.settings import ScreenSettings, Thresholds

ME = pwd.getpwuid(os.getuid()).pw_name


def test_without_any_file_there_is_this_machine_and_nothing_is_written(paths, environ, home):
    found = load_configuration(paths, environ)
    assert found.hosts == (Host("local"),)
    assert (found.configured, found.notes, found.look) == (False, (), ScreenSettings())
    assert (found.settings.me, found.settings.login, found.settings.readonly) == ((), ME, False)
    assert found.settings.workstation == os.uname().nodename
    assert found.profile_dirs == (paths.profiles_dir, built_in_profiles())
    assert list(home.iterdir()) == []


def test_all_of_config_yaml(write, paths, environ, tmp_path, accept):
    write(
        "config.yaml",
        f"""
me: [alice, as1204]
theme: nord
keys: {{launch: N}}
thresholds: {{memory: [40, 90.5], utilization: [5, 70], idle_after: 1h30m}}
notifications: {{rules: [{{to: bell}}]}}
profile_paths: [{tmp_path}/lab, ~/more, beside]
hosts_files: [{tmp_path}/lab.yaml]
""",
    )
    (tmp_path / "lab.yaml").write_text("hosts: {a: {jump: gate}, b: }")
    write("hosts.yaml", "hosts: {a: {readonly: true}}")
    accept(tmp_path / "lab.yaml")
    found = load_configuration(paths, environ)
    assert found.settings.me == ("alice", "as1204")
    assert found.look == ScreenSettings("nord", {"launch": "N"}, Thresholds((40, 90.5), (5, 70), 5400))
    assert found.notifications == Wishes((Rule(("bell",)),))
    assert [host.name for host in found.hosts] == ["a", "b", "local"]
    assert (found.hosts[0].jump, found.hosts[0].readonly) == ("gate", True)
    assert found.configured
    lab, more, beside = found.shared_profiles
    assert (str(lab), str(more), beside) == (f"{tmp_path}/lab", f"{environ['HOME']}/more", paths.config_dir / "beside")


def test_one_name_needs_no_list(write, paths, environ):
    write("config.yaml", "me: alice")
    assert load_configuration(paths, environ).settings.me == ("alice",)


def test_a_shared_file_that_is_away_is_noted_not_fatal(write, paths, environ):
    write("config.yaml", "hosts_files: [/gone/hosts.yaml]\nprofile_paths: [/gone/profiles]")
    found = load_configuration(paths, environ)
    assert found.hosts == (Host("local"),)
    assert found.notes == (
        "/gone/hosts.yaml: is not there; its hosts are missing",
        "/gone/profiles: is not there; its profiles are missing",
    )


def test_a_shared_directory_that_can_not_be_listed_is_noted_not_fatal(write, paths, environ):
    file = write("no-directory", "")
    write("config.yaml", f"profile_paths: [{file}]")
    found = load_configuration(paths, environ)
    assert found.notes == (f"{file}: can't be read: Not a directory; its profiles are missing",)


def test_readonly_holds_for_every_host(write, paths, environ):
    write("hosts.yaml", "hosts: {a: , b: }")
    found = load_configuration(paths, environ, readonly=True)
    assert found.settings.readonly
    assert all(host.readonly for host in found.hosts)


def test_problems_of_all_files_are_told_at_once(write, paths, environ):
    config = write("config.yaml", "thme: x\nme: []\nthresholds: {memory: [80, 20]}")
    hosts = write("hosts.yaml", "hosts: {a: {x: 1}}")
    with pytest.raises(ConfigProblems) as caught:
        load_configuration(paths, environ)
    assert str(caught.value).splitlines() == [
        f"{config}:1:1: thme: unknown key (did you mean theme?)",
        f"{config}:3:14: thresholds.memory: expected two rising percentages, such as [50, 85]",
        f"{hosts}:1:13: hosts.a.x: unknown key",
    ]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("me: {a: 1}", "1:1: me: expected a list, not a map"),
        ("me: [true]", "1:6: me[0]: expected text, not true"),
        ("theme: [a]", "1:1: theme: expected text"),
        ("keys: {a: [b]}", "1:8: keys.a: expected text"),
        ("thresholds: {memory: [1]}", "1:14: thresholds.memory: expected two rising percentages"),
        ("thresholds: {memory: [1, 200]}", "1:14: thresholds.memory: expected two rising percentages"),
        ("thresholds: {utilization: high}", "1:14: thresholds.utilization: expected two rising percentages"),
        ("thresholds: {idle_after: 30x}", "1:14: thresholds.idle_after: expected a duration such as"),
        ("thresholds: {idle: 30m}", "1:14: thresholds.idle: unknown key (did you mean idle_after?)"),
        ("profile_paths: {a: b}", "1:1: profile_paths: expected a list, not a map"),
        ("hosts: {a: }", "1:1: hosts: unknown key; write hosts_files: [/PATH]; hosts of mine stand in hosts.yaml"),
    ],
)
def test_every_mistake_in_config_yaml(write, paths, environ, text, expected):
    path = write("config.yaml", text)
    with pytest.raises(ConfigProblems) as caught:
        load_configuration(paths, environ)
    assert str(caught.value).startswith(f"{path}:{expected}")


def test_files_that_can_not_be_read_are_problems_not_absences(write, paths, environ, tmp_path):
    paths.config_dir.mkdir(parents=True)
    paths.hosts_file.symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigProblems, match=r"hosts\.yaml: can't be read: No such file"):
        load_configuration(paths, environ)
    paths.hosts_file.unlink()
    paths.hosts_file.mkdir()
    with pytest.raises(ConfigProblems, match=r"hosts\.yaml: is not a file"):
        load_configuration(paths, environ)


def test_who_i_am_is_known_without_a_passwd_entry(monkeypatch):
    assert local_login({"USER": "somebody else"}) == ME
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert local_login({"USER": "alice"}) == "alice"
    assert local_login({}) == "4000000000"
