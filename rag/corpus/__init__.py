"""Bytes to documents to chunks. Start at ``rag.corpus.document``."""
