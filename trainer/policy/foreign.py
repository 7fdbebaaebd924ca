"""One name for what comes from transformers, PEFT and TRL, whose types mypy does not look into."""

from __future__ import annotations

from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""A model, a tokenizer, a batch: an object of one of those libraries."""
