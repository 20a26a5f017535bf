"""Which servers there are, by what the search program tells; its lines as they come from hosts and containers."""

import json

import pytest

from gpuws.jupyter.records import hub_of, is_server, record, search_of
from gpuws.jupyter.script import MARK
from gpuws.model.session.notebook import JupyterServer

ANY, LOOPBACK, IPV6_LOOPBACK, BRIDGE = "00000000", "0100007F", "00000000000000000000000001000000", "050011AC"
LAB = "/usr/bin/python3 /usr/local/bin/jupyter-lab --ip=0.0.0.0"
HUB = {"JUPYTERHUB_API_URL": "http://10.0.0.2:8081/hub/api", "JUPYTERHUB_SERVICE_PREFIX": "/user/ann/"}


def written(**fields):
    """A record as jupyter_server 2 writes it."""
    return {
        "base_url": "/", "hostname": "localhost", "password": False, "pid": 7, "port": 8888, "root_dir": "/work",
        "secure": False, "sock": "", "token": "t", "url": "http://localhost:8888/", "version": "2.21.1", **fields,
    }  # fmt: skip


def process(pid=7, *, argv=LAB, user=1000, listens=((ANY, 8888),), seen=True, environment=()):
    """The lines of a process, and those of what listens; `seen`: its sockets may be looked at."""
    lines = [f"P {pid} {user} {int(seen)} " + "\x1f".join(argv.split())]
    lines += [f"E {item}" for item in environment]
    inodes = [f"{pid}{number}" for number, _ in enumerate(listens)]
    lines += [f"S {' '.join(inodes)} "] if seen else []
    told = zip(listens, inodes, strict=True)
    return lines, [f"L {address} {port:04X} {inode}" for (address, port), inode in told]


def search(*processes, records=(), more=()):
    lines = [line for told, _ in processes for line in told]
    lines += [f"R {pid} {json.dumps(row)}" for pid, row in records]
    lines += [line for _, told in processes for line in told]
    return search_of("noise of a start file\n" + "\n".join([MARK, *lines, *more]) + "\n")


def one(*processes, records=(), more=()):
    (server,) = search(*processes, records=records, more=more).servers
    return server


def test_a_record_whose_process_listens_where_it_says_is_a_server():
    assert one(process(), records=[(7, written())]) == JupyterServer(8888, "/", "t", "/work", 7)


@pytest.mark.parametrize(
    ("running", "what"),
    [
        (None, "its process is gone"),
        (process(argv="/usr/bin/python3 train.py", listens=()), "another program has its number"),
        (process(listens=((ANY, 9999),)), "another server has its number"),
        (process(argv="sshd: ann", seen=False, listens=()), "another program has it, and may not be looked at"),
    ],
)
def test_a_record_that_outlived_its_server_is_none(running, what):
    found = search(*([running] if running else []), records=[(7, written())]).servers
    assert [server for server in found if server.recorded] == [], what


def test_a_record_counts_where_the_sockets_of_a_server_can_not_be_seen():
    found = search(process(seen=False, listens=()), records=[(7, written())])
    assert [server.token for server in found.servers] == ["t"]
    assert found.unseen == {"1000"}


def test_the_same_number_in_two_folders_is_the_one_that_listens():
    assert one(process(), records=[(7, written(port=8889, token="old")), (7, written(token="new"))]).token == "new"


def test_where_there_is_no_proc_a_signal_tells_that_it_lives():
    assert one(records=[(7, written())], more=["K 7"]).port == 8888


@pytest.mark.parametrize(
    ("listens", "address"),
    [
        ([(ANY, 8888)], ""),
        ([("0" * 32, 8888)], ""),
        ([(LOOPBACK, 8888), (IPV6_LOOPBACK, 8888)], ""),
        ([(IPV6_LOOPBACK, 8888)], "::1"),
        ([(BRIDGE, 8888)], "172.17.0.5"),
        ([(BRIDGE, 8888), (LOOPBACK, 8888)], ""),
    ],
)
def test_where_alone_it_listens_is_what_its_sockets_say(listens, address):
    assert one(process(listens=listens), records=[(7, written(hostname="10.9.9.9"))]).address == address


def test_where_alone_it_listens_is_what_its_record_says_where_sockets_can_not_be_seen():
    hidden = process(seen=False, listens=())
    for hostname, address in (("::1", "::1"), ("10.0.0.5", "10.0.0.5"), ("0.0.0.0", ""), ("node7", ""), ("*", "")):
        assert one(hidden, records=[(7, written(hostname=hostname))]).address == address


def test_a_server_without_a_record_is_known_by_its_process():
    argv = f"{LAB} --ServerApp.base_url=user/ann --port=8890"
    found = one(process(argv=argv, listens=((ANY, 4000), (LOOPBACK, 8890))))
    assert (found.port, found.base_url, found.token, found.recorded, found.pid) == (8890, "/user/ann/", "", False, 7)
    assert one(process(listens=((BRIDGE, 4000),))).address == "172.17.0.5"
    assert search(process(listens=())).servers == ()  # it does not listen yet


