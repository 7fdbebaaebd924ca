"""The model's own chat template, as the GGUF carries it, in a sandbox.

Templates are programs from the internet: they run in Jinja's immutable sandbox. Knows turns and
control tokens; knows nothing of requests. Called by `backend`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NoReturn

import jinja2
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.backends.prompting import system_into_user, without_think_end
from engine.backends.protocol import Message
from engine.errors import ModelFileInvalid

PLAIN = "{% for message in messages %}{{ message['content'] + '\n\n' }}{% endfor %}"
"""For base models, which come without a template."""

TEMPLATE_DATE = date(2024, 7, 26)
"""What a template is told when it asks for today: the same prompt on every day (Llama 3.1's own default)."""

_PROBE = "a6f3"


class GenerationBlock(Extension):
    """`{% generation %}`, transformers' mark around what the model wrote: here its content and no more."""

    tags: set[str] = {"generation"}  # noqa: RUF012  as Jinja declares it

    def parse(self, parser: Parser) -> list[Node]:
        """The statements up to `{% endgeneration %}`."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class ChatTemplate:
    """Renders turns into the prompt of one model.

    `source` is the template of the GGUF, None for a base model; `bos` and `eos` are the texts of
    those tokens; `control` are the names of all control tokens.
    Raises `ModelFileInvalid` when the template cannot be used even for the simplest chat.
    """

    def __init__(self, source: str | None, *, bos: str, eos: str, control: Iterable[str]) -> None:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", GenerationBlock]
        )
        environment.globals.update(raise_exception=_refuse, strftime_now=TEMPLATE_DATE.strftime)
        self.bos = bos
        self._tokens = {"bos_token": bos, "eos_token": eos}
        names = sorted((re.escape(name) for name in control if len(name) > 1), key=len, reverse=True)
        self._control = re.compile("|".join(names)) if names else None
        try:
            self._template = environment.from_string(source or PLAIN)
            self._takes_system = self._shows_system()
            self.render((Message("user", _PROBE),))
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise ModelFileInvalid("The chat template in the model file cannot be used.") from error

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt up to where the answer begins.

        Thinking that the template opens or closes by itself is left off (`prompting.THINK_ENDS`). Control
        tokens written in a message stay plain text.
        """
        shown = messages if self._takes_system else system_into_user(messages)
        turns = [{"role": turn.role, "content": self._defuse(turn.content)} for turn in shown]
        return without_think_end(self._run(turns))

    def _run(self, turns: list[dict[str, str]]) -> str:
        text: str = self._template.render(messages=turns, add_generation_prompt=True, **self._tokens)
        return text

    def _shows_system(self) -> bool:
        """Some templates refuse a system turn, some leave it out without a word."""
        turns = [{"role": "system", "content": _PROBE}, {"role": "user", "content": "?"}]
        try:
            return _PROBE in self._run(turns)
        except jinja2.TemplateError:
            return False

    def _defuse(self, text: str) -> str:
        if self._control is None:
            return text
        return self._control.sub(lambda found: found[0][0] + " " + found[0][1:], text)


def _refuse(message: str) -> NoReturn:
    """`raise_exception` of the Hugging Face templates."""
    raise jinja2.TemplateError(message)


def thinks(name: str, template: str | None, title: str = "") -> bool:
    """The model was made to think before it answers: its template says so, or what it is called in the list,
    or its own name (`title`), which stays when a file is renamed."""
    if template and "<think>" in template:
        return True
    return bool(_THINKING_NAMES.search(f"{name} {title}"))


_THINKING_NAMES = re.compile(
    r"longwriter[-_ ]?zero|qwq|deepseek[-_ ]?r1|qwen3(?!.*instruct)|magistral|thinking|reasoning",
    re.IGNORECASE,
)
