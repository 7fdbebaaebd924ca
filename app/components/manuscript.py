"""The page in the middle: a section streams here and is edited in the same place.

Text arrives as appended deltas in text nodes (assets/js/stream.js); its cost stays flat to
400,000 characters. The streaming text is deliberately no live region.
"""

from __future__ import annotations

from app.components.base import Part

MANUSCRIPT_STREAM = Part(
    module="manuscript",
    skeleton="""
<div class="lw desk-page" data-part>
  <div class="scroller">
    <article class="sheet">
      <button type="button" class="quiet open-outline">☰ Outline</button>
      <div class="section-head"><h2>&nbsp;</h2></div>
      <div class="live" hidden></div>
      <textarea class="text" readonly spellcheck="true" aria-label="Text of the section"
        placeholder="Write here, or let the draft begin."></textarea>
      <div class="section-taste" role="group" aria-label="What you think of this section" hidden></div>
      <div class="section-foot"></div>
    </article>
  </div>
</div>
""",
)
