"""What a Dockerfile says: its instructions with their lines, what needs BuildKit, what gives a secret away."""

from __future__ import annotations

import pytest

from gpuws.model.build import secrets, syntax
from gpuws.model.build.dockerfile import bases, parse, without_frontend

WHOLE = """\
# syntax=docker/dockerfile:1
# escape=`

ARG V=2
from --platform=linux/amd64 reg:5000/a:$V AS Base
# said of the next
RUN apt-get update `
  # within
  && apt-get install `

     tmux
RUN cat <<EOF > /x && cat <<-'END'
FROM nothing
EOF
	# no comment
	END
COPY --from=base \\a /b
"""


def test_instructions_have_the_line_that_they_begin_on():
    found = [(one.line, one.word, one.text) for one in parse(WHOLE)]
    assert found == [
        (4, "ARG", "ARG V=2"),
        (5, "FROM", "FROM --platform=linux/amd64 reg:5000/a:$V AS Base"),
        (7, "RUN", "RUN apt-get update && apt-get install tmux"),
        (12, "RUN", "RUN cat <<EOF > /x && cat <<-'END'"),
        (17, "COPY", "COPY --from=base \\a /b"),
    ]
    assert parse(WHOLE)[3].heredocs == ("EOF", "END")
    assert parse(WHOLE)[4].flags == {"from": "base"}
    assert parse("") == parse("# only\n\n") == ()
    assert [one.line for one in parse("FROM a \\\n\nRUN b\\")] == [1]


def test_no_other_frontend_is_fetched():
    text = "# escape=`\n# syntax=docker/dockerfile:1\nFROM a\n# syntax=x\n"
    assert without_frontend(text) == "# escape=`\n# syntax docker/dockerfile:1\nFROM a\n# syntax=x\n"
    assert without_frontend("FROM a\n# syntax=x") == "FROM a\n# syntax=x"


def test_what_it_stands_on():
    lines = ["ARG V", "ARG W=3", " from --platform=linux/amd64 reg:5000/a:$V as base", "FROM BASE", "FROM x/${OTHER}",
             "FROM ${U:-1}", "FROM b:${W}", "FROM scratch", "FROM b:3"]  # fmt: skip
    assert bases(parse("\n".join(lines)), {"V": "2"}) == ("reg:5000/a:2", "1", "b:3")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("RUN --mount=type=cache,target=/c true", "RUN --mount"),
        ("RUN --network=none true", "RUN --network"),
        ("COPY --chmod=755 a /", "COPY --chmod"),
        ("COPY --link --from=x a /", "COPY --link"),
        ("ADD --checksum=sha256:0 http://x /", "ADD --checksum"),
        ("RUN <<EOF\ntrue\nEOF", "RUN <<EOF"),
        ("COPY <<'x.conf' /etc/\na\nx.conf", "COPY <<x.conf"),
        ("ADD https://github.com/a/b.git /src", "ADD of a git repository"),
        ("FROM --platform=$BUILDPLATFORM a", "FROM --platform=$BUILDPLATFORM"),
        ("FROM --platform=${TARGETPLATFORM} a", "FROM --platform=${TARGETPLATFORM}"),
    ],
)
def test_what_needs_buildkit_is_told_with_its_line(line, said):
    dockerfile = parse(f"FROM a\n\n{line}\n")
    (row,) = syntax.checks(dockerfile, {}, 0)
    assert (row.name, row.status, row.detail) == ("dockerfile", "fail", f"line 3: {said} needs BuildKit")
    assert row.remedy
    (row,) = syntax.checks(dockerfile, {}, 28)
    assert row.status == ("fail" if "git" in said else "ok")
    assert "line 3" in row.detail


def test_what_an_older_buildkit_has_not_is_told_with_the_first_that_has():
    dockerfile = parse("FROM a\nRUN --mount=type=cache,target=/c true\nRUN <<EOF\ntrue\nEOF\n")
    (row,) = syntax.checks(dockerfile, {}, 20)
    assert (row.status, row.detail) == ("fail", "line 3: RUN <<EOF needs BuildKit of Docker 23 or newer")
    (row,) = syntax.checks(dockerfile, {}, 23)
    assert row.detail == "built by BuildKit: RUN --mount in line 2, RUN <<EOF in line 3"
    assert not syntax.by_buildkit(syntax.needs(parse("FROM a\nRUN true\n"), {}), 28)


