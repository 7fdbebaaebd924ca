"""The top of the Write page: the book, saved state, progress, one main button, export.

Draft, Stop or Resume: never more than one of them at a time.
"""

from __future__ import annotations

from app.components.base import Part

BOOK_BAR = Part(
    module="bookbar",
    skeleton="""
<div class="lw book-bar" data-part></div>
""",
)
