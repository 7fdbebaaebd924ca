"""Hugging Face folders: which is which, and how a GGUF file becomes one for vLLM, once.

The folder lies under the home's cache, named by the hash of the GGUF's content: the same weights
under another name are not turned again, changed weights are. The work is done by a child process
(`python -m engine.backends.hf_folder GGUF FOLDER`), so that torch is never imported by a writer or
a studio and its memory is given back. Weights are written as bfloat16. Atomic: a folder is filled under a
temporary name and renamed when it is whole; what a killed process left is taken away. Called by
`app.commands.serve`, the trainer and the tests.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.backends.gguf import content_hash, read_metadata
from engine.backends.gguf_once import read_once
from engine.errors import BadInput, DiskFull, ModelFileInvalid, ModelTooLarge
from engine.home import Home

WEIGHT_BYTES = 2
"""Bytes a parameter takes as bfloat16, in the child's memory and on the disk."""
MARGIN = 1.3
"""Room for torch itself, the largest tensor in float32, and the tokenizer."""
OUT_OF_MEMORY_SIGNAL = -9
HALF = "half-"
"""Then the number of the process that fills the folder; older versions left it out."""


def is_hf_folder(path: Path) -> bool:
    """Whether `path` is a folder that vLLM can load."""
    return (path / "config.json").is_file() and any(path.glob("*.safetensors"))


def folder_hash(folder: Path, home: Home) -> str:
    """One hash for all weights of a folder, so that a tuned model can name it."""
    whole = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        whole.update(f"{file.name}={content_hash(file, home.cache)}\n".encode())
    return whole.hexdigest()


def hf_folder_of(gguf: Path, home: Home) -> Path:
    """The folder made from `gguf`; takes about half a minute a billion parameters the first time.

    Raises `ModelFileInvalid` when the file is no GGUF or of a make that transformers does not know,
    `ModelTooLarge` and `DiskFull` when the machine cannot hold the unpacked weights.
    """
    target = home.cache / "hf" / content_hash(gguf, home.cache)[:32]
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_up(target.parent)
    _check_room(gguf, target.parent)
    half = Path(tempfile.mkdtemp(prefix=f"{HALF}{os.getpid()}-", dir=target.parent))
    try:
        _convert_in_child(gguf, half)
        _put_in_place(half, target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return target


def _clear_up(folder: Path) -> None:
    """Unfinished folders of processes that were killed; those of living ones are still being filled."""
    import psutil

    for half in folder.glob(f"{HALF}*"):
        number = half.name.removeprefix(HALF).split("-")[0]
        if not (number.isdecimal() and psutil.pid_exists(int(number))):
            shutil.rmtree(half, ignore_errors=True)


def _check_room(gguf: Path, folder: Path) -> None:
    """Unpacked weights must fit memory and disk before an hour is spent on them."""
    import psutil

    needed = int(read_metadata(gguf).parameters * WEIGHT_BYTES * MARGIN)
    if needed > psutil.virtual_memory().available:
        raise ModelTooLarge(
            f"Unpacking “{gguf.name}” for vLLM needs {needed / 1e9:.1f} GB of memory; less is free. "
            "Give vLLM a Hugging Face folder instead."
        )
    if needed > shutil.disk_usage(folder).free:
        raise DiskFull(f"Unpacking “{gguf.name}” for vLLM needs {needed / 1e9:.1f} GB of disk; less is free.")


def _convert_in_child(gguf: Path, folder: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "engine.backends.hf_folder", str(gguf.resolve()), str(folder)],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == OUT_OF_MEMORY_SIGNAL:
        raise ModelTooLarge(f"Unpacking “{gguf.name}” for vLLM took more memory than the machine has.")
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or ["no reason given"]
        raise ModelFileInvalid(f"“{gguf.name}” cannot be turned into a model for vLLM: {words[-1][:200]}")


def _put_in_place(half: Path, target: Path) -> None:
    """Rename; when another process was faster, its folder is as good as ours."""
    half.chmod(0o755)
    try:
        half.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def convert(gguf: Path, folder: Path) -> None:
    """Write weights, tokenizer and chat template of `gguf` into `folder` (in the child only)."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source, name = str(gguf.parent), gguf.name
    with read_once():
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=name)
        model = AutoModelForCausalLM.from_pretrained(
            source, gguf_file=name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main(arguments: list[str]) -> None:
    """`python -m engine.backends.hf_folder GGUF FOLDER`."""
    if len(arguments) != 2:
        raise BadInput("usage: python -m engine.backends.hf_folder GGUF FOLDER")
    convert(Path(arguments[0]), Path(arguments[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
