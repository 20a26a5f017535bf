"""What people and editors do over SSH, in containers without an sshd, on both engines, through a restart."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tarfile
import time

import pytest

from tests.e2e.gpuws import configured, users
from tests.e2e.test_ssh import Client

pytestmark = [pytest.mark.lab, pytest.mark.soak]
PROFILE = (
    "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 1g\ncommand: [sleep, infinity]\n"
)
LARGE = 200 << 20
SERVER = """\
#!/bin/sh
# An editor's server: it says its port in a log, and answers whoever comes.
exec python3 -u -c '
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"version of the server")
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
print("Extension host agent listening on", server.server_address[1])
server.serve_forever()'
"""
INSTALL = """\
set -e
echo "3f1c: running"
DIR="$HOME/.vscode-server/bin/3f1c"
mkdir -p "$DIR"
echo "arch==$(uname -m)=="
tar -xzf "$HOME/server.tar.gz" -C "$DIR" --strip-components 1
LOG="$HOME/.vscode-server/.3f1c.log"
if grep -q "Extension host" "/proc/$(cat "$DIR/pid" 2>/dev/null)/cmdline" 2>/dev/null; then
  echo "found running server"
else
  : >"$LOG"
  nohup "$DIR/bin/code-server" --start-server --host=127.0.0.1 --port=0 >"$LOG" 2>&1 </dev/null &
  echo $! >"$DIR/pid"
fi
for _ in $(seq 100); do
  PORT=$(sed -n 's/.*agent listening on //p' "$LOG"); [ -n "$PORT" ] && break; sleep 0.1
