"""Peak memory of the page process and of the writer while it drafts (docs/benchmarks.md).

`.venv/bin/python scripts/measure_memory.py [WORDS]`: a studio and a draft in a home of their own, the
resident memory of both sampled five times a second; prints one JSON object. The writer loads the embedded
model at its full context of 8,192 tokens.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
LONGWRIGHT = str(ROOT / ".venv/bin/longwright")
BRIEF = str(ROOT / "docs/benchmarks/lighthouse.md")


def main() -> None:
    """Measure and print."""
    words = sys.argv[1] if len(sys.argv) > 1 else "600"
    with tempfile.TemporaryDirectory() as home:
        command = [LONGWRIGHT, "--home", home]
        studio = subprocess.Popen(
            [*command, "studio", "--no-browser", "--port", "7898"], stdout=subprocess.DEVNULL
        )
        write = subprocess.Popen(
            [*command, "write", BRIEF, "--words", words, "--kind", "story", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        peaks = {"studio": 0, "writer": 0}
        while write.poll() is None:
            sample(peaks, studio.pid, home)
            time.sleep(0.2)
        outcome = json.loads((write.communicate()[0] or "{}").splitlines()[-1])
        studio.terminate()
        studio.wait()
        for process in writers(home):
            process.terminate()
        psutil.wait_procs(writers(home), timeout=10)
    megabytes = {name: round(peak / 1e6) for name, peak in peaks.items()}
    print(json.dumps({"peak_megabytes": megabytes, "words": outcome["words"], "finish": outcome["finish"]}))


def sample(peaks: dict[str, int], studio_pid: int, home: str) -> None:
    """Raise the peaks to what the processes hold now."""
    peaks["studio"] = max(peaks["studio"], psutil.Process(studio_pid).memory_info().rss)
    for process in writers(home):
        peaks["writer"] = max(peaks["writer"], process.memory_info().rss)


def writers(home: str) -> list[psutil.Process]:
    """The writer processes of this home."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "engine.jobs.writer" in (process.info["cmdline"] or []) and home in process.info["cmdline"]
    ]


if __name__ == "__main__":
    main()
