"""What the panes of the demo's sessions show."""

from __future__ import annotations

from functools import cache

from gpuws.fleet.demo.shell import SHELLS, Where
from gpuws.model.session.judging import judged
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.session import Session
from gpuws.model.session.state import SessionState
from gpuws.model.text import ESCAPES

BOLD, GREEN, BLUE, OFF = "\x1b[1m", "\x1b[32m", "\x1b[34m", "\x1b[0m"
STEPS = 24_000
COLUMNS, ROWS = 80, 24
SHOWN: dict[str, tuple[str, ...]] = {
    "rsync": (
        "sending incremental file list",
        "imagenet/train/shard-0411.tar",
        "  1,204,224,000  71%  112.40MB/s    0:00:04",
    ),
    "vim": ("# Notes", "", "- warmup 500 steps is enough", "- lr 3e-4 diverges after 2k", *["~"] * 18, "notes.md"),
    "nvim": ("import torch", "", "", "def main() -> None:", *["~"] * 18, "train.py"),
    "latexmk": (
        "Latexmk: All targets (paper.pdf) are up-to-date",
        "=== Watching for updated files. Use ctrl/C to stop.",
    ),
    "neomutt": ("   1 N   ci@lab       GPU report of this week", *[""] * 21, "---NeoMutt: INBOX [Msgs:1 New:1]---"),
    "vllm": (
        f"{GREEN}INFO{OFF}:     Application startup complete.",
        f"{GREEN}INFO{OFF}: Avg prompt throughput: 412.3 tokens/s, generation: 1830.1 tokens/s",
    ),
}
FULL = frozenset({"vim", "nvim", "neomutt"})
"""Those that draw the whole screen."""


@cache
def state_of(command: str | None) -> SessionState:
    """What a session that runs this is doing."""
    return judged(_shown(command or "bash", "$ ", "$", colours=False, lines=ROWS))


def shown(session: Session, where: Where, *, colours: bool, lines: int) -> PaneScreen:
    """As a real pane would be read; it stands still."""
    prompt = f"{BOLD}{GREEN}{where.user}@{where.hostname}{OFF}:{BOLD}{BLUE}{where.directory}{OFF}$"
    return _shown(session.command or "bash", where.prompt, prompt, colours=colours, lines=lines)


def _shown(command: str, plain_prompt: str, prompt: str, *, colours: bool, lines: int) -> PaneScreen:
    if command in SHELLS:
        text: tuple[str, ...] = (f"{prompt} ls", "checkpoints  config  train.py  runs", prompt)
        cursor = (2, len(plain_prompt))
    else:
        text = SHOWN.get(command) or _training()
        cursor = (len(text) - 1, len(text[-1])) if command not in FULL else (0, 0)
    text, above = text[-lines:], max(len(text) - lines, 0)
    return PaneScreen(
        lines=text if colours else tuple(ESCAPES.sub("", line) for line in text),
        cursor=(cursor[0] - above, cursor[1]) if cursor[0] >= above else None,
        alternate=command in FULL,
        command=command,
        pane="%0",
        columns=COLUMNS,
        rows=ROWS,
    )


def _training() -> tuple[str, ...]:
    """The log of a training, and its bar."""
    steps = (f"step {step:,}  loss {2.4 / (1 + step * 0.00002):.4f}  lr 3.0e-04" for step in range(18_000, 18_500, 100))
    return (*steps, f" 77%|███████▋  | 18,438/{STEPS:,} [1:12:09<21:46,  4.26it/s, loss=1.75]")