done
echo "listeningOn==$PORT=="
echo "3f1c: end"
"""
"""The steps of VS Code's Remote-SSH: a script on the stdin of a shell, an archive that was copied before, a server that
goes on behind, its port on stdout."""


WITH_THEM = 'export LD_LIBRARY_PATH=/tmp/bin/lib PATH="/tmp/bin:$PATH" GIT_EXEC_PATH=/tmp/bin'


HOSTS = ("alpha", "bravo")


@pytest.fixture(scope="module")
def client(lab, tmp_path_factory):
    """A client whose user has just launched a container on each engine."""
    user = configured(tmp_path_factory.mktemp("ada"), (lab.config_dir / "hosts.yaml").read_text(), [("small", PROFILE)])
    launches = [user.popen("launch", "small", "-H", host, "--name", f"ssh-{host}") for host in HOSTS]
    for launch in launches:
        said = launch.communicate(timeout=90)
        assert launch.returncode == 0, said
    client = Client(user)
    client.write()
    yield client
    user.run("rm", "-f", "--yes", *(f"{host}/ssh-{host}" for host in HOSTS))
    while users:
        users.pop().stop_keeper()


@pytest.fixture(params=HOSTS)
def there(request, client):
    """The client, and the name of one of its containers."""
    target = f"{request.param}/ssh-{request.param}"
    return client, f"gpuws.{target.replace('/', '.')}", target


def test_files_go_both_ways_whole(there, tmp_path):
    client, name, _ = there
    here = tmp_path / "large"
    here.write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
    began = time.monotonic()
    client.run(str(here), f"{name}:/tmp/large", program="scp", timeout=120)
    client.run("-b", "-", name, program="sftp", timeout=120, input=f"get /tmp/large {here}.sftp\n".encode())
    took = time.monotonic() - began
    assert subprocess.run(["cmp", here, f"{here}.sftp"], check=False).returncode == 0
    assert took < 100, f"{2 * LARGE / took / 1e6:.0f} MB/s"


def test_rsync_and_git_through_a_restart(there, tmp_path):
    client, name, target = there
    with client.sharing():
        _rsync_and_git(client, name, target, tmp_path)


def _rsync_and_git(client, name, target, here):
    ssh = " ".join(client.words("ssh"))
    bring(client, name, here / "bin", "rsync", "git")
    tree = here / "tree"
    (tree / "sub").mkdir(parents=True)
    for number in range(50):
        (tree / "sub" / f"file {number}").write_bytes(os.urandom(1000))
    (tree / "link").symlink_to("sub")

    def rsync(*words):
        more = ["rsync", "-a", "-i", "--rsync-path=/tmp/bin/rsync", "-e", ssh, *words]
        done = subprocess.run(more, env=client.user.env, check=False, capture_output=True, timeout=60)
        assert done.returncode == 0, done
        return done.stdout

    rsync(f"{tree}/", f"{name}:/tmp/tree/")
    with session(client, name) as old:
        client.user.ok("restart", "--yes", target)
        assert old.wait(30) not in (0, None)  # it ended, and not as if all had been well
    assert rsync(f"{tree}/", f"{name}:/tmp/tree/") == b""  # all is there already
    rsync(f"{name}:/tmp/tree/", f"{tree}.back/")
    assert subprocess.run(["diff", "-r", tree, f"{tree}.back"], check=False).returncode == 0

    def git(*words):
        more = ["git", "-C", str(tree), "-c", "user.name=Ada", "-c", "user.email=ada@lab.example", *words]
        env = {**client.user.env, "GIT_SSH_COMMAND": ssh}
        done = subprocess.run(more, env=env, check=False, capture_output=True, timeout=60, text=True)
        assert done.returncode == 0, done
        return done.stdout.strip()

    client.run(name, "PATH=/tmp/bin:$PATH; git init -q --bare /tmp/model.git")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    git("push", "-q", "--receive-pack=/tmp/bin/git-receive-pack", f"{name}:/tmp/model.git", "main")
    assert client.said(name, "cat /tmp/model.git/refs/heads/main").strip() == git("rev-parse", "main")


def test_an_editors_server_is_installed_and_reached_and_stays(there, tmp_path):
    client, name, target = there
    root = tmp_path / "vscode"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "code-server").write_text(SERVER)
    (root / "bin" / "code-server").chmod(0o755)
    with tarfile.open(f"{root}.tar.gz", "w:gz") as archive:
        archive.add(root, "vscode-server")
    home = client.said(name, 'printf %s "$HOME"')
    client.run(f"{root}.tar.gz", f"{name}:{home}/server.tar.gz", program="scp")
    first = installed(client, name)
    assert "found running server" not in first
    again = installed(client, name)  # what an editor does when it comes back
    assert "found running server" in again
    assert port_of(first) == port_of(again)
    client.user.ok("restart", "--yes", target)
    assert "found running server" not in installed(client, name)


def installed(client, name):
    """What the script says over a connection that forwards as an editor's does; its server is then asked through it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        socks = free.getsockname()[1]
    words = client.words("ssh", "-T", "-D", str(socks), "-o", "ConnectTimeout=30", name, "sh")
    shell = subprocess.Popen(words, env=client.user.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        shell.stdin.write(INSTALL)
        shell.stdin.flush()
        told = "".join(iter_until(shell.stdout, "3f1c: end"))
        assert asked(socks, port_of(told)).endswith(b"version of the server")
    finally:
        shell.communicate(timeout=30)
    return told


def iter_until(lines, last):
    for line in lines:
        yield line
        if line.strip() == last:
            return


def port_of(told):
    return int(re.search(r"listeningOn==(\d+)==", told)[1])


def asked(socks, port):
    """An HTTP answer through the SOCKS proxy that ssh is."""
    with socket.create_connection(("127.0.0.1", socks), timeout=30) as sock:
        sock.sendall(b"\x05\x01\x00")
        assert sock.recv(2) == b"\x05\x00"
        sock.sendall(b"\x05\x01\x00\x01" + socket.inet_aton("127.0.0.1") + port.to_bytes(2, "big"))
        assert sock.recv(10)[1] == 0
        sock.sendall(b"GET /version HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: sock.recv(4096), b""))


@contextlib.contextmanager
def session(client, name):
    """One that is open, and does nothing."""
    words = client.words("ssh", name, "echo in; exec sleep 600")
    process = subprocess.Popen(words, env=client.user.env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        assert process.stdout.readline() == b"in\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def bring(client, name, folder, *programs):
    """Programs of this machine into an image that lacks them, with their libraries."""
    (folder / "lib").mkdir(parents=True)
    for program in programs:
        path = shutil.which(program)
        if path is None:
            pytest.skip(f"there is no {program} here")
        shutil.copy(path, folder / f"{program}.real")
        for library in re.findall(r"=> (/\S+)", subprocess.run(["ldd", path], capture_output=True, text=True).stdout):
            if not re.search(r"/(libc|ld-linux|libpthread|libdl|libm)[.-]", library):
                shutil.copy(library, folder / "lib")
        for called in (program, *(["git-receive-pack"] if program == "git" else [])):
            words = "git.real receive-pack" if called == "git-receive-pack" else f"{program}.real"
            (folder / called).write_text(f'#!/bin/sh\n{WITH_THEM}\nexec /tmp/bin/{words} "$@"\n')
            (folder / called).chmod(0o755)
    client.run("-r", "-p", str(folder), f"{name}:/tmp/bin", program="scp")
