"""What looks like a secret, and texts without it."""

import pytest

from gpuws.model.secret import HIDDEN, LABEL, Hiding, is_secret, masked, named_by

TOKEN = "hf_abcdefghijklmnop"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"python train.py --hub {TOKEN} --lr 1", f"python train.py --hub {HIDDEN} --lr 1"),
        ("python a.py --api-key abc123", f"python a.py --api-key {HIDDEN}"),
        ("python a.py --hf_token=abc", f"python a.py --hf_token={HIDDEN}"),
        ("jupyter --Identity.token=abc --port 1", f"jupyter --Identity.token={HIDDEN} --port 1"),
        ("GET http://127.0.0.1:8888/lab?token=abc&x=1", f"GET http://127.0.0.1:8888/lab?token={HIDDEN}&x=1"),
        ("git clone https://me:pw@host/r", f"git clone https://{HIDDEN}@host/r"),
        ("env WANDB_API_KEY='a b' python x", f"env WANDB_API_KEY={HIDDEN} python x"),
        ("PASSWORD=x", f"PASSWORD={HIDDEN}"),
        ("run --password x --token", f"run --password {HIDDEN} --token"),
        ("run --token --next", "run --token --next"),
        ("run --password 'a b' --port 1", f"run --password {HIDDEN} --port 1"),
        ("psql postgres://me:p@ss@db/x", f"psql postgres://{HIDDEN}@db/x"),
        ("https://0123456789abcdef01234@sentry.io/2", f"https://{HIDDEN}@sentry.io/2"),
        ("curl -H 'Authorization: Bearer abc' x", f"curl -H 'Authorization: Bearer {HIDDEN}' x"),
        ("serve --config '{\"api_key\": \"a b\"}'", f"serve --config '{{\"api_key\": {HIDDEN}}}'"),
        ("MYSQL_PWD=a DB_PASS=b sshpass=c", f"MYSQL_PWD={HIDDEN} DB_PASS={HIDDEN} sshpass={HIDDEN}"),
        ("ngc nvapi-abcdefghijklmnop", f"ngc {HIDDEN}"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", f"a {HIDDEN} b"),
    ],
)  # fmt: skip
def test_secrets_of_a_line_are_hidden(text, shown):
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "python train.py --tokenizer gpt2 --max_tokens 4096 --passes 3 --author me --keys a,b",
        "python -m torch.distributed.run --nproc_per_node=2 train.py",
        "TOKENIZERS_PARALLELISM=false python x.py",
        "ssh -i ~/.ssh/id_ed25519 host",
        "train --task-name-of-some-length --global-batch-size-per-gpu 8 --single-pass",
        "docker run -v my-token:/x registry/secret:latest ssh://git@host/x",
        'jupyter lab --token="$JUPYTER_TOKEN" --password ${PW}',
    ],
)
def test_ordinary_lines_stay(text):
    assert masked(text) == text


def test_a_tokenizer_is_no_token():
    assert not is_secret("TOKENIZERS_PARALLELISM", "false")
    assert is_secret("HF_TOKEN", "x")
    assert is_secret("PLAIN", TOKEN)
    assert is_secret("MANY_LINES", "a\nTOKEN=x\n")


INSPECTED = {
    "Config": {
        "Env": ["HF_TOKEN=x", "PLAIN=from a file", f"DATA={TOKEN}", "PATH=/bin", "EMPTY_TOKEN=", "odd", "my.pass=p"],
        "Cmd": ["serve", "--api-key", "k1", "--port", "1", "--token=k2", "--tokenizer", "gpt2"],
        "Labels": {LABEL: "PLAIN,HF_TOKEN", "team": "vision", "x.secret": "s"},
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -u me --password pw http://x"]},
    },
    "HostConfig": {"LogConfig": {"Config": {"splunk-token": "t"}}, "Memory": 5, "Init": None},
}


def test_an_engines_answer_loses_secrets_and_nothing_else():
    hiding = Hiding(named_by(INSPECTED))
    shown = hiding.of(INSPECTED)
    config = shown["Config"]
    assert config["Env"] == [
        f"HF_TOKEN={HIDDEN}", f"PLAIN={HIDDEN}", f"DATA={HIDDEN}", "PATH=/bin", "EMPTY_TOKEN=", "odd",
        f"my.pass={HIDDEN}",
    ]  # fmt: skip
    assert config["Cmd"] == ["serve", "--api-key", HIDDEN, "--port", "1", f"--token={HIDDEN}", "--tokenizer", "gpt2"]
    assert config["Labels"] == {LABEL: "PLAIN,HF_TOKEN", "team": "vision", "x.secret": HIDDEN}
    assert config["Healthcheck"]["Test"][1] == f"curl -u me --password {HIDDEN} http://x"
    assert shown["HostConfig"] == {"LogConfig": {"Config": {"splunk-token": HIDDEN}}, "Memory": 5, "Init": None}
    assert hiding.hidden[:3] == ["HF_TOKEN", "PLAIN", "DATA"]


def test_one_value_is_shown_and_the_others_stay_hidden():
    for name in Hiding(named_by(INSPECTED)).hidden:
        hiding = Hiding(named_by(INSPECTED), {name})
        hiding.of(INSPECTED)
        assert name not in hiding.hidden
    shown = Hiding(named_by(INSPECTED), {"PLAIN"}).of(INSPECTED)
    assert shown["Config"]["Env"][:2] == [f"HF_TOKEN={HIDDEN}", "PLAIN=from a file"]


@pytest.mark.parametrize("inspected", [{}, {"Config": None}, {"Config": []}, {"Config": {"Labels": None}}])
def test_an_answer_of_another_shape_names_nothing(inspected):
    assert named_by(inspected) == frozenset()
