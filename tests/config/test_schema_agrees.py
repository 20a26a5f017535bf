"""What an editor underlines by the schema is what gpuws refuses."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from hypothesis import example, given

from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.schema import json_schema
from gpuws.config.yaml.problems import ConfigProblems
from tests.config.broken import broken, plain, written
from tests.config.json_schema import accepts

SCHEMA = json.loads(json.dumps(json_schema()))
# Rules that no schema can say: several keys, the base profile, arithmetic, other languages.
BEYOND = re.compile(
    "there is no profile|goes in a circle|expected image or build|expected context or|expected either dockerfile"
    "|hard is missing|soft is missing|limit is missing|soft limit is above|at least mem_limit|stands twice"
    "|source is missing|has no source|is neither a path|leads out of my home|means my own home"
    "|not a regular expression|expected a command line|expected an IP address|expected a size such"
    "|expected a number above 0|expected a duration of at least|the list names no GPU|is the other container's"
    r"|only a list can be appended|maps merge without|expected \$\{name\}"
)


def problems_of(data):
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "base.yaml").write_text("image: i\nbuild: {context: .}\nvolumes: ['/base:/base']")
        path = Path(directory) / "p.yaml"
        path.write_text(written(data), "utf-8")
        try:
            ProfileStore([Path(directory)]).check(path)
        except ConfigProblems as error:
            return [str(problem) for problem in error.problems]
    return []


@given(broken())
@example({"image": "i", "gpus": {"policy": "pack"}})
def test_the_schema_and_gpuws_agree(data):
    data = plain(data)
    if not data.keys() & {"image", "build", "extends"}:
        data["extends"] = "base"
    found = problems_of(data)
    if accepts(SCHEMA, data):
        assert [problem for problem in found if not BEYOND.search(problem)] == []
    else:
        assert found