@pytest.mark.parametrize("kind", ["type=secret,id=hf", "type=ssh"])
def test_what_buildkit_would_ask_its_client_for_is_told(kind):
    (row,) = syntax.checks(parse(f"FROM a\nRUN --mount={kind} true\n"), {}, 28)
    assert row.status == "fail"
    assert row.detail == f"line 2: RUN --mount={kind} needs BuildKit, and a session with it"


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat <<<here", "RUN echo $((1<<2))", "RUN x --mount=1", "COPY --chown=1 a /", "COPY --from=x a /",
        "ADD https://x/a.tar.gz /", "FROM --platform=linux/arm64 a", "ARG TARGETARCH=amd64", "RUN git clone git://x",
    ],
)  # fmt: skip
def test_what_the_classic_builder_knows_is_no_row(line):
    assert list(syntax.checks(parse(f"FROM a\n{line}\n"), {}, 28)) == []


def test_variables_that_only_buildkit_sets():
    dockerfile = parse("FROM a\nARG TARGETARCH\n")
    assert [row.status for docker in (0, 20) for row in syntax.checks(dockerfile, {}, docker)] == ["fail", "ok"]
    assert list(syntax.checks(dockerfile, {"TARGETARCH": "amd64"}, 0)) == []


TOKEN = "hf_abcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"ENV HF_TOKEN={TOKEN} A=1", "line 2: ENV HF_TOKEN"),
        (f"ENV OTHER {TOKEN}", "line 2: ENV OTHER"),
        ("ENV API_KEY geheim", "line 2: ENV API_KEY"),
        ("ARG PASSWORD=geheim", "line 2: ARG PASSWORD"),
        (f"RUN git clone https://me:{TOKEN}@host/x", "line 2: what looks like a secret in RUN"),
        ('RUN curl -H "Authorization: Bearer geheim12" x', "line 2: what looks like a secret in RUN"),
        ("COPY .netrc /root/", "line 2: COPY .netrc"),
        ('COPY ["conf/id_rsa", "/root/"]', 'line 2: COPY ["conf/id_rsa"'),
    ],
)
def test_a_secret_is_told_by_its_line_and_never_said(line, told):
    (row,) = secrets.checks(parse(f"FROM a\n{line}\n"), {})
    assert row.status == "warn"
    assert row.detail.startswith(told)
    assert "geheim" not in row.detail + row.remedy
    assert TOKEN not in row.detail + row.remedy


@pytest.mark.parametrize(
    "line",
    ["ENV TOKENIZERS_PARALLELISM=false", "ENV KEYS_DIR=/etc/keys", "ARG HF_TOKEN", "ENV AUTH_URL=https://x/y",
     "ARG PASSWORD=$OTHER", "RUN login --token $HF_TOKEN", "COPY --from=x .env /", "COPY env.py keys.py /",
     "ENV SSH_AUTH_SOCK=", "ENV PUBLIC_KEY_BITS=4096"],
)  # fmt: skip
def test_what_is_only_called_so_is_no_secret(line):
    assert list(secrets.checks(parse(f"FROM a\n{line}\n"), {})) == []


def test_build_arguments_that_give_a_secret_away():
    dockerfile = parse("FROM a\nARG HF_TOKEN\nARG OTHER=1\nRUN x\n")
    (row,) = secrets.checks(dockerfile, {"HF_TOKEN": "geheim", "OTHER": "2", "NOT_ASKED_KEY": "geheim"})
    assert row.detail.startswith("the build argument HF_TOKEN: ")
    assert "{HF_TOKEN: null}" in row.remedy
    assert secrets.sent(["a/.env", "b.py", "k/server.pem", ".ssh/id_ed25519", "env"]) == (
        "a/.env", "k/server.pem", ".ssh/id_ed25519",
    )  # fmt: skip
