"""Hits to a cited answer."""
