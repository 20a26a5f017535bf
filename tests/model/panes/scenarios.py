"""What was recorded, and what a person says of each: written before any rule was.

`mysql`, `R`, `sudo`, `htop` and `nano` were not to be had where it was recorded. A program marked `stand_in` prints
what the real one is publicly described to show; all others are the programs themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`command`: a line of sh in `$HOME`, whose process is the pane's. `keys`: typed by the recorder once `first` is
    shown, `!` in front of those that tmux names. `ready`: on the screen when it is recorded."""

    name: str
    kind: str
    command: str
    ready: str
    keys: tuple[str, ...] = ()
    first: str = ""
    stand_in: bool = False
    size: tuple[int, int] = (100, 30)


def bash(prompt: str) -> str:
    return f"PS1='{prompt}' exec bash --norc -i"


def zsh(prompt: str, right: str = "") -> str:
    return f"PROMPT='{prompt}' RPROMPT='{right}' exec zsh -f -i"


PY = "exec venv/bin/python "
STAND_IN = "exec venv/bin/python stand_ins.py "
SERVER = "http://127.0.0.1:$PORT"
SSH = "exec ssh -F none -p $SSHD -o UserKnownHostsFile="

SHELLS = (
    Scenario("bash, plain", "idle", "exec bash --norc -i", r"bash-\S+[#$]"),
    Scenario(
        "bash, Debian's",
        "idle",
        bash(r"\[\e[32m\]ann@gpu1\[\e[0m\]:\w\$ "),
        r"stand_ins.py[\s\S]*ann@gpu1:~#",
        ("ls", "!Enter"),
        "ann@gpu1",
    ),
    Scenario("bash, two lines", "idle", bash(r"\n┌──(ann㉿gpu1)-[\w]\n└─# "), "└─#"),
    Scenario(
        "bash, powerline",
        "idle",
        bash("\\[\\e[44m\\] ann \\[\\e[34;42m\\]\\[\\e[30m\\] \\w \\[\\e[0;32m\\]\\[\\e[0m\\] "),
        "",
    ),
    Scenario(
        "bash, starship, half a line typed",
        "idle",
        bash(r"\n\w via 🐍 v3.11 (train) took 2s\n❯ "),
        "python tra",
        ("python tra",),
        "❯",
    ),
    Scenario("bash, conda, half a line typed", "idle", bash(r"(base) ann@gpu1:\w$ "), "git sta", ("git sta",), "base"),
    Scenario("bash, status of the last command", "idle", bash(r"[$?] \w » "), r"\[1\]", ("false", "!Enter"), "»"),
    Scenario(
        "bash, a traceback and the prompt again",
        "idle",
        bash(r"ann@gpu1:\w$ "),
        r"OutOfMemory[\s\S]*ann@gpu1:~\$",
        ("venv/bin/python oom.py", "!Enter"),
        "ann@gpu1",
    ),
    Scenario(
        "bash, a training that came to its end",
        "idle",
        bash(r"ann@gpu1:\w$ "),
        r"saved to[\s\S]*ann@gpu1:~\$",
        ("venv/bin/python bars.py done", "!Enter"),
        "ann@gpu1",
    ),
    Scenario("bash, cleared", "idle", bash(r"ann@gpu1:\w$ "), r"^ann@gpu1:~\$\s*$", ("clear", "!Enter"), "ann@gpu1"),
    Scenario("zsh, plain", "idle", "exec zsh -f -i", r"gpu1#"),
    Scenario(
        "zsh, robbyrussell", "idle", zsh("%F{green}➜  %F{cyan}%~ %F{blue}git:(%F{red}main%F{blue}) %F{yellow}✗%f "), "✗"
    ),
    Scenario(
        "zsh, powerlevel10k, time at the right",
        "idle",
        zsh("%F{blue}╭─ %~ %F{green} main%f\n%F{8}╰─%F{green}❯%f ", "%T"),
        "╰─❯",
    ),
    Scenario(
        "zsh, pure, half a line typed",
        "idle",
        zsh("\n%F{blue}%~%f main\n%F{magenta}❯%f "),
        "torchrun",
        ("torchrun --nproc",),
        "❯",
    ),
    Scenario("fish", "idle", "exec fish --private", r"gpu1 ~#"),
    Scenario("dash", "idle", "PS1='# ' exec dash -i", r"^#"),
    Scenario("bash on another host", "idle", SSH + "known -i key root@127.0.0.1 -t bash --norc -i", r"bash-\S+[#$]"),
    Scenario(
        "bash offers to complete", "waiting", bash(r"ann@gpu1:\w$ "), "possibilities", ("!Tab", "!Tab"), "ann@gpu1"
    ),
)

