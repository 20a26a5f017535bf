"""What one command said on many hosts, as `gpuws exec -H … --json` prints it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.present.answers import summed

if TYPE_CHECKING:
    from gpuws.present.answers import Answer
    from gpuws.present.documents.fields.answers import AnsweredDocument


def answered(argv: Sequence[str], answers: Sequence[Answer]) -> AnsweredDocument:
    return {
        "command": list(argv),
        "status": summed(answers),
        "answers": [
            {
                "host": one.host,
                "status": one.status,
                "stdout": one.stdout.decode("utf-8", "replace"),
                "stderr": one.stderr.decode("utf-8", "replace"),
                "error": one.error or None,
            }
            for one in answers
        ],
    }
