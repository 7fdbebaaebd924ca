"""What a training process must settle before torch is loaded: no network, no telemetry, patient threads.

Called first by `trainer.runs.process`, the benchmark and the tests' conftest.
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
    "`gradient_checkpointing` is deprecated",
)
_PATIENCE = "300"
"""As in `engine.backends.llama.native`: a waiting thread of torch sleeps soon, so that llama.cpp and torch
can take turns, and a busy machine does not stop the training dead."""


def settle() -> None:
    """Set the environment; what the user set about threads stays."""
    os.environ.update(_SURROUNDINGS)
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():
        os.environ["GOMP_SPINCOUNT"] = _PATIENCE
    for sentence in _NOISE:
        warnings.filterwarnings("ignore", message=sentence)
