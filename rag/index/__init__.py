"""Chunks to a durable index: catalogue (the truth), vectors and lexical index (rebuilt from it)."""
