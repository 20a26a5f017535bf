"""The screen: shows snapshots, turns keys into verbs of the fleet. It sees `fleet.base` and `model`, nothing below."""
