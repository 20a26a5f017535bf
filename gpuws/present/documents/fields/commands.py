"""Which command prints which document with `--json`."""

from __future__ import annotations

from gpuws.present.documents.fields.answers import AnsweredDocument, CopiedDocument
from gpuws.present.documents.fields.disks import DisksDocument, VolumesDocument
from gpuws.present.documents.fields.done import (
    ImagesDoneDocument,
    TasksDoneDocument,
    TunnelsDoneDocument,
    VolumesDoneDocument,
    WaitsDoneDocument,
)
from gpuws.present.documents.fields.gpus import GpusDocument, UsersDocument
from gpuws.present.documents.fields.hosts import InventoryDocument, RanDocument
from gpuws.present.documents.fields.images import BuildsDocument, ComparisonDocument, ImagesDocument, PrunedDocument
from gpuws.present.documents.fields.keeper import KeeperDocument, PathsDocument
from gpuws.present.documents.fields.kernels import ActedKernelsDocument, KernelsDocument
from gpuws.present.documents.fields.launch import CheckupDocument, LaunchDocument, VerificationRow
from gpuws.present.documents.fields.load import LoadDocument
from gpuws.present.documents.fields.notices import NoticesDocument, TriedDocument
from gpuws.present.documents.fields.profiles import ImportedDocument, ProfileDocument, ProfilesDocument
from gpuws.present.documents.fields.report import ReportDocument
from gpuws.present.documents.fields.sessions import ActedSessionsDocument, SessionsDocument
from gpuws.present.documents.fields.tasks import TasksDocument
from gpuws.present.documents.fields.tunnels import ListeningDocument, NotebookDocument, TunnelsDocument
from gpuws.present.documents.fields.waits import FreeDocument, WaitsDocument
from gpuws.present.documents.fields.workspaces import ActedDocument, ContainersDocument, DriftDocument

DOCUMENTS = {
    "gpus": GpusDocument, "top": GpusDocument, "gpus --by user": UsersDocument, "ps": ContainersDocument,
    "ls": ContainersDocument, "tmux": SessionsDocument, "tmux ls": SessionsDocument, "launch": LaunchDocument,
    "run": LaunchDocument, "clone": LaunchDocument, "wait": FreeDocument, "waits": WaitsDocument,
    "wait --gpus 2 --launch base --detach": WaitsDocument, "wait --gpus 2 --dry-run": WaitsDocument,
    "verify": VerificationRow, "exec": AnsweredDocument, "cp": CopiedDocument,
    "notify ls": NoticesDocument, "notify test": TriedDocument,
    "tasks": TasksDocument, "tasks ls": TasksDocument, "tasks retry": TasksDocument,
    "waits ls": WaitsDocument, "jupyter": NotebookDocument, "tunnel": TunnelsDocument, "tunnels": TunnelsDocument,
    "kernels": KernelsDocument, "kernels ls": KernelsDocument,
    **dict.fromkeys(("kernels interrupt", "kernels restart", "kernels shutdown"), ActedKernelsDocument),
    "tunnels ls": TunnelsDocument, "ports": ListeningDocument, "doctor": CheckupDocument,
    "images": ImagesDocument, "images ls": ImagesDocument,
    "images check": ComparisonDocument, "images prune": PrunedDocument, "images build": BuildsDocument,
    "profiles": ProfilesDocument, "profiles ls": ProfilesDocument, "profiles show": ProfileDocument,
    "profiles import": ImportedDocument,
    **dict.fromkeys(
        ("start", "stop", "restart", "kill", "pause", "unpause", "rename", "rm", "prune", "recreate"), ActedDocument
    ),
    **dict.fromkeys(("tmux new", "tmux rename", "tmux detach", "tmux kill"), ActedSessionsDocument),
    "drift": DriftDocument, "hosts": InventoryDocument, "hosts ls": InventoryDocument, "hosts log": RanDocument,
    "hosts top": LoadDocument,
    "keeper": KeeperDocument,
    "keeper status": KeeperDocument, "paths": PathsDocument,
    **dict.fromkeys(("images pull", "images copy", "images rm"), ImagesDoneDocument), "volumes rm": VolumesDoneDocument,
    "tunnels close": TunnelsDoneDocument, "waits cancel": WaitsDoneDocument, "tasks cancel": TasksDoneDocument,
    "disks": DisksDocument, "volumes": VolumesDocument, "volumes ls": VolumesDocument, "volumes prune": PrunedDocument,
    "report": ReportDocument,
}  # fmt: skip
"""Command → what it prints with `--json`."""
