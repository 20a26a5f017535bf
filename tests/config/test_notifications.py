"""`notifications:` of config.yaml: rules, receivers, quiet hours, with what is wrong said with file and line."""

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import Paths
from gpuws.config.settings import default_settings, read_settings
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.notice.record import plan_of
from gpuws.model.notice.wishes import SCREEN_ONLY, Command, Quiet, Rule, Webhook

GOOD = """\
notifications:
  rules:
    - {to: [toast, bell]}
    - {to: phone, kinds: [container, oom], hosts: ["gpu*", alpha], mine: false, always: true}
    - {to: desk, watch: false}
  receivers:
    phone:
      webhook: https://ntfy.sh
      body: {topic: hush, message: "{sentence}", priority: 4}
      token_file: token
      timeout: 5s
    desk: {command: [notify-send, "{host}", "{sentence}"]}
  quiet_hours: 22:30-7:00
  most: 30
"""


def read(tmp_path, text):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return read_settings(file, {}).notifications


def test_they_are_read(tmp_path):
    wishes = read(tmp_path, GOOD)
    toast, phone, desk = wishes.rules
    assert toast == Rule(("toast", "bell"))
    assert phone == Rule(("phone",), ("container", "oom"), ("gpu*", "alpha"), mine=False, watch=True, always=True)
    assert desk.watch is False
    body = {"topic": "hush", "message": "{sentence}", "priority": 4}
    assert wishes.receivers["phone"] == Webhook("https://ntfy.sh", body, {}, tmp_path / "token", 5.0)
    assert wishes.receivers["desk"] == Command(("notify-send", "{host}", "{sentence}"))
    assert (wishes.quiet, wishes.most) == ((Quiet(22.5 * 3600, 7 * 3600),), 30)
    assert wishes.watched(["alpha", "bravo", "gpu7"]) == {"alpha", "gpu7"}


def test_what_is_told_of_them_has_no_address(tmp_path):
    plan = plan_of(read(tmp_path, GOOD.replace("ntfy.sh", "hooks.example/T0/hush")))
    assert plan.receivers == (("phone", "webhook hooks.example"), ("desk", "command notify-send"))
    assert plan.quiet == ("22:30-07:00",)
    assert "hush" not in repr(plan)


@pytest.mark.parametrize(("text", "rules"), [("true", SCREEN_ONLY), ("false", ()), ("{}", SCREEN_ONLY)])
def test_in_a_word(tmp_path, text, rules):
    assert read(tmp_path, f"notifications: {text}\n").rules == rules
    assert default_settings({}).notifications is None


def test_where_nothing_may_be_changed_nothing_is_sent(tmp_path):
    (tmp_path / "config.yaml").write_text(GOOD)
    paths = Paths(tmp_path, tmp_path / "state", tmp_path / "run")
    assert load_configuration(paths, {"HOME": "/"}).notifications is not None
    assert load_configuration(paths, {"HOME": "/"}, readonly=True).notifications is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{to: fone}]", "there is no receiver 'fone'; expected one of toast, bell, osc9, osc777, phone"),
        ("rules: [{kinds: [oom]}]", "to is missing"),
        ("rules: [{to: bell, kinds: [crash]}]", "expected container, oom, task"),
        ("rules: [{to: bell, mine: maybe}]", "expected true or false"),
        ("rules: [{to: bell, host: a}]", "unknown key (did you mean hosts?)"),
        ("receivers: {x: {}}", "expected either a command or a webhook"),
        ("receivers: {x: {command: [cat], webhook: 'https://a.b'}}", "expected either a command or a webhook"),
        ("receivers: {x: {command: [cat], token_file: t}}", "body, headers and token_file are for a webhook"),
        ("receivers: {x: {webhook: 'http://ntfy.sh/t'}}", "expected https: anybody on the way could read it"),
        ("receivers: {x: {webhook: 'ntfy.sh/t'}}", "expected an address such as https://ntfy.sh/my-topic"),
        ("receivers: {x: {webhook: 'https://me:pw@a.b'}}", "write the password into token_file or headers"),
        ("receivers: {x: {webhook: 'https://a.b', body: {t: '{x}'}}}", "there is no {x}; expected one of {id}, {kind}"),
        ("receivers: {x: {command: [mail, '{subjet}']}}", "there is no {subjet}; expected one of {id}, {kind}"),
        ("receivers: {x: {command: 'mail -s x me'}}", "no shell takes it apart"),
        ("receivers: {x: {command: [sh, -c, 'say {sentence}']}}", "a shell would run what a host calls its things"),
        ("receivers: {x: {command: [timeout, 5, bash, -lc, 'say {host}']}}", "a shell would run what a host calls"),
        ("receivers: {x: {command: [ssh, lap, notify-send, '{sentence}']}}", "a shell there would run what a host"),
        ("receivers: {x: {webhook: 'https://a.b/grün'}}", "expected an address such as https://ntfy.sh/my-topic"),
        ("receivers: {x: {webhook: 'https://a.b', headers: {Title: grün}}}", "the header Title can hold plain letters"),
        ("receivers: {X y: {command: [cat]}}", "expected an id of small letters, digits and dashes"),
        ("receivers: {bell: {command: [cat]}}", "bell is what screens do themselves"),
        ("receivers: {x: {command: [cat], timeout: 10m}}", "expected more than 0 and at most 120 seconds"),
        ("quiet_hours: [25:00-7:00]", "expected hours such as 22:00-07:00"),
        ("most: 0", "expected a number of at least 1"),
        ("sound: loud", "unknown key"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path, text, said):
    receivers = "" if text.startswith("receivers") else ", receivers: {phone: {command: [cat]}}"
    with pytest.raises(ConfigProblems) as caught:
        read(tmp_path, f"notifications: {{{text}{receivers}}}\n")
    (problem, *_) = map(str, caught.value.problems)
    assert said in problem
    assert "config.yaml:1:" in problem
