"""Files of every format we read to text with its layout; a module for each format."""
