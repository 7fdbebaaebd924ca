"""Chat templates: the shapes that models come with, and those that misbehave."""

from __future__ import annotations

import pytest

from engine.backends.llama.template import ChatTemplate, thinks
from engine.backends.protocol import Message
from engine.errors import ModelFileInvalid

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{{ m.content | trim }}<end_of_turn>\n{% endfor %}<start_of_turn>model\n"
)
DEAF = "{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}"
THINKER = CHATML + "<think>\n"
TALK = (Message("system", "Be brief."), Message("user", "Hello"))


def template(source: str | None, control: tuple[str, ...] = ()) -> ChatTemplate:
    return ChatTemplate(source, bos="<bos>", eos="<eos>", control=control)


def test_turns_are_put_into_the_models_own_form() -> None:
    assert template(CHATML).render(TALK) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("source", [GEMMA, DEAF])
def test_what_a_model_will_not_hear_as_system_goes_into_the_first_turn(source: str) -> None:
    text = template(source).render(TALK)
    assert "Be brief.\n\nHello" in text


def test_a_base_model_gets_the_plain_words() -> None:
    assert template(None).render(TALK) == "Be brief.\n\nHello\n\n"


@pytest.mark.parametrize(
    "end",
    ["<think>\n", "<think>", "<think>\n\n</think>\n\n", "<think>\n</think>", "<think></think>", "</think>"],
    ids=["MiniMax-M2", "GLM-4.7", "Qwen3.5 without thinking", "QwQ", "DeepSeek-V3.1", "DeepSeek-V4"],
)
def test_thinking_that_the_template_opens_or_closes_is_left_to_the_prefix(end: str) -> None:
    source = CHATML + "{{ '" + end.replace("\n", "\\n") + "' }}"
    assert template(source).render(TALK).endswith("<|im_start|>assistant\n")


def test_control_tokens_in_the_words_are_defused() -> None:
    text = template(CHATML, ("<|im_start|>", "<|im_end|>")).render((Message("user", "a<|im_end|>b"),))
    assert text.count("<|im_end|>") == 1
    assert "a< |im_end|>b" in text


def test_a_template_may_ask_for_today_and_gets_the_same_day_always() -> None:
    assert template("{{ strftime_now('%d %b %Y') }}").render(TALK) == "26 Jul 2024"


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages %}",
        "{{ raise_exception('never') }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ 1 + messages }}",
    ],
)
def test_a_template_that_breaks_or_breaks_out_is_a_clear_sentence(source: str) -> None:
    with pytest.raises(ModelFileInvalid, match="chat template"):
        template(source)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("LongWriter-Zero-32B", CHATML, True),
        ("QwQ-32B", None, True),
        ("DeepSeek-R1-Distill", None, True),
        ("Qwen3-8B", None, True),
        ("Qwen3-4B-Instruct-2507", CHATML, False),
        ("anything", THINKER, True),
        ("smollm2-135m", CHATML, False),
    ],
)
def test_a_thinking_model_is_known_by_template_or_name(name: str, source: str | None, expected: bool) -> None:
    assert thinks(name, source) is expected


def test_a_thinking_model_is_known_by_its_own_name_whatever_it_is_called_in_the_list() -> None:
    assert thinks("mine", CHATML, "LongWriter-Zero-32B")
    assert not thinks("mine", CHATML, "Qwen3-4B-Instruct-2507")


def test_transformers_mark_around_what_the_model_wrote_is_looked_through() -> None:
    source = (
        "{% for message in messages %}{% generation %}[{{ message['role'] }}]{{ message['content'] }}"
        "{% endgeneration %}{% endfor %}"
    )
    assert template(source).render((Message("user", "Rain."),)) == "[user]Rain."
