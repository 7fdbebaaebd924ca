"""What a model says about its task instead of the matter: "Here is the section you asked for."

A sentence counts only where it can hardly be anything else: where the model speaks to whoever asked it, tells
the length of its own text, or says over its instructions. A sentence that merely holds such words is
prose: "The first chapter of his life was over." What stands between quotation marks is somebody else's
speech and never counts. What counts depends on the book as well:

    in a story  the text does not speak of its own sections, nor of the very length that was asked for; a
                report may ("This section describes ...", "Essays are limited to 500 words.")
    a subject   talk of models, of word counts or of tenses is none where the brief is about them

Knows nothing of lines, streams or models. Used by `hygiene`, `page` and `trainer.rewards.meta`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.drafting.commentary import comments, on_own_writing, tells_its_course
from engine.drafting.editor import plays_editor
from engine.planning.kinds import FICTION
from engine.text.segmenting import sentences

_TEXT = (
    r"(?:section|chapter|story|text|article|report|essay|draft|piece|passage|paragraph|novel|version|"
    r"continuation|rewrite|response|answer)s?"
)
_HERE = r"\b(?:here(?:'s| is| are)|below is|(?:the )?following is)\b"
_ANY = r"[^.!?。]"  # a sign within one sentence
_EAGER = r"(?:sure|certainly|of course|okay|absolutely)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_ADDRESS = _any(
    rf"^\W*{_EAGER}\s*[!:.—–-]+\s*(?:here\b|below is|let me (?:write|start|help|try)\b|"
    r"i(?:'ll| will| can|'d| would)\b)",
    rf"^\W*{_EAGER},\s*(?:{_HERE}|(?:let me|i(?:'ll| will| can|'d| would)) \w+){_ANY}{{0,60}}\b{_TEXT}\b",
    rf"{_HERE}{_ANY}{{0,60}}\b{_TEXT}\b{_ANY}*\b(?:you (?:asked|requested|wanted)|as requested|for you|"
    r"(?:your|the) (?:request|prompt|instructions|requirements)|\d+[ -]words?)\b",
    rf"^\W*{_HERE} (?:the|a|my|your) (?:\w+ ){{0,2}}(?:section|draft|continuation|rewrite)\W*$",
    r"^\W*i hope (?:that )?(?:this|it) (?:helps|was helpful)(?: you)?\W*$",
    rf"\bi hope (?:that )?you (?:will |have )?(?:enjoy|like|find|found){_ANY}{{0,20}}\b{_TEXT}\b",
    rf"\bi hope (?:that )?(?:this|the|my) {_TEXT}\b(?! of (?:my|his|her|our|their|your|the)\b){_ANY}{{0,60}}"
    r"\b(?:help\w*|useful|meets?|satisf\w+|you|your|enjoy\w*|captures?)\b",
    rf"\blet me know (?:if|whether|what|how)\b{_ANY}{{0,80}}\b(?:changes?|revisions?|edits?|adjust\w*|"
    rf"modif\w*|feedback|further (?:help|assistance)|{_TEXT})\b",
    rf"\bi(?:'m| am) sorry,? but i (?:can't|cannot|am (?:unable|not able)){_ANY}{{0,40}}\b(?:assist|generate|"
    rf"fulfil\w*|comply|{_TEXT}|requests?)\b",
    rf"\bin my previous {_TEXT}\b",
    rf"^\W*i(?:'ve| have) (?:written|included|created|provided|tried){_ANY}{{0,60}}"
    rf"\b(?:this {_TEXT}|your request|you asked)\b",
    r"^\W*you(?:'ve| have)(?: just)? (?:written|created|edited) (?:a|the|this|your)"
    rf"{_ANY}{{0,30}}\b{_TEXT}\b",
    r"\bi (?:can|could) (?:assist|help) you by (?:offering|providing|suggesting)\b",
    r"^\W*in your next (?:response|reply|message|answer),? (?:please|you|provide|write|continue)\b",
    rf"^\W*the (?:rest of the )?text (?:will continue|continues|needs) to\b{_ANY}*\bsections?\b",
    r"\bplain flowing prose\b",
    rf"{_HERE} how (?:to|you(?: can|'d|'ll)?) (?:\w+ )?(?:write|rewrite|continue|complete|edit)\b"
    rf"{_ANY}*(?:\b(?:it|{_TEXT}|sentences?)\b|[:：])",
    rf"{_HERE} (?:the|an?|my|your) (?:re-?written|revised|edited|improved|corrected) "
    rf"(?:{_TEXT}|sentence)\b(?! of)",
    rf"^\W*this is (?:(?:just|only) )?(?:an? )?(?:sample|example|edited|rewritten)(?: \w+){{0,2}}? "
    rf"(?:{_TEXT}\b(?! of)|of the \d+ words){_ANY}*\b(?:edited|rewritten|written)\b",
    rf"^\W*(?:original|rewritten|revised|edited|corrected) (?:{_TEXT}|sentences?)\s*[:：]\W*$",
    r"^\W*your instructions have been (?:ignored|followed)\b",
    rf"{_HERE} the rest of the (?:section|text)\b",
    rf"{_HERE} (?:an?|the) part of your {_TEXT}\b",
    rf"^\W*(?:the|this) {_TEXT} is now (?:finished|complete)\b",
    r"^\W*the original text ends with(?:\s*[:：]| (?:\w+ ){1,2}sentences?\W*$)",
    r"^\W*i (?:have )?(?:also )?(?:removed|added|changed) (?:an?|the|an? )?\s?(?:\w+ )?"
    r"(?:commas?|semicolons?|periods?|full stops?)\b",
    r"\byou (?:can|may) use any (?:length|number|amount) of (?:text|words)\b",
    r"\bthis (?:part|section|text) (?:will|should) be completed later\b",
    r"\bthe rest of the (?:text|paragraph|section) (?:remains|is|was) "
    r"(?:intact|unchanged|reworded|rewritten)\b",
    r"^\W*(?:the )?(?:rest of the )?text (?:before|after) this section (?:ends|ended|begins|continues)\b",
    r"^\W*what has been told so far\W*$",
    r"^\W*begin with the first sentence\W*$",
    r"^\W*do not use these phrases\b",
    r"^\W*this is (?:part|section|chapter) \d",
    r"^\W*(?:好的|当然|没问题)[^。]{0,4}(?:以下|下面|这)是",
    r"^\W*(?:以下|下面)是[^。]{0,20}(?:正文|续写|这一节|本节|[您你]要求)[^。]{0,8}$",
    r"^\W*(?:前文概要|上文结尾|作品要求)\s*[:：]",
    r"^\W*直接从第一句开始写\W*$",
    r"^\W*以下词组用得太多",
    r"希望这[^。]{0,12}(?:文章|故事|小说|报告|章节|内容|回答|段|节)[^。]{0,12}(?:对[您你]|帮到[您你]|[您你]"
    r"(?:会)?(?:喜欢|满意)|有所帮助)",
    r"如[^。]{0,24}(?:修改|调整|续写|补充)[^。]{0,12}告诉我",
)
"""To whoever asked, in any book."""

_OPENING = _any(
    rf"^\W*{_EAGER}!+\W*$",
    rf"{_HERE}{_ANY}{{0,60}}\b{_TEXT}\b{_ANY}*[:：]\W*$",
    rf"^\W*{_HERE} (?:the|a|your|my) (?:\w+ ){{0,3}}{_TEXT}\W*$",
    r"^\W*(?:以下|下面)是[^。]{0,30}[:：]\W*$",
)
"""And, as the very first thing of a text, these."""

_TELLS = (
    r"(?:(?:will|should|must|also) (?:\w+ )?)?(?:describ|explor|introduc|focus|discuss|cover|outlin|provid|"
    r"tell|conclud|continu|build|contain|begins?|delv|highlight|sets?|adds?|serv|goes into|wraps|"
    r"can be (?:edit|add)|is (?:about|written|often|followed|from)\b)"
)
_OWN_SECTIONS = _any(
    r"^\W*in (?:this (?:section|chapter|passage)|the (?:next|previous|following|first) section)\b,? "
    r"(?:we|i|you|the (?:author|writer|reader|story))\b",
    rf"^\W*(?:this (?:section|chapter|passage)|"
    rf"the (?:next|previous|following|first|final) section)s? {_TELLS}",
    r"^\W*在?(?:本节|下一节|这一节)(?:中|里|将|主要|讲述|介绍|描写)",
)
"""A story that speaks of its own sections."""

_OWN_SENTENCES = _any(
    r"^\W*in (?:this|the (?:first|next|last|final|opening|following)) (?:sentence|paragraph)"
    rf"(?: of (?:the|this|your) {_TEXT})?\b,? (?:we|i|you|the (?:author|writer|reader|story))\b",
    r"^\W*(?:this|this final|the (?:first|second|third|fourth|next|last|final|opening|following)) "
    rf"(?:sentence|paragraph) (?:{_TELLS}|reveal|(?:ends|opens|closes) with\b|is about\b)",
    r"^\W*the (?:first|next|last|final|opening|closing) (?:sentence|paragraph)\s*[:：]",
    rf"^\W*this (?:section|part) will cover the (?:(?:first|last|next) sentence|rest of the {_TEXT})\b",
    r"\bin this part of the (?:text|story|article|report|essay)\b",
    r"^\W*(?:this|the) (?:section|text|second part|first part|last part) (?:ends|begins|starts) with\s*[:：]",
    r"^\W*the (?:end|ending|beginning|start|opening) of (?:the|this) (?:section|chapter|text) "
    r"(?:ends|begins|starts|closes|opens) with\b",
    rf"^\W*(?:this|these|it) (?:is|are|will be|should be) the (?:first|last|next|final) (?:\w+ )?"
    rf"(?:paragraph|sentence)s? of (?:the|this|your|our) {_TEXT}\b",
    r"^\W*(?:the|this) (?:section|text|(?:report|article|essay)(?= consists)) (?:consists of|contains|has) "
    r"(?:\w+ ){1,4}(?:paragraphs?|sentences?)\b",
    r"^\W*the sentences are now\b",
)
_ON_TEXTS = _any(
    r"\b(?:sentences?|paragraphs?|grammar|languages?|literature|linguistics?|novels?|poe(?:m|t|try)s?|"
    r"prose|texts?|contracts?|treat(?:y|ies)|laws?)\b"
)
"""A text that speaks of its own sentences, and the subjects of a report that speaks of others'."""

