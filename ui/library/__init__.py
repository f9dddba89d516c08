"""The library: what is in it, what goes in and out."""
