"""Conversations that persist: stored, recalled within a budget, rewritten into questions, exported."""
