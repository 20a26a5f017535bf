"""profiles: listed, shown with their origins, checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.cli.completion.names import remember_profiles
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import user_paths
from gpuws.cli.toolkit.tables import render, style
from gpuws.config.imports.told_apart import refuse_file
from gpuws.config.load import Configuration, load_configuration
from gpuws.config.profiles.profiles import ProfileStore, check_file, store_of
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.host.host import LOCAL, Host
from gpuws.model.query.target import unknown_host
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.tables import profiles

if TYPE_CHECKING:
    from gpuws.present.documents.fields.profiles import ProfileDocument, ValueRow


def list_profiles(options: Options) -> int:
    summaries = _store(_configuration(options)).summaries()
    remember_profiles([one.name for one in summaries])
    if options.json:
        return _print([printed(listings.profiles(summaries))])
    return _print(render(profiles.listing(summaries), style()))


def show_profile(options: Options, name: str, host_name: str | None) -> int:
    """Every value of the merged profile and where it was written."""
    refuse_file(name)
    configuration = _configuration(options)
    store = _store(configuration)
    store.find(name)
    values = store.explain(name, _host(configuration, host_name), environ=os.environ)
    if options.json:
        rows: list[ValueRow] = [{"key": one.key, "value": one.value, "source": one.where} for one in values]
        document: ProfileDocument = {"hosts": [], "name": name, "values": rows}
        return _print([printed(document)])
    return _print(render(profiles.values([(one.key, one.value, one.where) for one in values]), style()))


def check_profiles(options: Options, files: Sequence[str]) -> int:
    """All problems of all files; 2 where there is one."""
    configuration = _configuration(options)
    store = _store(configuration)
    known = {name for host in configuration.hosts for name in (host.name, *host.tags)}
    code = 0
    for file in files:
        try:
            for remark in check_file(Path(file).absolute(), store, known, os.environ):
                note(remark)
            _print([f"{file}: ok"])
        except GpuwsError as error:
            note(str(error))
            code = UsageError.exit_code
    return code


def print_schema() -> int:
    from gpuws.config.schema import json_schema

    return _print([printed(json_schema())])


def _configuration(options: Options) -> Configuration:
    return load_configuration(user_paths(options), os.environ, readonly=options.readonly)


def _store(configuration: Configuration) -> ProfileStore:
    return store_of(configuration, os.environ)


def _host(configuration: Configuration, name: str | None) -> Host:
    if name is None:
        return Host(LOCAL)
    for host in configuration.hosts:
        if host.name == name:
            return host
    raise unknown_host(name, [host.name for host in configuration.hosts])


def _print(lines: Sequence[str]) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0
