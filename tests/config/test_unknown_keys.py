"""An unknown key says what to write instead, and never names a key that was not meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.config import notifications, own_commands, settings_file
from gpuws.config.hosts import hosts_file
from gpuws.config.hosts import unknown_keys as unknown_host_keys
from gpuws.config.hosts.hosts_file import HostSection
from gpuws.config.profiles import sections, unknown_keys
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.yaml.problems import nearest, plainly
from gpuws.config.yaml.reader import read_text
from gpuws.config.yaml.validate import validate
from gpuws.model.host.ssh_options import IGNORED
from tests.config import vocabularies
from tests.config.vocabularies import COMPOSE_FILE, COMPOSE_SERVICE, DEVCONTAINER, DOCKER_RUN, OTHERS, RIGHT, SDK

KEYS = frozenset(ProfileFile.model_fields) | {"hosts"}
TABLES = [table for name, table in vars(unknown_keys).items() if name.isupper() and isinstance(table, dict)]
BUILT_ON = {
    "build": sections.BuildSection,
    "volumes": sections.VolumeSection,
    "ports": sections.PortSection,
    "healthcheck": sections.HealthcheckSection,
    "logging": sections.LoggingSection,
    "gpus": sections.GpuSection,
}


def told(text):
    problems = []
    validate(ProfileFile, read_text(text, "p.yaml"), problems)
    return [str(problem).partition(": ")[2] for problem in problems]


def of(word):
    return told(f"image: i\n{word}: x")[0]


@pytest.mark.parametrize("word", sorted({*COMPOSE_FILE, *COMPOSE_SERVICE, *DOCKER_RUN, *DEVCONTAINER, *SDK, *OTHERS}))
def test_words_from_elsewhere_have_advice_or_are_the_key_itself(word):
    if word in KEYS:
        return
    same = [key for key in KEYS if plainly(key) == plainly(word)]
    meant = same[0] if same else RIGHT.get(word)
    if meant is None:
        assert re.match(rf"{re.escape(word)}: unknown key; (write|leave it out|this is of)", of(word))
    else:
        assert of(word) == f"{word}: unknown key" + (f" (did you mean {meant}?)" if meant else "")


@pytest.mark.parametrize(
    ("key", "word"), [(key, word) for key, words in vocabularies.SECTIONS.items() for word in words]
)
def test_so_have_words_of_its_sections(key, word):
    section = BUILT_ON[key]
    assert plainly(word) in map(plainly, section.model_fields) or section.INSTEAD[plainly(word)].startswith(
        ("write", "leave")
    )


def test_advice_names_only_keys_that_there_are():
    for advice in {text for table in TABLES for text in table.values()}:
        for key in re.findall(r"^write (\w+):", advice):
            assert key in KEYS or any(key in section.model_fields for section in BUILT_ON.values()) or key in {
                "source", "limit", "bind", "check", "NAME",
            }, advice  # fmt: skip
        assert len(advice) < 130, advice


def test_no_word_of_a_table_is_a_key_of_its_section():
    assert not {plainly(key) for key in KEYS} & unknown_keys.TOP.keys()
    for section in BUILT_ON.values():
        assert not {plainly(key) for key in section.model_fields} & section.INSTEAD.keys(), section


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("pids", "pids: unknown key; write pids_limit"),
        ("env", "env: unknown key; write environment"),
        ("container_name", "container_name: unknown key; leave it out: a container gets its name when it is launched"),
        ("contaner_name", "contaner_name: unknown key; leave it out: a container gets its name"),
        ("runtime", "runtime: unknown key; leave it out: gpus alone gives GPUs"),
        ("depend_on", "depend_on: unknown key; leave it out: a profile is one container"),
        ("shmSize", "shmSize: unknown key (did you mean shm_size?)"),
        ("shm-size", "shm-size: unknown key (did you mean shm_size?)"),
        ("enviroment", "enviroment: unknown key (did you mean environment?)"),
        ("volume", "volume: unknown key (did you mean volumes?)"),
        ("stop", "stop: unknown key"),
        ("frobnicate", "frobnicate: unknown key"),
    ],
)
def test_what_is_said(word, expected):
    assert of(word).startswith(expected)
    assert expected.endswith("?)") or "did you mean" not in of(word)


def test_a_nested_key_has_its_own_advice():
    assert told("image: i\nports: [{target: 80, protocol: udp}]") == [
        "ports[0].protocol: unknown key; leave it out: ports are TCP; UDP can't be published"
    ]
    assert told("image: i\nbuild: {context: ., cache_from: [x]}") == [
        "build.cache_from: unknown key; leave it out: the classic builder has no such setting"
    ]


@st.composite
def slips(draw):
    """A key of ours with one letter doubled, left out, wrong or swapped with the next."""
    key = draw(st.sampled_from(sorted(KEYS)))
    at = draw(st.integers(0, len(key) - 1))
    letter = draw(st.sampled_from("aeinorstx"))
    how = draw(st.sampled_from(["left out", "doubled", "wrong", "swapped"]))
    changed = {
        "left out": key[:at] + key[at + 1 :],
        "doubled": key[:at] + key[at] + key[at:],
        "wrong": key[:at] + letter + key[at + 1 :],
        "swapped": key[:at] + key[at + 1 : at + 2] + key[at] + key[at + 2 :],
    }[how]
    return key, changed


@given(slips())
def test_a_slip_of_the_finger_is_told_right_or_not_at_all(slip):
    key, word = slip
    assert nearest(word, KEYS) in {key, ""} or plainly(nearest(word, KEYS)) == plainly(word) or len(word) <= 4


def test_most_slips_are_told():
    words = [key[:at] + key[at + 1 :] for key in KEYS for at in range(len(key)) if len(key) > 4]
    keys = [key for key in KEYS for at in range(len(key)) if len(key) > 4]
    assert sum(nearest(word, KEYS) == key for word, key in zip(words, keys, strict=True)) > 0.97 * len(words)


def test_keys_of_other_files_are_told_by_their_letters():
    assert nearest("adress", HostSection.model_fields) == "address"
    assert nearest("idle", ["memory", "utilization", "idle_after"]) == "idle_after"
    assert nearest("mem", ["mem_limit", "memswap_limit", "mem_other"]) == ""


OTHER_SECTIONS = [
    *(hosts_file.HostsFile, hosts_file.HostSection, hosts_file.LocalSection, hosts_file.DockerSection),
    *(hosts_file.DefaultsSection, settings_file.SettingsFile, settings_file.ThresholdsSection),
    *(settings_file.KeeperSection, notifications.NotificationsSection, notifications.RuleSection),
    *(notifications.ReceiverSection, own_commands.CommandSection),
]


@pytest.mark.parametrize("section", OTHER_SECTIONS, ids=lambda section: section.__name__)
def test_advice_of_the_other_files_names_keys_that_there_are(section):
    everywhere = {key for each in OTHER_SECTIONS for key in each.model_fields}
    assert not {plainly(key) for key in section.model_fields} & section.INSTEAD.keys()
    for advice in section.INSTEAD.values():
        assert re.match("write |leave it out: ", advice)
        assert len(advice) < 110
        for key in re.findall(r"^write (?!it\b)(\w+)", advice):
            assert key in everywhere, advice


def told_of_hosts(text, model=hosts_file.HostsFile):
    problems = []
    validate(model, read_text(text, "hosts.yaml"), problems)
    return [str(problem).partition(": ")[2] for problem in problems]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("hostname: x", "hostname: unknown key; write address: [user@]host[:port]"),
        ("Port: 22", "Port: unknown key; write it into address: [user@]host[:port]"),
        ("identityfile: x", "identityfile: unknown key (did you mean identity_file?)"),
        ("ProxyJump: x", "ProxyJump: unknown key; write jump"),
        ("proxy_jmp: x", "proxy_jmp: unknown key; write jump"),
        ("password: x", "password: unknown key; leave it out: gpuws asks when the server does"),
        ("ServerAliveInterval: 5", "ServerAliveInterval: unknown key; write it under ssh_options"),
        ("docker: {path: /x}", "docker.path: unknown key; write socket: /PATH"),
        ("frobnicate: x", "frobnicate: unknown key"),
    ],
)
@pytest.mark.parametrize("name", ["alpha", "docker", "local"])
def test_a_host_is_told_by_the_key_that_it_has_here_whatever_it_is_called(keys, said, name):
    (found,) = told_of_hosts(f"hosts:\n  {name}: {{{keys}}}")
    assert found.startswith(f"hosts.{name}.{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user: ada", "user: unknown key; write me: [NAME]"),
        ("keeper: {timeout: 5m}", "keeper.timeout: unknown key; write idle"),
        ("notifications: {receivers: {to: {url: x}}}", "notifications.receivers.to.url: unknown key; write webhook"),
        (
            "notifications: {rules: [{to: [bell], events: [x]}]}",
            "notifications.rules[0].events: unknown key; write kinds",
        ),
        ("commands: {key: {argv: [x], shortcut: K}}", "commands.key.shortcut: unknown key; write key"),
    ],
)
def test_so_is_config_yaml(text, said):
    assert told_of_hosts(text, settings_file.SettingsFile)[0].startswith(said)


def test_no_option_is_sent_where_it_would_be_ignored():
    for word, advice in unknown_host_keys.HOST.items():
        if advice.startswith(("write it under ssh_options", "write it into your SSH configuration")):
            assert (word in IGNORED) is ("SSH configuration" in advice), word
