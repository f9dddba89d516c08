"""The source reader: a whole document, its outline, and the words a citation quotes."""
