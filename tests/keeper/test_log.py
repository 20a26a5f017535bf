import logging

import pytest

from gpuws.keeper import log


@pytest.fixture
def logger():
    root = logging.getLogger("gpuws")
    before = root.handlers, root.propagate
    yield logging.getLogger("gpuws.fleet.some")
    root.handlers, root.propagate = before


def test_a_fault_goes_to_a_private_file_that_is_made_only_then(tmp_path, logger, capfd):
    log.log_to(tmp_path / "state" / "gpuws.log")
    logger.info("not worth a line")
    assert not (tmp_path / "state").exists()
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError:
        logger.exception("it broke")
    file = tmp_path / "state" / "gpuws.log"
    assert "it broke" in file.read_text()
    assert "ZeroDivisionError: oops" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert capfd.readouterr() == ("", "")


def test_it_stays_small(tmp_path, logger, monkeypatch):
    monkeypatch.setattr(log, "LARGEST", 10)
    for _ in range(2):
        log.log_to(tmp_path / "gpuws.log")
        logger.error("more than ten bytes")
    assert (tmp_path / "gpuws.log").read_text().count("more") == 1
    assert (tmp_path / "gpuws.log.old").read_text().count("more") == 1


@pytest.mark.parametrize("directory", [None, "file/below"])
def test_where_nothing_can_be_written_nothing_is_said(tmp_path, logger, capfd, directory):
    (tmp_path / "file").write_text("")
    log.log_to(tmp_path / directory / "gpuws.log" if directory else None)
    logger.error("nobody hears")
    assert capfd.readouterr() == ("", "")


def test_no_secret_reaches_it(tmp_path, logger):
    log.log_to(tmp_path / "gpuws.log")
    logger.error("GET http://127.0.0.1:8888/api?token=abcdef failed with %s", "HF_TOKEN=xyz")
    told = (tmp_path / "gpuws.log").read_text()
    assert "failed with HF_TOKEN=***" in told
    assert "abcdef" not in told
