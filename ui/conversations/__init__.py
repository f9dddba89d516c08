"""The conversations at the side: found, opened, renamed, deleted."""
