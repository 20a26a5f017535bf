"""What TAB offers in bash, zsh and fish, and the scripts that ask for it.

The scripts are our own: they evaluate nothing. What is offered is a word of our own grammar, which no shell reads as
anything else, whatever the remembered lists and a lab's shared folders hold; names that are none are left out."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.offers import FILES, FOLDERS
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    import typer

    Commands = Callable[..., typer.Typer]

BREAKS = "_GPUWS_BREAKS"
"""Where bash ends a word for completion: what stands before such a character is not to be repeated."""
_PART = r"\w[\w.+-]*"  # letters of any script: to a shell they are letters
_PARTS = f"{_PART}(?:[/:]+{_PART})*"
WORD = re.compile(rf"(?:\[{_PARTS}\](?:[/:]{_PART})*|{_PARTS})\Z")
OWN = {FILES: ":files", FOLDERS: ":folders"}
"""What the scripts take for "offer yours"; no word of ours begins with a colon."""
OPTION = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9-]*\Z")

BASH = """\
_gpuws() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default 2>/dev/null ;;
            :folders) compopt -o dirnames -o nospace 2>/dev/null ;;
            *) COMPREPLY+=("$line") ;;
        esac
    done < <(
        _GPUWS_COMPLETE=bash _GPUWS_BREAKS="$COMP_WORDBREAKS" command gpuws "${COMP_LINE:0:COMP_POINT}" 2>/dev/null
    )
}
complete -F _gpuws gpuws
"""
ZSH = """\
#compdef gpuws
_gpuws() {
    local line
    local -i at width=0
    local -a offered meanings
    for line in ${(f)"$(_GPUWS_COMPLETE=zsh command gpuws "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)"}; do
        case $line in
            :files) _files; return ;;
            :folders) _files -/; return ;;
        esac
        offered+=("${line%%$'\\t'*}")
        [[ $line == *$'\\t'* ]] && meanings+=("${line#*$'\\t'}")
        (( ${#offered[-1]} > width )) && width=${#offered[-1]}
    done
    if (( $#meanings && $#meanings == $#offered )); then
        for (( at = 1; at <= $#offered; at++ )); do
            meanings[at]="${(r:$width:)offered[at]}  $meanings[at]"
        done
        compadd -l -d meanings -a offered
    else
        compadd -a offered
    fi
}
if [[ $funcstack[1] == _gpuws ]]; then _gpuws "$@"; else compdef _gpuws gpuws; fi
"""
FISH = """\
function __gpuws_offered
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (_GPUWS_COMPLETE=fish command gpuws $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current"
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c gpuws -f -a '(__gpuws_offered)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
LOADING = {
    "bash": (".bashrc", "source ~/.bash_completions/gpuws.sh"),
    "zsh": (".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
}
"""The file of each shell that must load the script, and the line that does; fish needs none."""


def offer(shell: str, words: Sequence[str], commands: Commands) -> int:
    """Print what may stand for the last of `words`, one a line; nothing where anything is wrong.

    A tab and what it means stand behind a word where it is known and the shell shows such. `commands` makes the
    grammar, at least that of the command it is given."""
    try:
        lines = list(_bash(commands, words[0]) if shell == "bash" else _explained(commands, *_parted(words)))
        sys.stdout.write("".join(f"{line}\n" for line in lines if shell in SCRIPTS))
    except Exception:  # noqa: BLE001 - whatever it is, a line of it would be taken for a word
        return 1
    return 0


def my_shell() -> str:
    """The login shell. UsageError where there is no completion for it."""
    name = Path(os.environ.get("SHELL", "")).name
    script_of(name)
    return name


def script_of(shell: str) -> str:
    """What `shell` is to load. UsageError where there is nothing for it."""
    if shell not in SCRIPTS:
        raise UsageError(
            f"no completion for the shell {shell or '(SHELL is not set)'}",
            f"there is one for {', '.join(SCRIPTS)}: SHELL=bash gpuws --install-completion",
        )
    return SCRIPTS[shell]


def install(shell: str) -> list[Path]:
    """Write the script where `shell` looks for it, and the line that loads it where it needs one. The files written."""
    from gpuws.config.files import write_atomically

    home = Path.home()
    fish = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish/completions/gpuws.fish"
    script = {"bash": home / ".bash_completions/gpuws.sh", "zsh": home / ".zfunc/_gpuws", "fish": fish}[shell]
    write_atomically(script, SCRIPTS[shell])
    if shell not in LOADING:
        return [script]
    file, line = home / LOADING[shell][0], LOADING[shell][1]
    text = file.read_text() if file.exists() else ""
    if line in text.splitlines():
        return [script]
    write_atomically(file, f"{text.rstrip()}\n{line}\n".lstrip())
    return [script, file]


def _bash(commands: Commands, line: str) -> Iterator[str]:
    """bash hands over its line as typed, and replaces only what follows the last break of the word."""
    try:
        words = shlex.split(line)
    except ValueError:  # within quotes
        return
    args, current = _parted(words[1:] if not line[-1:].isspace() else [*words[1:], ""])
    breaks = os.environ.get(BREAKS, "")
    begun = max((current.rfind(char) for char in breaks if not char.isspace()), default=-1) + 1
    for word, _ in _offered(commands, args, current):
        if word in OWN.values():
            yield word
        elif word[begun:]:
            yield word[begun:].replace("[", "\\[").replace("]", "\\]")  # it stands there as it is given


def _explained(commands: Commands, args: list[str], current: str) -> Iterator[str]:
    for word, meaning in _offered(commands, args, current):
        yield f"{word}\t{meaning}" if meaning else word


def _parted(words: Sequence[str]) -> tuple[list[str], str]:
    """The last of them without a shell's backslashes, which zsh and fish hand over."""
    return list(words[:-1]), re.sub(r"\\([\[\]])", r"\1", words[-1]) if words else ""


def _offered(commands: Commands, args: list[str], current: str) -> list[tuple[str, str]]:
    """Words, and in a few more what each means; what was given already is not offered again."""
    import typer
    from typer._completion_classes import ZshComplete  # only for what finds out which word stands where

    resolving = ZshComplete(typer.main.get_command(commands(*args[:1])), {}, "gpuws", "")
    found = resolving.get_completions(args, current)
    if own := [OWN[end] for item in found for end in OWN if item.value.endswith(end)]:
        return [(own[0], "")]
    option, equals, _ = current.rpartition("=") if current.startswith("--") else ("", "", "")
    grammar = OPTION if current.startswith("-") and not equals else WORD
    words = ((f"{option}{equals}{item.value}", item.help) for item in found if grammar.match(item.value))
    return [(word, _meaning(text)) for word, text in words if word.startswith(current) and word not in args]


def _meaning(text: str | None) -> str:
    """Our own words for it, on one line."""
    return " ".join((text or "").split())
