"""What is run where files are read or written: /bin/sh with a tar beside it, nothing else is needed there.

Paths go as octal numbers, since what carries the words of a command takes text only. Messages are asked for in the C
locale, in which tar also leaves the bytes of names as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from gpuws.model.errors import GpuwsError
from gpuws.model.files.files import Kind, Looked, Reading, Road, Seen, Writing

_SAFE = frozenset(b"/._-+=:,@~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_HEAD = r"""
LC_ALL=C; export LC_ALL
path() { p=$(printf '%b_' "$1"); p=${p%_}; }
"""
_SEE = r"""
kind() {
  if [ -L "$1" ] && [ "$2" = own ]; then k=link
  elif [ -d "$1" ]; then k=directory
  elif [ -f "$1" ]; then k=file
  elif [ -e "$1" ]; then k=other
  else k=missing
  fi
}
see() {
  leads= told=
  kind "$1"; [ ! -L "$1" ] || { leads=$k; k=link; }
  [ $k = missing ] || told=$(stat -c '%s %Y' "$1" 2>/dev/null)
  printf '%s\0' "$k" "$leads" "${told% *}" "${told#* }" "$1"
}
"""
# A path that is there is meant as it stands, whatever signs are in it; only one that is not is a pattern.
_LOOK = (
    _HEAD
    + _SEE
    + r"""
base=$1; shift
case $(tar --version 2>/dev/null) in
  *GNU*) t=gnu ;;
  *) t=; command -v tar >/dev/null 2>&1 && t=other ;;
esac
printf '%s\0' "$t"
for word do
  path "$word"
  case $p in
    '~') p=$HOME ;;
    '~/'*) p=$HOME/${p#??} ;;
    /*) ;;
    *) p=${base:-$HOME}/$p ;;
  esac
  typed=$p
  while :; do case $p in
    /) break ;;
    */.) p=${p%?} ;;
    */) p=${p%/} ;;
    *) break ;;
  esac; done
  p=${p:-/}
  case $typed in
    */ | */. | */..) [ ! -d "$p" ] || p=$(cd "$p" && pwd -P) || exit ;;
  esac
  if [ -e "$p" ] || [ -L "$p" ]; then see "$p"; else
    IFS=
    for one in $p; do see "$one"; done
  fi
  printf '\0'
done
"""
)
# `--anchored --no-wildcards`: what is left out is named, not described.
_TREE = (
    _HEAD
    + r"""
path "$2"; cd "$p" || exit
form=$1; shift 2
for word do path "$word"; set -- "$@" "./$p"; shift; done
case $form in
  pax) exec tar -c --format=posix --pax-option=delete=atime,delete=ctime -S --numeric-owner \
    --anchored --no-wildcards -X - -f - -- "$@" ;;
  gnu) exec tar -c --format=gnu --numeric-owner --anchored --no-wildcards -X - -f - -- "$@" ;;
  *) exec tar -c -f - -- "$@" ;;
esac
"""
)
_LISTED = r"""
path "$1"; cd "$p" 2>/dev/null || exit 0
shift
for word do path "$word"; set -- "$@" "./$p"; shift; done
find "$@" -type f -exec stat -c '%h %a %s %Y %n' {} + 2>/dev/null
exit 0
"""
_LIST = _HEAD + _LISTED
# In a directory that all may write into, somebody else may have made what is called like the stage.
_OWN = r"""
own() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }
"""
_ARRIVED = _HEAD + _OWN + 'path "$1"; own "$p" || exit 0' + _LISTED
_SIZE = (
    _HEAD
    + r"""
path "$1"; cd "$p" || exit
shift
for word do path "$word"; set -- "$@" "./$p"; shift; done
du -s -k -- "$@" 2>/dev/null
exit 0
"""
)
_REST = (
    _HEAD
    + r"""
path "$1"; cd "$p" || exit
path "$3"; exec tail -c "+$2" "./$p"
"""
)
_UNPACK = (
    _HEAD
    + _OWN
    + r"""
path "$1"; cd "$p" || exit
umask 077
path "$2"; p=./$p
[ -e "$p" ] || [ -L "$p" ] || { mkdir "$p" && made=1; } || exit
[ -n "$made" ] || own "$p" || { printf '%s\n' "$p is somebody else's: nothing is put into it" >&2; exit 1; }
cd "$p" || exit
case $(tar --version 2>/dev/null) in
  *GNU*) exec tar -x -p -o --warning=no-timestamp --warning=no-unknown-keyword -f - ;;
  *) exec tar -x -p -o -f - ;;
esac
"""
)
_APPEND = (
    _HEAD
    + r"""
path "$1"; cd "$p" || exit
path "$4"; cat >>"./$p" && chmod "$2" "./$p" && touch -m -d "@$3" "./$p"
"""
)
# What a stranger's archive may hold and a copy must not bring: devices, and programs that run as whoever copied them.
_FINISH = (
    _HEAD
    + r"""
