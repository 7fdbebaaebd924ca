"""What a training process must settle before torch is loaded: no network, no telemetry, patient threads, and
one GPU at most.

Called first by `trainer.runs.process`, the benchmark, `longwright adapters export` and the tests' conftest.
"""

from __future__ import annotations

import os
import warnings

_SURROUNDINGS = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
}
_NOISE = (
    "Could not find a config file in",  # peft looks for the base in the network; a GGUF has none
    "`is_gradient_checkpointing` is deprecated",  # peft 0.21 and TRL 1.16 use transformers' old name
    "`gradient_checkpointing(_enable|_disable)?` is deprecated",
)
_PATIENCE = "300"
"""As in `engine.backends.llama.native`: a waiting thread of torch sleeps soon, so that llama.cpp and torch
can take turns, and a busy machine does not stop the training dead."""

_GPUS = "CUDA_VISIBLE_DEVICES"


def settle() -> None:
    """Set the environment; what the user set about threads stays."""
    os.environ.update(_SURROUNDINGS)
    os.environ[_GPUS] = one_gpu(os.environ.get(_GPUS))
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():
        os.environ["GOMP_SPINCOUNT"] = _PATIENCE
    for sentence in _NOISE:
        warnings.filterwarnings("ignore", message=sentence)


def one_gpu(visible: str | None) -> str:
    """The first GPU of those that may be used, as CUDA names them; None: all of them, fastest first.

    A run is one process, and TRL refuses to spread one process over several GPUs. What hides every GPU
    ("" or "-1") still does.
    """
    return "0" if visible is None else visible.split(",")[0].strip()
