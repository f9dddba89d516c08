"""Who is there: accounts sign in, cookies prove it, and nothing is served to anybody else."""

from __future__ import annotations

from ui.signin.visitors import Visitor, visitor

__all__ = ["Visitor", "visitor"]
