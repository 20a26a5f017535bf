"""Dialogs: their frames, and those that every feature asks with."""
