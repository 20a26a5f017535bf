"""The tables that history is kept in. Their names and columns are what other programs may read, too."""

from __future__ import annotations

VERSION = 1
_SUMS = ("seconds", "used", "idle", "measured", "load", "metered", "joules")
EXTEND = ", ".join(f"{name} = {name} + excluded.{name}" for name in _SUMS)
"""A quarter of an hour that is known already becomes more."""
SCHEMA = f"""
BEGIN;
CREATE TABLE IF NOT EXISTS gpus (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, uuid TEXT NOT NULL, number INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '', UNIQUE (host, uuid));
CREATE TABLE IF NOT EXISTS holdings (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, user TEXT NOT NULL, mine INTEGER NOT NULL, profile TEXT NOT NULL,
    UNIQUE (kind, user, mine, profile));
CREATE TABLE IF NOT EXISTS uses (
    step INTEGER, gpu INTEGER, holding INTEGER, {", ".join(f"{name} INTEGER NOT NULL" for name in _SUMS)},
    PRIMARY KEY (step, gpu, holding)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched (host TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS watched_until ON watched (host, until);
CREATE TABLE IF NOT EXISTS rests (
    gpu INTEGER NOT NULL, holding INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, why TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS rests_until ON rests (gpu, holding, until);
PRAGMA user_version = {VERSION};
COMMIT;
"""