path "$1"; cd "$p" || exit
path "$2"; stage=$p
shift 2
find "./$stage" \( -type b -o -type c -o -type p -o -type s \) -exec rm -f {} +
find "./$stage" -type f \( -perm -4000 -o -perm -2000 \) -exec chmod ug-s {} +
move() {
  if [ -d "$1" ] && [ ! -L "$1" ] && [ ! -w "$1" ]; then
    chmod u+w "$1" && mv -f "$1" "$2" && chmod u-w "$2"
  else mv -f "$1" "$2"
  fi
}
fail() { printf '%s\n' "$1" >&2; bad=1; }
put() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then
    if [ -d "$2" ] && { [ -n "$3" ] || [ ! -L "$2" ]; }; then ( merge "$1" "$2" ) || bad=1
    elif [ -e "$2" ] || [ -L "$2" ]; then fail "$2: there is a file of that name, which no directory replaces"
    else move "$1" "$2" || bad=1
    fi
  elif [ -d "$2" ] && [ ! -L "$2" ]; then fail "$2: there is a directory of that name, which no file replaces"
  else
    if [ -L "$2" ] && [ -d "$2" ]; then rm -f "$2" || { bad=1; return; }; fi
    move "$1" "$2" || bad=1
  fi
}
merge() {
  for one in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$one" ] || [ -L "$one" ]; then put "$one" "$2/${one##*/}"; fi
  done
  exit "$bad"
}
bad=0
while [ $# -gt 1 ]; do
  path "$1"; from=./$stage/$p
  path "$2"
  if [ -e "$from" ] || [ -L "$from" ]; then put "$from" "$p" top; fi
  shift 2
done
[ "$bad" = 0 ] || exit 1
chmod -R u+rwx "./$stage" 2>/dev/null
rm -rf "./$stage"
"""
)
_DROP = (
    _HEAD
    + r"""
path "$1"; cd "$p" || exit
path "$2"; [ -d "./$p" ] || exit 0
chmod -R u+rwx "./$p" 2>/dev/null
rm -rf "./$p"
"""
)


def look(paths: Sequence[bytes], base: str = "") -> list[str]:
    """`base`: where relative paths begin, "" at home. What it prints `looked` reads."""
    return _sh(_LOOK, base, *map(escaped, paths))


def looked(output: bytes, status: int | None, label: str, user: str | None = None) -> Looked | None:
    """None: there is no tar to work with."""
    words = output.split(b"\0")
    if status != 0 or len(words) < 2:
        raise GpuwsError(f"{label}: its files can't be looked at: /bin/sh ended with status {status}")
    if not words[0]:
        return None
    rows: list[tuple[Seen, ...]] = []
    row: list[Seen] = []
    rest = words[1:-1]
    while rest:
        if rest[0] == b"":
            rows.append(tuple(row))
            row, rest = [], rest[1:]
        else:
            row.append(_seen(rest[:5]))
            rest = rest[5:]
    return Looked(Road("tar", gnu=words[0] == b"gnu", user=user), tuple(rows))


def _seen(words: Sequence[bytes]) -> Seen:
    kind, leads, size, modified, path = words
    return Seen(
        path,
        _kind(kind) or "other",
        _kind(leads),
        int(size) if size.isdigit() else None,
        int(modified) if modified.isdigit() else None,
    )


def _kind(word: bytes) -> Kind | None:
    text = word.decode("ascii", "replace")
    return next((kind for kind in get_args(Kind) if kind == text), None)


def reading(ask: Reading) -> list[str]:
    directory, names = escaped(ask.directory), [escaped(name) for name in ask.names]
    if ask.kind == "tree":
        form = ("gnu" if ask.plain else "pax") if ask.road.gnu else "other"
        return _sh(_TREE, form, directory, *names)
    if ask.kind == "rest":
        return _sh(_REST, directory, str(ask.offset + 1), *names)
    return _sh(_LIST if ask.kind == "list" else _SIZE, directory, *names)


def writing(ask: Writing) -> list[str]:
    directory, stage, names = escaped(ask.directory), escaped(ask.stage), [escaped(name) for name in ask.names]
    inside = escaped(ask.directory.rstrip(b"/") + b"/" + ask.stage)
    if ask.kind == "tree":
        return _sh(_UNPACK, directory, stage)
    if ask.kind == "list":
        return _sh(_ARRIVED, inside, ".")
    if ask.kind == "append":
        return _sh(_APPEND, inside, f"{ask.mode:o}", str(ask.modified), *names)
    return _sh(_FINISH if ask.kind == "finish" else _DROP, directory, stage, *names)


def left_out(paths: Sequence[bytes]) -> bytes:
    """The input of "tree": what can't be said in a line is not left out."""
    fit = [path for path in paths if b"\n" not in path and path == path.strip()]
    return b"".join(b"./" + path + b"\n" for path in fit)


def escaped(path: bytes) -> str:
    """As printf's %b reads it: three digits, and a zero in front."""
    return "".join(chr(byte) if byte in _SAFE else f"\\0{byte:03o}" for byte in path)


def _sh(script: str, *words: str) -> list[str]:
    return ["/bin/sh", "-c", script, "gpuws", *words]
