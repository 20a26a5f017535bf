"""What is said of a task that goes on by itself."""

from __future__ import annotations

import sys

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.model.task import Task
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed


def say_begun(task: Task, options: Options) -> int:
    """Its number, and how to follow and to end it."""
    text = printed(listings.tasks([task]), indent=None) if options.json else task.id
    sys.stdout.write(f"{text}\n")
    note(f"{task.title} goes on in the keeper: gpuws tasks log -f {task.id}; gpuws tasks cancel {task.id} ends it")
    return 0
