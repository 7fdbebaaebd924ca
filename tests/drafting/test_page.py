"""Lines without a full stop: a name over each speech of a play stays, a list that says one thing does not."""

from __future__ import annotations

from collections.abc import Iterator

from engine.backends.protocol import Request
from tests import fakes
from tests.drafting.test_talk import drafted

BOOK = {"kind": "report", "matter": "The harbour of a small town."}


def lines_then_prose(*lines: str) -> fakes.Habit:
    """First all of `lines`, each a paragraph, then prose."""

    def habit(request: Request) -> Iterator[str]:
        if not request.prefix:
            for line in lines:
                yield from (line, "\n\n")
        yield from fakes.prose(request)

    return habit


def test_a_list_of_titles_says_each_once() -> None:
    outcome = drafted(BOOK, lines_then_prose(*["Harbour Works", "Quay Works"] * 4), 200)
    assert outcome.text.startswith("Harbour Works\n\nQuay Works\n\n")
    assert (outcome.text.count("Harbour Works"), outcome.text.count("Quay Works")) == (1, 1)
    assert outcome.finish == "complete"


def test_a_name_stands_over_each_speech_of_a_play() -> None:
    play = (
        "ANNA",
        "The boat has not come back yet.",
        "JOHN",
        "Then we wait.",
        "ANNA",
        "We waited long enough.",
    )
    outcome = drafted(BOOK | {"kind": "other"}, lines_then_prose(*play), 200)
    assert outcome.text.startswith("\n\n".join(play))


def test_a_short_sentence_may_be_said_twice_in_a_row() -> None:
    outcome = drafted(BOOK, lines_then_prose("No answer.", "No answer.", "The quay lay empty."), 200)
    assert outcome.text.count("No answer.") == 2


def test_where_the_model_insists_on_a_line_it_goes_on_behind_it() -> None:
    said = "Harbour Works\n\nHarbour Works\n\nThe quay lay empty that year.\n\n"

    def habit(request: Request) -> Iterator[str]:
        yield from (
            [*said.splitlines(keepends=True)] if request.prefix.strip() in ("", "Harbour Works") else []
        )
        yield from fakes.prose(request)

    outcome = drafted(BOOK, habit, 200)
    assert outcome.text.count("Harbour Works") == 1
    assert "\n\n\n" not in outcome.text


def test_a_speech_that_the_end_of_the_section_breaks_off_is_closed() -> None:
    def habit(request: Request) -> Iterator[str]:
        yield from ([] if request.prefix else ["He ", "said: ", '"'])
        yield from (piece.replace("\n\n", " ") for piece in fakes.prose(request))

    outcome = drafted(BOOK, habit, 100)
    assert outcome.text.startswith('He said: "')
    assert outcome.text.endswith('."')
    assert outcome.finish == "complete"
