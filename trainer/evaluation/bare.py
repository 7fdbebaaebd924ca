"""The bare model asked LongBench-Write's questions, one prompt each: what the engine's drafts stand beside.

Called by `length`. Plans nothing and corrects nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.backends.protocol import Backend, Finished, Message, Request, Sampling, Token
from engine.drafting.prompt_pack import tokens_for_words
from engine.drafting.settings import DraftSettings
from engine.planning.brief import guess_language
from trainer.evaluation.longbench import Question, benchmark_words

HOPELESS = 4
"""Times the length asked for: from there on S_l is 0."""


def bare_answers(
    backend: Backend, questions: Sequence[Question], settings: DraftSettings
) -> Iterator[tuple[int, str]]:
    """`(index, answer)` of the bare model, one prompt a question, as each is done; one that has become so
    long that nothing can save its score is heard no further."""
    texts = [""] * len(questions)
    requests = [
        Request(
            id=str(index),
            messages=(Message("user", question.prompt),),
            max_tokens=_most_bare_tokens(backend, question),
            sampling=Sampling(seed=settings.seed + index),
        )
        for index, question in enumerate(questions)
    ]
    stream = backend.stream(requests)
    try:
        for event in stream:
            if isinstance(event, Token):
                index = int(event.request_id)
                texts[index] += event.text
                if benchmark_words(texts[index]) > HOPELESS * questions[index].length:
                    stream.cancel(event.request_id)
            elif isinstance(event, Finished):
                yield int(event.request_id), texts[int(event.request_id)]
    finally:
        stream.close()


def _most_bare_tokens(backend: Backend, question: Question) -> int:
    """Room for somewhat more than what is heard of an answer."""
    language = guess_language(question.prompt)
    return min(backend.info.context, tokens_for_words(backend, (HOPELESS + 1) * question.length, language))
