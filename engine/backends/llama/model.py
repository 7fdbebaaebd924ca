"""A loaded GGUF: its weights, its vocabulary, its adapters. Frees what it took.

Turns text into token ids and back into bytes; knows nothing of requests, chats or sampling.
Called by `backend`, `context` and `sampler`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import create_string_buffer
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from engine.backends.llama.native import Handle, lib, start
from engine.errors import ModelFileInvalid, ModelLoadFailed

MARKUP = (b"<think>", b"</think>", b"<answer>", b"</answer>")
"""Tokens that some models call special although they are part of the text."""


FileState: TypeAlias = tuple[Path, int, int, int]


def file_state(path: Path) -> FileState:
    """A file as it is now, told from what else may stand under its name. Raises `ModelFileInvalid`."""
    try:
        facts = path.stat()
    except OSError as error:
        raise ModelFileInvalid(f"The adapter {path.name} cannot be read: {error.strerror}.") from error
    return path, facts.st_ino, facts.st_mtime_ns, facts.st_size


class Model:
    """Weights and vocabulary.

    Raises `ModelLoadFailed` when llama.cpp refuses the file.
    """

    def __init__(self, path: Path) -> None:
        start()
        self.path = path
        params = lib.llama_model_default_params()
        self.handle: Handle = lib.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            raise ModelLoadFailed(f"The model file {path.name} could not be loaded: llama.cpp refuses it.")
        if not lib.llama_model_has_decoder(self.handle) or lib.llama_model_has_encoder(self.handle):
            lib.llama_model_free(self.handle)
            raise ModelLoadFailed(f"The model {path.name} is of a kind that cannot write texts.")
        self.vocab: Handle = lib.llama_model_get_vocab(self.handle)
        self.vocab_size: int = lib.llama_vocab_n_tokens(self.vocab)
        self.end_tokens = _end_tokens(self.vocab)
        self._pieces: list[bytes | None] = [None] * self.vocab_size
        self._buffer = create_string_buffer(1024)
        self._adapters: dict[FileState, Handle] = {}

    @property
    def trained_context(self) -> int:
        """Tokens that the model was trained to hold."""
        return int(lib.llama_model_n_ctx_train(self.handle))

    @property
    def title(self) -> str:
        """The model's own name; that of its file where it has none, as `gguf.read_metadata` tells it."""
        return self.metadata("general.name") or self.path.stem

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return int(lib.llama_model_n_params(self.handle))

    @property
    def keeps_positions(self) -> bool:
        """The cache can be cut and copied at any position (not so in recurrent models)."""
        recurrent = lib.llama_model_is_recurrent(self.handle)
        return not (recurrent or lib.llama_model_is_hybrid(self.handle))

    @property
    def spaces_first_word(self) -> bool:
        """The tokenizer puts a space before a text (SentencePiece models)."""
        if lib.llama_vocab_type(self.vocab) != lib.LLAMA_VOCAB_TYPE_SPM:
            return False
        return self.metadata("tokenizer.ggml.add_space_prefix") != "false"

    def metadata(self, key: str) -> str | None:
        """A value of the GGUF header as text, None where there is none."""
        size = lib.llama_model_meta_val_str(self.handle, key.encode(), None, 0)
        if size < 0:
            return None
        buffer = create_string_buffer(size + 1)
        lib.llama_model_meta_val_str(self.handle, key.encode(), buffer, size + 1)
        return buffer.value.decode("utf-8", "replace")

    def token_text(self, token: int) -> str:
        """The vocabulary's own name of a token (`<|im_end|>`), '' for none."""
        if token < 0:
            return ""
        text: bytes = lib.llama_vocab_get_text(self.vocab, token) or b""
        return text.decode("utf-8", "replace")

    def bos(self) -> tuple[int, str]:
        """Id and text of the token that begins a text; id -1 for none."""
        token = lib.llama_vocab_bos(self.vocab)
        return token, self.token_text(token)

    def eos(self) -> tuple[int, str]:
        """Id and text of the token that ends a text; id -1 for none."""
        token = lib.llama_vocab_eos(self.vocab)
        return token, self.token_text(token)

    def control_texts(self) -> list[str]:
        """The names of all control tokens; in a writer's words they must stay plain text."""
        control = lib.LLAMA_TOKEN_ATTR_CONTROL
        return [
            self.token_text(token)
            for token in range(self.vocab_size)
            if lib.llama_vocab_get_attr(self.vocab, token) & control
        ]

    def tokenize(self, text: str, *, special: bool = False, bos: bool = False) -> list[int]:
        """Token ids of `text`; `special` reads control tokens written out, `bos` adds the first one."""
        raw = text.encode("utf-8", "ignore")
        room = len(raw) + 8
        ids = (lib.llama_token * room)()
        count = lib.llama_tokenize(self.vocab, raw, len(raw), ids, room, bos, special)
        if count < 0:
            raise ModelFileInvalid("The tokenizer of this model cannot read the text.")
        return list(ids[:count])

    def continue_tokens(self, text: str) -> list[int]:
        """Token ids of `text` as the continuation of something: no space is put in front."""
        if not text or not self.spaces_first_word:
            return self.tokenize(text)
        # A newline stands in front of the text, takes the unwanted space, and is taken off again.
        lead = self.tokenize("\n")
        return self.tokenize("\n" + text)[len(lead) :]

    def piece(self, token: int) -> bytes:
        """The bytes of a token; control tokens have none."""
        known = self._pieces[token]
        if known is None:
            known = self._piece(token, False)
            if not known and self._piece(token, True) in MARKUP:
                known = self._piece(token, True)
            self._pieces[token] = known
        return known

    @cached_property
    def marks(self) -> frozenset[int]:
        """Control tokens that are no part of a text, such as `<|im_start|>`, and end none."""
        control = lib.LLAMA_TOKEN_ATTR_CONTROL
        return frozenset(
            token
            for token in range(self.vocab_size)
            if lib.llama_vocab_get_attr(self.vocab, token) & control and not self.piece(token)
        )

    def _piece(self, token: int, special: bool) -> bytes:
        size = lib.llama_token_to_piece(self.vocab, token, self._buffer, 1024, 0, special)
        return bytes(self._buffer.raw[: max(size, 0)])

    def adapter(self, path: Path) -> Handle:
        """A LoRA adapter of this model, loaded once as long as its file stays as it is.

        Raises `ModelFileInvalid`.
        """
        content = file_state(path)
        if content not in self._adapters:
            handle = lib.llama_adapter_lora_init(self.handle, str(path).encode())
            if not handle:
                raise ModelFileInvalid(f"The adapter {path.name} does not fit this model.")
            self._adapters[content] = handle
        return self._adapters[content]

    def forget_adapters(self, but: Sequence[Handle]) -> None:
        """Give back the memory of all adapters but these; no context may use the others.

        A fine-tune puts a new one over the weights at every step.
        """
        kept = {ctypes.addressof(handle.contents) for handle in but}
        for content, handle in list(self._adapters.items()):
            if ctypes.addressof(handle.contents) not in kept:
                del self._adapters[content]
                lib.llama_adapter_lora_free(handle)

    def free(self) -> None:
        """Give the memory back, adapters included; the object is dead afterwards."""
        if self.handle:
            lib.llama_model_free(self.handle)
            self.handle = None


def end_tokens(path: Path) -> frozenset[int]:
    """The tokens that end a text of this model, read without its weights. Raises `ModelLoadFailed`."""
    start()
    params = lib.llama_model_default_params()
    params.vocab_only = True
    handle = lib.llama_model_load_from_file(str(path).encode(), params)
    if not handle:
        raise ModelLoadFailed(f"The model file {path.name} could not be loaded: llama.cpp refuses it.")
    try:
        return _end_tokens(lib.llama_model_get_vocab(handle))
    finally:
        lib.llama_model_free(handle)


def _end_tokens(vocab: Handle) -> frozenset[int]:
    count = lib.llama_vocab_n_tokens(vocab)
    return frozenset(token for token in range(count) if lib.llama_vocab_is_eog(vocab, token))
