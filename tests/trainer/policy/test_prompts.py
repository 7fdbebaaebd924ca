"""Requests ask for a length that fits into the room, in the words that drafting uses."""

from __future__ import annotations

from engine.backends.protocol import Message
from trainer.policy.foreign import Foreign
from trainer.policy.pool import load_pool
from trainer.policy.prompts import Asked, gather, most_words, of_pool, of_records, order, restated
from trainer.policy.settings import PolicySettings
from trainer.preferences.record import PreferenceRecord

SETTINGS = PolicySettings(steps=4, group_size=2, prompts_per_step=2, max_new_tokens=128, general_share=0.5)


def own(count: int) -> list[Asked]:
    return [
        Asked(f"own-{n}", f"A story about gull number {n}.", 200, 900, "en", "choices") for n in range(count)
    ]


def test_the_longest_wanted_text_leaves_air_in_the_room(writer: Foreign) -> None:
    gathered = gather(own(6), of_pool(load_pool(), "en"), writer.backend, SETTINGS)
    for prompt in gathered.prompts:
        tokens = writer.backend.count_tokens("the old keeper of the light counted " * 40) / 280
        assert prompt.high * tokens < SETTINGS.max_new_tokens
        assert prompt.low <= prompt.high
        assert str(round((prompt.low + prompt.high) / 2)) in prompt.messages[-1].content


def test_own_requests_and_general_ones_are_mixed(writer: Foreign) -> None:
    gathered = gather(own(20), of_pool(load_pool(), "en"), writer.backend, SETTINGS)
    sources = [prompt.source for prompt in gathered.prompts]
    assert len(sources) == SETTINGS.steps * SETTINGS.prompts_per_step
    assert sources.count("general") == len(sources) // 2


def test_the_same_seed_gives_the_same_requests_in_the_same_order(writer: Foreign) -> None:
    one, two = (gather(own(6), of_pool(load_pool(), "en"), writer.backend, SETTINGS) for _ in range(2))
    assert one == two
    other = SETTINGS.model_copy(update={"seed": 1})
    assert gather(own(6), of_pool(load_pool(), "en"), writer.backend, other) != one


def test_a_request_that_does_not_fit_is_left_out_and_named(writer: Foreign) -> None:
    long = Asked("long", "word " * 9000, 100, 200, "en", "choices")
    gathered = gather([long, *own(1)], [], writer.backend, SETTINGS)
    assert gathered.left_out == ("long",)
    assert [prompt.id for prompt in gathered.prompts] == ["own-0"]


def test_every_request_comes_once_before_one_comes_again() -> None:
    places = order(5, SETTINGS.model_copy(update={"steps": 6}))
    assert sorted(places[:5]) == sorted(places[5:10]) == [0, 1, 2, 3, 4]
    assert len(places) == 12


def test_a_request_names_one_length_only() -> None:
    assert restated("Write a 1,500-word story.", 90) == "Write a 90-word story."
    assert restated("A report of 800 to 1,000 words on tides.", 90) == "A report of 90 words on tides."
    assert restated("写一篇800字的故事。", 90) == "写一篇90字的故事。"
    assert restated("A story set in 1850.", 90) == "A story set in 1850."
    assert restated("In two thousand words or more.", 90) == "In 90 words."
    assert restated("A tale, between 300 and 400 words.", 90) == "A tale, 90 words."
    assert restated("字数：1400左右", 90) == "字数：90左右"


def test_a_request_in_another_language_names_one_length_only() -> None:
    assert restated("Eine Geschichte mit 2.000 Wörtern.", 90) == "Eine Geschichte mit 90 Wörtern."
    assert restated("Entre 800 y 1000 palabras sobre el mar.", 90) == "90 palabras sobre el mar."
    assert restated("500文字の物語。", 90) == "90文字の物語。"


def test_a_length_that_is_not_the_texts_own_stays() -> None:
    assert restated("Retell this 900-word tale in 300 words.", 90) == "Retell this 900-word tale in 90 words."
    assert restated("Use 20 words per sentence.", 90) == "Use 20 words per sentence."


def test_a_request_behind_several_choices_is_practised_once() -> None:
    messages = (Message("user", "A letter to the sea."),)
    records = [
        PreferenceRecord(str(n), "A letter to the sea.", messages, f"one {n}", "two") for n in range(3)
    ]
    assert [one.text for one in of_records(records)] == ["A letter to the sea."]


def test_more_room_allows_longer_texts(writer: Foreign) -> None:
    small, large = (
        most_words(writer.backend, SETTINGS.model_copy(update={"max_new_tokens": room}), "en")
        for room in (128, 512)
    )
    assert 0 < 3 * small < large


def test_a_request_whose_words_cost_more_tokens_is_given_fewer_words(writer: Foreign) -> None:
    russian = "Напишите рассказ о смотрителе маяка, который однажды зимой остался совсем один."
    assert (
        0 < most_words(writer.backend, SETTINGS, "ru", russian) < most_words(writer.backend, SETTINGS, "ru")
    )


def test_where_no_natural_length_fits_the_longest_that_does_is_asked_for(writer: Foreign) -> None:
    gathered = gather(own(8), [], writer.backend, SETTINGS)
    most = most_words(writer.backend, SETTINGS, "en", own(1)[0].text)
    assert {(prompt.low + prompt.high) // 2 for prompt in gathered.prompts} == {most}


def test_a_natural_length_that_fits_is_kept(writer: Foreign) -> None:
    asked = [Asked(f"own-{n}", f"A haiku about gull {n}.", 20, 20, "en", "choices") for n in range(4)]
    gathered = gather(asked, [], writer.backend, SETTINGS)
    assert {(prompt.low + prompt.high) // 2 for prompt in gathered.prompts} == {20}
