"""Data to learn from: placeholder to be written."""
