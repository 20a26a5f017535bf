"""Advice for keys that nobody knows here: each row is what to do, and the words that ask for it; how a word is written
(`shm-size`, `shmSize`) makes no difference. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.config.yaml.problems import plainly

Rows = tuple[tuple[str, str], ...]


def by_word(rows: Rows) -> Mapping[str, str]:
    return {plainly(word): advice for advice, words in rows for word in words.split()}
