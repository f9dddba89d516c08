"""A small Chinese reader: reads a question and a passage together, and says whether and with which words it answers."""
