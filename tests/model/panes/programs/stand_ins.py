"""Screens of programs that were not to be had here, drawn as they are publicly described."""

import sys
import time

WIDTH = 76


def box(*lines):
    rule = "─" * WIDTH
    return [f"╭{rule}╮", *(f"│ {line:<{WIDTH - 2}} │" for line in lines), f"╰{rule}╯"]


def show(lines, cursor=None, hidden=False):
    """`cursor`: lines up from the last one, and the column."""
    sys.stdout.write("\n".join(lines))
    if cursor:
        up, column = cursor
        sys.stdout.write(f"\r\x1b[{up}A\x1b[{column}C" if up else f"\r\x1b[{column}C")
    if hidden:
        sys.stdout.write("\x1b[?25l")
    sys.stdout.flush()
    time.sleep(600)


SCREENS = {
    "sudo": lambda: show(["[sudo] password for ann: "]),
    "wandb": lambda: show(
        [
            "wandb: (1) Create a W&B account",
            "wandb: (2) Use an existing W&B account",
            "wandb: (3) Don't visualize my results",
            "wandb: Enter your choice: ",
        ]
    ),
    "huggingface": lambda: show(
        [
            "    To log in, `huggingface_hub` requires a token generated from https://huggingface.co/settings/tokens .",
            "Enter your token (input will not be visible): ",
            "Add token as git credential? (Y/n) ",
        ]
    ),
    "server": lambda: show(
        [
            "INFO 05-04 10:01:12 [api_server.py:1090] Starting vLLM API server on http://0.0.0.0:8000",
            "INFO:     Application startup complete.",
            'INFO:     10.0.0.7:51234 - "POST /v1/chat/completions HTTP/1.1" 200 OK',
            "INFO 05-04 10:04:12 [loggers.py:116] Engine 000: Avg prompt throughput: 412.3 tokens/s, Running: 18 reqs",
            "",
        ]
    ),
    "agent_a idle": lambda: show(
        [
            *box("✻ Welcome to the agent!", "", "cwd: /home/ann/proj"),
            "",
            "● The tests pass now. The cause was a shape of (B, T) where (T, B) was meant.",
            "",
            *box('> Try "write a test for data.py"'),
            "  ? for shortcuts",
        ],
        cursor=(2, 4),
    ),
    "agent_a works": lambda: show(
        [
            "> run the tests and fix what fails",
            "",
            "● Bash(pytest -q)",
            "  ⎿  Running…",
            "",
            "✻ Pondering… (23s · ↓ 1.2k tokens · esc to interrupt)",
            "",
            *box(">"),
            "  ? for shortcuts",
        ],
        cursor=(2, 4),
    ),
    "agent_a asks": lambda: show(
        [
            "● I'll remove the stale build first.",
            "",
            *box(
                "Bash command",
                "",
                "  rm -rf build",
                "  Remove the build directory",
                "",
                "Do you want to proceed?",
                "❯ 1. Yes",
                "  2. Yes, and don't ask again for rm commands in /home/ann/proj",
                "  3. No, and tell the agent what to do differently (esc)",
            ),
        ],
        hidden=True,
    ),
    "agent_a plan": lambda: show(
        [
            *box("Ready to code?", "", "Here is the plan:", "1. Read data.py", "2. Pad batches to the longest"),
            "",
            "  Would you like to proceed?",
            "",
            "  ❯ 1. Yes, and auto-accept edits",
            "    2. Yes, and manually approve edits",
            "    3. No, keep planning",
            "",
        ],
        hidden=True,
    ),
    "agent_b idle": lambda: show(
        [
            "  >_ An agent (v0.30)",
            "",
            "  model:     large   /model to change",
            "  directory: ~/proj",
            "",
            "› Explain this codebase",
            "",
            "  ⏎ send   ⇧⏎ newline   ⌃C quit   98% context left",
        ],
        cursor=(2, 2),
    ),
    "agent_b works": lambda: show(
        [
            "› make the loader faster",
            "",
            "• Ran rg -n DataLoader",
            "  └ train.py:41: loader = DataLoader(data, num_workers=0)",
            "",
            "• Working (12s • Esc to interrupt)",
            "",
            "› Explain this codebase",
            "",
            "  91% context left · ? for shortcuts",
        ],
        cursor=(2, 2),
    ),
    "agent_b asks": lambda: show(
        [
            "• I want to install the missing package.",
            "",
            "  Allow the command to run?",
            "",
            "  $ pip install einops",
            "",
            "› 1. Yes, proceed (y)",
            "  2. Yes, and don't ask again for this command (a)",
            "  3. No, and tell the agent what to do differently (esc)",
            "",
            "  Press enter to confirm or esc to cancel",
        ],
        hidden=True,
    ),
    "agent_c idle": lambda: show(
        [
            "Agent v0.80.0",
            "Main model: large with diff edit format",
            "Git repo: .git with 41 files",
            "Repo-map: using 4096 tokens, auto refresh",
            "─" * WIDTH,
            "train.py",
            "> ",
        ]
    ),
    "agent_c asks": lambda: show(
        ["I changed the loader.", "", "pytest -q", "Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]: "]
    ),
    "agent_c works": lambda: show(["─" * WIDTH, "> make the loader faster", "", "░█        Waiting for large"], (0, 0)),
}
SCREENS[" ".join(sys.argv[1:])]()
