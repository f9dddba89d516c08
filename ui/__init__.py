"""The web UI: start at ``ui.app``."""