_OWN_VOICE = _any(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)(?: \w+){0,2},? i\b",
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"作为(?:一个|一名)?(?:AI|人工智能|大?语言模型)[^。]{0,8}我",
)
_MODELS = _any(
    r"(?-i:\bAI\b)",
    r"artificial intelligence|language model|chatbot|\brobot|\bandroid|人工智能|语言模型|机器人",
)

_ON_LENGTHS = _any(r"\bword (?:counts?|limits?)\b|\bnumber of words\b|字数")
_SUBJECTS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        _any(
            r"\bword count\s*(?:is|was|of|[:=])?\s*(?:about |around |approximately |exactly )?\d",
            r"^\W*(?:about |around |approximately |total:? )?\d[\d,]* words(?: in total| long)?\W*$",
            rf"\b(?:(?:this|my) {_TEXT}|the (?:section|text))\b{_ANY}{{0,40}}\b\d[\d,]*[- ]words?\b",
            rf"^\W*(?:now |please )*(?:write|continue|describe|tell)\b{_ANY}{{0,80}}"
            r"\bin (?:\w+ )?\d[\d,]* words\b",
            r"^\W*(?:now |please )*write (?:an? )?\d[\d,]*[- ]words?\b",
            r"字数\s*[约共为]?\s*[:：]?\s*约?\s*\d",
            r"^\W*\d[\d,]* words max(?:imum)?\b|^\W*\d[\d,]* (?:more words, i think|words, just enough)\b",
            rf"^\W*writing an? \d[\d,]*-word (?:section|report|summary)s?\b|{_HERE} the \d[\d,]* words\b",
            r"\bfor this \d[\d,]* words\b|\bthis \d[\d,]*[- ]words? (?:section|report|article|summary)\b",
            r"^\W*[约共]?\d+字\W*$",
        ),
        _ON_LENGTHS,
    ),
    (
        _any(rf"\b(?:this|the) (?:section|text)\b{_ANY}{{0,40}}\b(?:past|present) tense\b"),
        _any(r"\btenses?\b|\bgrammar"),
    ),
    (
        _any(
            r"^\W*(?:now |please )*(?:write|continue) (?:the |this |a |your |another )?"
            r"(?:next |first |last |new )?(?:section|chapter|part|paragraph|text)\b",
            r"^\W*(?:start|begin|add) a new (?:paragraph|section)\b",
            r"\byour (?:next |first |opening )?(?:paragraph|section)s?\b(?! of)|\byour last section\b",
            r"\b(?:your|our) (?:(?:next|first|1st|last|final|original|opening) (?:two )?sentences?|"
            r"original (?:\w+ )?(?:paragraph|text)s?)\b(?! (?:of|on)\b)",
            rf"^\W*(?:\d+ words?\s*[:：]\W*)?(?:now |please )*write your (?:own )?{_TEXT}\b",
            r"^\W*use (?:an? |no |only )?(?:\w+ )?(?:bullet (?:style|points?|lists?)|"
            r"bold (?:type|text|print|or)|italics|enumerations?|markdown|headings)\b",
            r"^\W*use no more than (?:\w+ ){1,2}(?:per|in each|for each) (?:sentence|paragraph|section)\b",
            r"^\W*(?:please )?(?:do not|don't|avoid) us(?:e|ing) (?:any )?(?:bold|italics?|markdown)\b",
        ),
        _any(
            r"\bwriting\b|\bwriters?\b|\btypograph|\bformatting\b|\bmarkdown\b|\bgrammar\b|\bprison|"
            r"\bjudges?\b|写作"
        ),
    ),
)
"""What counts, and the subject of a book in which it does not."""

