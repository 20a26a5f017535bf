"""Records that an engine reads from outside: nothing runs in the workspace for it."""

import io
import json
import tarfile

import pytest

from gpuws.jupyter.outside import environment_of, read_records
from gpuws.model.errors import GpuwsError

PASSWD = b"root:x:0:0::/root:/bin/sh\nwww:x:33:33::/var/www:/bin/sh\nann:x:1000:1000::/home/ann:/bin/bash\nbad\n"


class Reader:
    def __init__(self, data):
        self._data = io.BytesIO(data)

    def read(self, limit=65536):
        return self._data.read(limit)

    def close(self):
        pass


class Files:
    """`there`: path → content; times go up."""

    def __init__(self, there):
        self._there = there
        self.asked = []

    def read(self, workspace_id, directory, names):
        path = f"{directory.decode()}/{names[0].decode()}"
        self.asked.append(path)
        found = {name: data for name, data in self._there.items() if name == path or name.startswith(f"{path}/")}
        if not found:
            raise GpuwsError("no such file")
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for number, (name, data) in enumerate(found.items()):
                entry = tarfile.TarInfo(name.removeprefix(f"{directory.decode()}/"))
                entry.size, entry.mtime = len(data), 1000 + number
                tar.addfile(entry, io.BytesIO(data))
        return Reader(out.getvalue())


def row(port, token):
    return json.dumps({"port": port, "token": token}).encode()


def tokens(there, **environment):
    files = Files({"/etc/passwd": PASSWD, **there})
    return [one.token for one in read_records(files, "id", environment)], files.asked


@pytest.mark.parametrize(
    ("folder", "environment"),
    [
        ("/root/.local/share/jupyter/runtime", {}),
        ("/home/ann/.local/share/jupyter/runtime", {}),
        ("/home/work/.local/share/jupyter/runtime", {"HOME": "/home/work"}),
        ("/run/jup", {"JUPYTER_RUNTIME_DIR": "/run/jup"}),
        ("/data/runtime", {"JUPYTER_DATA_DIR": "/data"}),
        ("/share/jupyter/runtime", {"XDG_DATA_HOME": "/share"}),
    ],
)
def test_records_are_read_where_jupyter_has_them(folder, environment):
    assert tokens({f"{folder}/jpserver-7.json": row(8888, "t")}, **environment)[0] == ["t"]


def test_of_a_port_the_newest_record_counts_and_other_files_do_not():
    folder = "/root/.local/share/jupyter/runtime"
    there = {
        f"{folder}/nbserver-7.json": row(8888, "old"),
        f"{folder}/jpserver-9.json": row(8888, "new"),
        f"{folder}/jpserver-11.json": b"{",
        f"{folder}/kernel-1.json": row(1, "kernel"),
        f"{folder}/jpserver-8.json": row(8890, "other"),
    }
    assert tokens(there)[0] == ["other", "new"]


def test_a_workspace_without_records_or_users_has_no_servers():
    assert read_records(Files({}), "id", {"HOME": "relative"}) == ()


def test_variables_are_as_the_engine_tells_them():
    assert environment_of({"Config": {"Env": ["A=1=2", "B="]}}) == {"A": "1=2", "B": ""}
    assert environment_of({}) == environment_of({"Config": {"Env": None}}) == {}