REPLS = (
    Scenario("python", "waiting", PY + "-q", ">>>"),
    Scenario("python, within a block", "waiting", PY + "-q", r"\n\.\.\.", ("for i in range(3):", "!Enter"), ">>>"),
    Scenario(
        "ipython",
        "waiting",
        PY + "-m IPython --no-banner --no-confirm-exit",
        r"In \[2\]",
        ("2+2", "!Enter"),
        r"In \[1\]",
    ),
    Scenario("jupyter console", "waiting", PY + "-m jupyter_console --kernel python3", r"In \[1\]"),
    Scenario("pdb", "waiting", PY + "-m pdb oom.py", r"\(Pdb\)"),
    Scenario("ipdb", "waiting", PY + "-m ipdb oom.py", r"ipdb>"),
    Scenario("breakpoint within a training", "waiting", PY + "bars.py breakpoint", r"\(Pdb\)"),
    Scenario("node", "waiting", "exec node", r"\n>"),
    Scenario("psql", "waiting", "exec psql -h $HOME/pg -U postgres postgres", r"postgres=#"),
    Scenario(
        "psql, within a statement",
        "waiting",
        "exec psql -h $HOME/pg -U postgres postgres",
        r"postgres-#",
        ("select 1", "!Enter"),
        "postgres=#",
    ),
    Scenario("sqlite3", "waiting", "exec sqlite3", "sqlite>"),
    Scenario("gdb", "waiting", "exec gdb -q", r"\(gdb\)"),
    Scenario("jshell", "waiting", "exec jshell", "jshell>"),
)

QUESTIONS = (
    Scenario("pip uninstall", "waiting", PY + "-m pip uninstall tqdm", r"Proceed"),
    Scenario("apt", "waiting", "exec apt-get -o Debug::NoLocking=1 remove bc", r"continue\?"),
    Scenario("rm", "waiting", "exec rm -i oom.py bars.py", r"remove"),
    Scenario("ssh asks about a new host", "waiting", SSH + "unknown root@127.0.0.1", "fingerprint"),
    Scenario(
        "ssh asks for a password", "waiting", SSH + "known -o PubkeyAuthentication=no root@127.0.0.1", "password:"
    ),
    Scenario("su", "waiting", "exec setpriv --reuid 65534 --regid 65534 --clear-groups su root", "Password:"),
    Scenario("sudo", "waiting", STAND_IN + "sudo", "password for", stand_in=True),
    Scenario("ssh-keygen", "waiting", "exec ssh-keygen -t ed25519", "Enter file"),
    Scenario(
        "git commit in vim",
        "waiting",
        "cd repo && exec env GIT_EDITOR='vim -u NONE' git commit --allow-empty",
        "Please enter the commit",
    ),
    Scenario("git add -p", "waiting", "cd repo && exec git add -p", "Stage this hunk"),
    Scenario("npm init", "waiting", "exec npm init", "package name"),
    Scenario("a script of bash asks", "waiting", "exec bash ask.sh", "Overwrite"),
    Scenario("click.confirm", "waiting", PY + "ask.py click", r"\[y/N\]"),
    Scenario("a menu of questionary", "waiting", PY + "ask.py questionary", "Which GPU"),
    Scenario("wandb", "waiting", STAND_IN + "wandb", "Enter your choice", stand_in=True),
    Scenario("huggingface-cli login", "waiting", STAND_IN + "huggingface", "git credential", stand_in=True),
    Scenario("press a key", "waiting", "exec bash key.sh", "any key"),
)

WHOLE = (
    Scenario("less", "waiting", "exec less long.txt", "line 10"),
    Scenario("less, at its end", "waiting", "exec less long.txt", "END", ("G",), "line 10"),
    Scenario("man", "waiting", "exec man ls", "Manual page"),
    Scenario("git log", "waiting", "cd repo && exec git -c core.pager=less log -p", "commit"),
    Scenario("more", "waiting", "exec more long.txt", "--More--"),
    Scenario("vim", "waiting", "exec vim -u NONE oom.py", "oom.py"),
    Scenario("vim, inserting", "waiting", "exec vim -u NONE -N -c 'set showmode' oom.py", "INSERT", ("i",), "train"),
    Scenario("top", "running", "exec top -d 1", "load average"),
    Scenario("watch", "running", "exec watch -n 1 date", "Every 1"),
)