_LENGTHS = _any(r"\b(\d[\d,]*)[- ]words?\b|(?<!\d)(\d+)\s*字")
_QUOTED = re.compile(
    r"“[^”]*(?:”|\Z)|\A[^“”]*”|\"[^\"]*(?:\"|\Z)|«[^»]*(?:»|\Z)|„[^“”]*(?:[“”]|\Z)|「[^」]*(?:」|\Z)|"
    r"『[^』]*(?:』|\Z)|‘[^‘]*?(?:’(?!\w)|\Z)|(?<!\w)'(?=\w)[^']*(?:'\w+[^']*)*'(?!\w)"
)
_INTERJECTION = re.compile(rf"^(\W*{_EAGER})\s*!+\s*(?=\S)", re.IGNORECASE)


@dataclass(frozen=True)
class Talk:
    """Tells talk about the task from prose, for one book.

    `matter`: what the book is about, in the writer's words (brief, titles, beats). `kind` as in `Brief`.
    `asked`: the lengths that the model was asked for: "a legendary 150-word passage", it writes then.
    """

    matter: str = ""
    kind: str = "other"
    asked: frozenset[int] = frozenset()

    def counts(self, sentence: str, before: str = "", *, opening: bool = False) -> bool:
        """Whether `sentence` speaks of the task. `before`: what stands before it in its paragraph;
        `opening`: it is the first of its text."""
        said = unquoted(sentence, before)
        if _ADDRESS.search(said) or (opening and _OPENING.search(said)):
            return True
        if plays_editor(said, self.matter):
            return True
        if self._speaks_of_its_parts(said):
            return True
        if self._names_its_length(said):
            return True
        if _OWN_VOICE.search(said) and not self._may_be_told_by_a_model():
            return True
        return any(talk.search(said) and not subject.search(self.matter) for talk, subject in _SUBJECTS)

    def fills(self, line: str, *, opening: bool = False) -> bool:
        """Whether a line holds nothing else. `opening`: it is the first of its text."""
        said = sentences(_INTERJECTION.sub(r"\1: ", line))  # "Sure! Here it is." is one thing said
        return bool(said) and all(
            self.counts(sentence, opening=opening and not place) for place, sentence in enumerate(said)
        )

    def comments(self, sentence: str, before: str = "") -> bool:
        """Whether `sentence` speaks about the text or the story instead of telling it (`commentary`). Less
        sure than `counts`: a story may be told in a story."""
        said = unquoted(sentence, before)
        about_itself = comments if self.kind in FICTION else tells_its_course
        return on_own_writing(said, self.matter) or about_itself(said, self.matter)

    def _speaks_of_its_parts(self, said: str) -> bool:
        tells_a_story = self.kind in FICTION
        if tells_a_story and _OWN_SECTIONS.search(said):
            return True
        on_texts = not tells_a_story and _ON_TEXTS.search(self.matter)
        return _OWN_SENTENCES.search(said) is not None and not on_texts

    def _names_its_length(self, said: str) -> bool:
        asked = self.kind in FICTION and not _ON_LENGTHS.search(self.matter)
        return asked and bool(self.asked & lengths(said))

    def _may_be_told_by_a_model(self) -> bool:
        """A story of machines may have one tell it; a report about them says "they"."""
        return self.kind not in ("report", "article") and _MODELS.search(self.matter) is not None


def lengths(text: str) -> frozenset[int]:
    """How many words, or Chinese signs, `text` speaks of, each number of them."""
    return frozenset(int((found[1] or found[2]).replace(",", "")) for found in _LENGTHS.finditer(text))


def unquoted(sentence: str, before: str = "") -> str:
    """`sentence` without what stands in quotation marks, also in those that `before` has left open."""
    whole = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), before + sentence)
    return whole[len(before) :].replace("’", "'")
