"""A tuned model as a Hugging Face folder, ready to share: the adapter, or merged into its base in 16 bit.

Merged into the base unpacked, never into rounded weights (facts of peft and unsloth: quality drops). The
folder holds weights, tokenizer, card and `adapter.gguf`; the card names base, licence and how it was made.
A folder that holds something is not written into unless told to. Called by `longwright adapters export`
and the studio.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.backends import adapters, registry
from engine.backends.adapter_folder import CARD, WEIGHTS, AdapterEntry, Manifest
from engine.backends.gguf import content_hash
from engine.backends.gguf_parts import missing_of
from engine.backends.hf_folder import folder_hash, is_hf_folder
from engine.errors import AdapterForeign, BadInput, DiskFull, NotFound
from engine.home import Home
from engine.store.library import Library
from trainer.adapters.card import base_facts, render
from trainer.adapters.peft_folder import copy_peft, require_whole

TOKENIZER = "tokenizer_config.json"
SAMPLING = "generation_config.json"


def export(
    home: Home,
    library: Library,
    name: str,
    folder: Path,
    *,
    base: Path | None = None,
    merged: bool = False,
    force: bool = False,
) -> list[str]:
    """Write the folder; returns the names of the files in it, as they came.

    `base`: the model folder that it was tuned from; a file is found on the list by its content. It is filled
    beside its place and moved there when it is whole. Raises NotFound (also for a base that is not here),
    AdapterForeign for a folder that is another one, AdapterBroken, BadInput for a folder that cannot be
    used, DiskFull, ModelTooLarge.
    """
    entry = adapters.whole(home, name)
    require_whole(entry.peft, entry.name)
    # What is there brings its own tokenizer, or takes it from the base.
    alone = not merged and (entry.peft / TOKENIZER).exists()
    source = None if alone else _source(home, library, entry, base)
    target = folder.expanduser().absolute()
    _check_target(target, force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".longwright-", dir=target.parent) as scratch:
            half = Path(scratch) / "export"
            half.mkdir()
            _write(half, entry, _manifest(home, library, entry), source, merged)
            names = sorted(path.name for path in half.iterdir())
            _move(half, target)
    except OSError as error:
        raise DiskFull(f"{folder} cannot be written: {error.strerror or error}.") from error
    return names


def _write(half: Path, entry: AdapterEntry, manifest: Manifest, base: Path | None, merged: bool) -> None:
    shutil.copyfile(entry.gguf, half / WEIGHTS)
    (half / CARD).write_text(render(manifest, "merged" if merged else "adapter"), encoding="utf-8")
    if not merged:
        copy_peft(entry.peft, half, manifest)
    if merged and base is not None:
        _merge(half, entry, base)
    elif base is not None:
        _save_tokenizer(half, base)


def _merge(half: Path, entry: AdapterEntry, base: Path) -> None:
    from peft import PeftModel

    from trainer.policy.base import load_base

    loaded = load_base(base, dtype="bfloat16", quantise="never")
    loaded.model.config.use_cache = True
    whole = PeftModel.from_pretrained(loaded.model, str(entry.peft)).merge_and_unload(safe_merge=True)
    whole.save_pretrained(half)
    loaded.tokenizer.save_pretrained(half)
    if (base / SAMPLING).is_file():  # what the folder recommends for writing, which practice leaves aside
        shutil.copyfile(base / SAMPLING, half / SAMPLING)


def _save_tokenizer(half: Path, base: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(base.parent), gguf_file=base.name, local_files_only=True)
    tokenizer.save_pretrained(half)


def _source(home: Home, library: Library, entry: AdapterEntry, folder: Path | None) -> Path:
    """The file or folder that the adapter was made from."""
    made_from = entry.manifest.folder_hash if entry.manifest else None
    if made_from is None:
        return _base_file(home, library, entry)
    if folder is None:
        raise NotFound(
            f"{entry.name} was tuned from the model folder {entry.base_name}: say where that is, with --base."
        )
    place = folder.expanduser().absolute()
    if not is_hf_folder(place) or folder_hash(place, home) != made_from:
        raise AdapterForeign(f"{entry.name} was not tuned from {folder}: name the folder {entry.base_name}.")
    return place


def _base_file(home: Home, library: Library, entry: AdapterEntry) -> Path:
    """The file that the adapter was made from, by its content: the name may be another by now."""
    models = [model for model in registry.list_models(library, home) if model.kind == "gguf"]
    for model in sorted(models, key=lambda model: model.name != entry.base_name):
        path = Path(model.location)
        if not missing_of(path) and content_hash(path, home.cache) == entry.base_hash:
            return path
    raise NotFound(
        f"{entry.name} was tuned from {entry.base_name}, and that file is no longer here: add it again "
        "with `longwright models add`."
    )


def _manifest(home: Home, library: Library, entry: AdapterEntry) -> Manifest:
    """The manifest with what is known of the base now, where it was not known then."""
    assert entry.manifest is not None
    facts = base_facts(library, home, entry.base_name)
    return entry.manifest.model_copy(
        update={
            "base_license": entry.manifest.base_license or facts.license,
            "base_repository": entry.manifest.base_repository or facts.repository,
        }
    )


def _check_target(target: Path, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise BadInput(f"{target.name} is a file: name a folder.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise BadInput(f"The folder {target.name} holds something already: name another, or say --force.")


def _move(half: Path, target: Path) -> None:
    """Into its place by one rename; into a folder that holds something, file by file."""
    if not target.exists():
        half.rename(target)
        return
    for path in half.iterdir():
        path.replace(target / path.name)