RUNNING = (
    Scenario("tail -f", "running", "exec tail -f long.txt", "line 400"),
    Scenario(
        "sleep from a prompt", "running", bash(r"ann@gpu1:\w$ "), r"sleep 600\n", ("sleep 600", "!Enter"), "ann@gpu1"
    ),
    Scenario("a log of losses", "running", PY + "log.py loss", "loss"),
    Scenario("a server's log", "running", STAND_IN + "server", "throughput", stand_in=True),
    Scenario("make", "running", "exec make -C made", "cc -c"),
    Scenario("a script of bash", "running", "exec bash work.sh", "shard 3"),
    Scenario("a program that says nothing", "running", PY + "-c 'import time; time.sleep(600)'", ""),
    Scenario("a program that waits within a line", "running", PY + "log.py half", r"Loading model"),
)

PROGRESS = (
    Scenario("tqdm", "progress", PY + "bars.py one", r"[1-9]%"),
    Scenario("tqdm, one within the other", "progress", PY + "bars.py two", r"batch: +[1-9]"),
    Scenario("tqdm without a total", "progress", PY + "bars.py open", r"[2-9]it "),
    Scenario("tqdm between lines of a log", "progress", PY + "bars.py log", r"'loss'[\s\S]*[1-9]%"),
    Scenario("tqdm as Lightning has it", "progress", PY + "bars.py lightning", r"v_num"),
    Scenario(
        "tqdm from a prompt of bash",
        "progress",
        bash(r"ann@gpu1:\w$ "),
        r"[1-9]%",
        ("venv/bin/python bars.py one", "!Enter"),
        "ann@gpu1",
    ),
    Scenario("rich", "progress", PY + "bars.py rich", r"[1-9]%"),
    Scenario(
        "pip",
        "progress",
        PY + f"-m pip download --progress-bar on --no-deps --no-cache-dir --index-url {SERVER}/simple -d got slow",
        r"MB/s|eta",
    ),
    Scenario("wget", "progress", f"exec wget -O /dev/null {SERVER}/slow.bin", r"[1-9]%"),
    Scenario("curl", "progress", f"exec curl -o /dev/null {SERVER}/slow.bin", r"\n +[1-9]"),
    Scenario("cmake and make", "progress", "cmake -S cm -B cmb >/dev/null && exec make -C cmb", r"\[ *[1-9]\d*%\]"),
    Scenario("ninja", "progress", "cmake -G Ninja -S cm -B cmn >/dev/null && exec ninja -C cmn", r"\[[1-9]/"),
    Scenario(
        "git clone",
        "progress",
        "GIT_SSH_VARIANT=simple GIT_SSH_COMMAND=$HOME/slowly exec git clone x:$HOME/big got2",
        r"Receiving objects: +[1-9]",
    ),
    Scenario("a PyTorch example's log", "progress", PY + "log.py imagenet", r"Epoch: \[3\]"),
    Scenario("a log of epochs", "progress", PY + "log.py epochs", r"Epoch 4/90"),
)

ENDED = (
    Scenario("ended well", "ended", "echo done", "dead"),
    Scenario("ended by an exception", "ended", PY + "oom.py", "dead"),
    Scenario("ended by a signal", "ended", "kill -9 $$", "dead"),
)

AGENTS = (
    Scenario("agent A waits for a task", "waiting", STAND_IN + "agent_a idle", "Try", stand_in=True),
    Scenario("agent A works", "running", STAND_IN + "agent_a works", "esc to interrupt", stand_in=True),
    Scenario("agent A asks to run a command", "waiting", STAND_IN + "agent_a asks", "Do you want", stand_in=True),
    Scenario("agent A asks about a plan", "waiting", STAND_IN + "agent_a plan", "proceed", stand_in=True),
    Scenario("agent B waits for a task", "waiting", STAND_IN + "agent_b idle", "send", stand_in=True),
    Scenario("agent B works", "running", STAND_IN + "agent_b works", "interrupt", stand_in=True),
    Scenario("agent B asks to run a command", "waiting", STAND_IN + "agent_b asks", "Allow", stand_in=True),
    Scenario("agent C waits for a task", "waiting", STAND_IN + "agent_c idle", ">", stand_in=True),
    Scenario("agent C asks to run a command", "waiting", STAND_IN + "agent_c asks", "Yes", stand_in=True),
    Scenario("agent C works", "running", STAND_IN + "agent_c works", "Waiting for", stand_in=True),
)

SCENARIOS = (*SHELLS, *REPLS, *QUESTIONS, *WHOLE, *RUNNING, *PROGRESS, *ENDED, *AGENTS)
