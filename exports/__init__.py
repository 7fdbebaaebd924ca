"""Manuscripts out: one list of blocks, write-only renderers, a check of what was written."""
