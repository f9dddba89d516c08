"""Evaluation runs: started, watched, read and compared."""
