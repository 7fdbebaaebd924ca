"""The Compare page: two texts side by side, and everything that was said about texts.

Two tabs of one part: the questions, one at a time, and the list of answers.
"""

from __future__ import annotations

from app.components.base import Part

COMPARE = Part(
    module="compare_page",
    skeleton="""
<div class="lw compare-page" data-part>
  <header><h1>Compare</h1><div class="tabs" role="tablist" aria-label="Compare"></div></header>
  <div class="tab" id="tab-questions" role="tabpanel" aria-label="Questions"></div>
  <div class="tab" id="tab-answers" role="tabpanel" aria-label="Your answers" hidden></div>
</div>
""",
)
