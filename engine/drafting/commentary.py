"""A text that speaks about itself: "The narrative explores grief", "I chose to start the sentence ..."

A small model, asked for a scene, often describes the scene instead. The embedded one did so in 12 of 100
sentences and in every second text of 80 words; tuned on choices of long sentences, in nearly every text.
It is said to nobody, so `talk` alone does not catch it; a report of the embedded model told of its own
wording from end to end, a thesis of what its text would do next ("The essay continues by discussing ...").
What the book is about decides here as well: where
the writer's own words speak of authors, readers or the stage, these words are matter. Knows English and
Chinese. Used by `talk`.
"""

from __future__ import annotations

import re

_STORY = (
    r"(?:scene|story|narrative|tale|excerpt|vignette|novel|author|writer|narrator|storyline|portrayal|anecdote|"
    r"(?<=this )(?:passage|text|piece))"
)
_OF_IT = r"(?:['’]s (?:[\w-]+ ){1,3}| of \w+(?: \w+){0,2})?"
_ADVERBS = r"(?:(?:also|then|further|ultimately|not only|both|skill?fully|subtly|beautifully|vividly) )*"
_ANALYSES = (
    r"(?:explor|delv|highlight|showcas|emphasi[sz]|captur|convey|evok|employ|illustrat|depict|portray|underscor|"
    r"unfold|revolv|transcend|foreshadow|acknowledg|invit|immers|allud|resonat|touch(?:es)? on|challenges|"
    r"centers? (?:on|around)|focus(?:es)? on|relies on|raises|weaves|serves? as|allows for|"
    r"sets (?:a|the) |adds |(?:creates|offers|presents|provides|maintains) (?:an?|the|insight)\b|"
    r"has several|aims to|reminds us|"
    r"goes (?:on to|into)\b|is divided into\b|"
    r"is (?:set (?:in|on|at|against)|written|told (?:in|from|through)|about|designed to)\b|tells the story|"
    r"(?:begins?|ends?|opens?|concludes?|starts?)(?:,? (?:with|in|as|after)\b|\W*$)|takes place\b)"
)
_ITS_PARTS = r"(?:end(?:ing)?|beginning|opening|climax|conclusion|plot|theme|tone|message|setting)"
_FOR_READERS = (
    r"\b(?:invit|allow|leav|remind|draw|mak|keep|help|encourag|giv|transport|engag|captivat|immers|show|tell)"
    r"(?:e|es|s|ing|ed|t)? (?:the |its |our )?readers?\b"
)
_COMMENT = re.compile(
    "|".join(
        (
            rf"\b(?:this|the|our) (?:[\w-]+ ){{0,2}}{_STORY}{_OF_IT} {_ADVERBS}{_ANALYSES}",
            rf"\b(?:this|the|our) (?:story|narrative|tale|novel)['’]s {_ITS_PARTS}\b",
            r"\bthis is my (?:\w+ ){0,2}(?:story|tale|novel|narrative)\b",
            r"^\W*the (?:first|second|third|last|final|next) part (?:ends|begins|opens) (?:with|by)\b",
            r"^\W*the discussion is divided into\b",
            r"\bin it,? you(?:['’]ll| will| can) (?:see|find|meet)\b",
            r"^\W*in this (?:[\w-]+ ){0,2}(?:scene|story|narrative|tale|passage|vignette)\b",
            r"\b(?:the|our|both|its) (?:main |central )?(?:protagonist|main character)s?\b",
            _FOR_READERS,
            r"\b(?:resonat\w+|empath\w+|connect\w*) with (?:the )?readers?\b",
            r"\b(?:for|that|in) readers? (?:to|who|can|will|are|is)\b|\bthe readers?\b",
            r"\b(?:encourag|challeng|allow|invit|leav|offer)\w* (?:the )?viewers?\b",
            r"这个?(?:故事|场景|片段)(?:讲述|探讨|展现|围绕|描写|通过)",
            r"(?:让|给|使|引发|带领)读者|主人公|主角",
        )
    ),
    re.IGNORECASE,
)
_OWN_WRITING = re.compile(
    r"\bi(?:'ve| have)?(?: also)? (?:aimed|chose|tried|wanted|used|decided|added|started|began|aim|refine)\b"
    r"[^.!?]{0,60}\b(?:sentences?|paragraphs?|(?:original|whole) text|phrases?|"
    r"descriptive (?:words|language)|the language|narrative|transitions?|my writing|word choice)\b",
    re.IGNORECASE,
)
_TREATISE = r"(?:essay|text|passage|article|report|document|thesis|paper|writer|author)"
_OWN_COURSE = re.compile(
    r"^\W*(?:in (?:conclusion|summary|short),? )?(?:the|this) "
    rf"(?:(?:rest|(?:first|last|next|final) (?:part|section)) of (?:the|this) )?{_TREATISE} "
    r"(?:(?:also|then|further|next) )*(?:goes on to|moves on to|continues (?:by|with|to)|"
    r"(?:begins|starts|opens|ends|concludes) (?:by|with)|delves|is divided into|"
    r"is (?:written|told) from the (?:perspective|point of view)|"
    r"(?:(?<=also )|(?<=then )|(?<=further )|(?<=next ))"
    r"(?:discuss|explor|highlight|provid|cover|emphasi[sz]|examin|mention|describ|explain)\w*)\b|"
    r"^\W*the (?:next|last|first|final) \d+ words\b|"
    r"\bhow the (?:writer|author) (?:has|have|manages?)\b|"
    r"\b(?:in|throughout) (?:this|the) (?:section|essay|passage),? the (?:writer|author)\b",
    re.IGNORECASE,
)
"""The course that a text which is no story says it takes."""
_ON_TREATISES = re.compile(
    r"\b(?:writing|writers?|authors?|literature|novels?|poe(?:m|t|try)s?|books?|essayists?|grammar|reviews?|"
    r"(?:reading|book) reports?|contracts?|treat(?:y|ies)|laws?)\b",
    re.IGNORECASE,
)
_ON_WRITING = re.compile(
    r"\b(?:writing|languages?|sentences?|grammar|prose|translat\w*|letters?|texts?)\b|写作|语言",
    re.IGNORECASE,
)
_ON_STORIES = re.compile(
    r"\b(?:storytell\w*|writers?|authors?|narrators?|novelists?|readers?|novels?|poe[tm]s?|theatres?|theaters?|"
    r"plays?|stages?|films?|actors?|actress(?:es)?|scripts?|screenplays?|librar\w+|books?|bookshops?|publishers?|"
    r"editors?)\b|作家|作者|读者|小说家|诗人|演员|剧本|电影|图书馆|书店|出版",
    re.IGNORECASE,
)


def on_own_writing(said: str, matter: str) -> bool:
    """Whether `said`, of any kind of text, tells how its sentences were chosen: "I used the phrase to create
    a sense of continuity." """
    talks = _OWN_WRITING.search(said) is not None
    return talks and not (_ON_WRITING.search(matter) or _ON_STORIES.search(matter))


def tells_its_course(said: str, matter: str) -> bool:
    """Whether `said`, of a report or an essay, tells what the text does next: "The report goes on to
    discuss the harbour." A review of somebody's text does so."""
    return _OWN_COURSE.search(said) is not None and _ON_TREATISES.search(matter) is None


def comments(said: str, matter: str) -> bool:
    """Whether `said`, a sentence of a story about `matter` and without its quotations, is about the story."""
    return _COMMENT.search(said) is not None and _ON_STORIES.search(matter) is None
