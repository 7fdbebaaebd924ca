"""The writer's lock: one holder, free at any kind of death."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from engine.jobs.lock import WriterLock, writer_alive

HOLDER = """
import sys, time
from pathlib import Path
from engine.jobs.lock import WriterLock
assert WriterLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = WriterLock(tmp_path), WriterLock(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_looking_at_the_lock_does_not_take_it(tmp_path: Path) -> None:
    assert not writer_alive(tmp_path)
    with WriterLock(tmp_path) as lock:
        assert lock.acquire()
        assert writer_alive(tmp_path)
    assert not writer_alive(tmp_path)


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert writer_alive(tmp_path)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert not writer_alive(tmp_path)
