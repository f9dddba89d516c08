"""Imported by Python at start-up when this folder is on ``PYTHONPATH``."""

from __future__ import annotations

import network_guard  # noqa: F401
