"""What is run on such a host: AMD's newer tool, else its older one. Each is a Python that starts, so seldom."""

from __future__ import annotations

MARK = "gpuws-amd"
PATIENCE = 30  # seconds that one of them may take

# $1: `first`, which also asks for what does not change. Versions differ in what they take: all figures where the
# choice of some is refused.
SCRIPT = f"""for smi in amd-smi /opt/rocm/bin/amd-smi ''; do command -v "$smi" >/dev/null 2>&1 && break; done
for old in rocm-smi /opt/rocm/bin/rocm-smi ''; do command -v "$old" >/dev/null 2>&1 && break; done
for limit in timeout ''; do command -v "$limit" >/dev/null 2>&1 && break; done
LC_ALL=C; export LC_ALL
ask() {{ nice -n 10 ${{limit:+timeout {PATIENCE}}} "$@" --json 2>/dev/null; }}
if [ -n "$smi" ]; then
  echo "{MARK} tool amd-smi"
  if [ "$1" = first ]; then
    echo "{MARK} list"; ask "$smi" list; echo
    echo "{MARK} static"; ask "$smi" static; echo
  fi
  echo "{MARK} metric"; ask "$smi" metric -u -p -t -m -f || {{ echo; echo "{MARK} metric"; ask "$smi" metric; }}; echo
  echo "{MARK} process"; ask "$smi" process; echo
elif [ -n "$old" ]; then
  echo "{MARK} tool rocm-smi"
  echo "{MARK} cards"
  ask "$old" --showproductname --showuse --showmeminfo vram --showtemp --showpower --showbus --showuniqueid \\
    --showdriverversion --showpids
  echo
fi
echo "{MARK} end"
"""


def argv(*, first: bool) -> list[str]:
    return ["sh", "-c", SCRIPT, "gpuws-probe", "first" if first else "again"]


def parts(said: str) -> dict[str, str]:
    """Mark → what was said behind it; the last of each. `end` is there where all of it ran."""
    found: dict[str, str] = {}
    word, lines = "", list[str]()
    for line in [*said.splitlines(), f"{MARK} "]:
        if line.startswith(f"{MARK} "):
            if word:
                found[word] = "\n".join(lines).strip()
            word, _, rest = line[len(MARK) + 1 :].partition(" ")
            lines = [rest] if rest else []
        else:
            lines.append(line)
    return found