def test_a_record_without_its_port_is_completed_by_what_its_process_has():
    """As notebook 6.5.7 writes it with --port=0; it listens at a port of its own for each address."""
    classic = {
        "base_url": "/", "hostname": "localhost", "notebook_dir": "/home/ann", "password": False, "pid": 7, "port": 0,
        "secure": False, "sock": "", "token": "6dd9", "url": "http://localhost:0/",
    }  # fmt: skip
    argv = "/opt/conda/bin/python3.9 /opt/conda/bin/jupyter-notebook --no-browser --port=0"
    there = process(argv=argv, listens=((IPV6_LOOPBACK, 41000), (LOOPBACK, 40611)))
    assert one(there, records=[(7, classic)]) == JupyterServer(40611, "/", "6dd9", "/home/ann", 7)
    for unknown in (process(argv=argv, listens=()), process(argv=argv, seen=False, listens=())):
        assert search(unknown, records=[(7, classic)]).servers == ()
    assert search(process(argv="python train.py"), records=[(7, {**classic, "port": 0, "sock": "bad"})]).servers == ()
    assert record(json.dumps(classic)) is None


def test_several_servers_of_one_place_are_all_told():
    found = search(process(), process(8, listens=((ANY, 8889),)), records=[(7, written()), (8, written(port=8889))])
    assert [server.port for server in found.servers] == [8888, 8889]


def test_a_unix_socket_takes_the_place_of_a_port():
    found = one(process(listens=()), records=[(7, written(sock="/run/ann/jup.sock", port=8888))])
    assert (found.socket, found.port) == ("/run/ann/jup.sock", 0)
    for bad in ("relative", "/a\nb", 7):
        assert record(json.dumps(written(sock=bad, port=0))) is None


def test_what_records_of_all_ages_say():
    classic = {
        "base_url": "/", "hostname": "localhost", "notebook_dir": "/home/ann", "password": True, "pid": 7,
        "port": 8888, "secure": True, "sock": "", "token": "", "url": "https://localhost:8888/",
    }  # fmt: skip
    found = record(json.dumps(classic))
    assert found is not None
    assert (found.root_dir, found.secure, found.password, found.token) == ("/home/ann", True, True, "")
    assert record('{"port": 8888}') == JupyterServer(8888)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"port": 1, "base_url": "/a b/"}', '{"port": 99999}'])
def test_records_that_make_no_sense_are_none(text):
    assert record(text) is None


@pytest.mark.parametrize("token", ["a b", "x\n", 7, "ü", "x" * 501])
def test_a_token_that_can_be_no_header_is_none(token):
    found = record(json.dumps(written(token=token)))
    assert found is not None
    assert found.token == ""


@pytest.mark.parametrize(
    "argv",
    [
        "/opt/conda/bin/python /opt/conda/bin/jupyter-lab --port 8888",
        "/usr/bin/python3 /home/ann/.local/bin/jupyter-notebook",
        "python -m jupyterlab",
        "python3 -m jupyter_server --port=1",
        "/usr/bin/python3 /usr/bin/jupyter lab",
        "/usr/bin/python3 /usr/local/bin/jupyterhub-singleuser --ip=0.0.0.0",
        "/usr/bin/python3 -Es /usr/bin/jupyter-notebook",
        "jupyter-lab",
    ],
)
def test_servers_are_known_by_their_command_line(argv):
    assert is_server(argv.split())


@pytest.mark.parametrize(
    "argv",
    [
        "python -m ipykernel_launcher -f /home/ann/.local/share/jupyter/runtime/kernel-1.json",
        "vim jupyter-lab.md",
        "tail -f jupyter.log",
        "sh -c jupyter-lab",
        "sudo -u bob jupyter-lab",
        "python train.py jupyter-lab",
        "",
    ],
)
def test_what_only_speaks_of_servers_is_none(argv):
    assert not is_server(argv.split())


def test_a_server_of_a_hub_has_the_address_at_which_people_log_in():
    assert one(process(environment=[f"{k}={v}" for k, v in HUB.items()]), records=[(7, written())]).hub == (
        "http://10.0.0.2:8081/user/ann/"
    )
    assert hub_of({**HUB, "JUPYTERHUB_HOST": "https://hub.lab"}) == "https://hub.lab/user/ann/"
    assert hub_of({**HUB, "JUPYTERHUB_PUBLIC_URL": "https://h.lab/x/"}) == "https://h.lab/x/"
    assert hub_of({}) is None
    assert hub_of({"JUPYTERHUB_API_URL": "javascript:x"}) is None


@pytest.mark.parametrize(
    "line", ["P", "P x 1 1 a", "P 7", "L 1", "L ZZ 22B8 5", "L 0100007F XX 5", "S 1", "E A=B", "R 7", "?"]
)
def test_lines_that_make_no_sense_tell_nothing(line):
    assert search_of(f"{MARK}\n{line}\n").servers == ()
