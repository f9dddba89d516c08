"""Settings: the visitor's own, and those of the library."""
