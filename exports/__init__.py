"""Manuscripts out: Markdown -> one list of blocks -> a file that is read back before it is handed over.

    model.py        the words of this room: Manuscript, the block kinds, ExportOptions
    manuscript.py   rows of the library -> Manuscript
    blocks.py       Manuscript -> blocks, through markdown-it-py
    docx.py markdown.py   blocks -> bytes; they know nothing else
    verify.py       bytes -> lines of words, compared with the blocks
    writers.py      the registry of formats, and `export`: render, verify, replace

Called by app (`longwright export`, the export buttons) through `exports.writers.export`. This file
imports nothing, so that the command line stays quick.
"""
