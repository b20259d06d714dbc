"""The background process beside a server: started with it, started anew when it dies, ended with it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_COMMAND = [sys.executable, "-m", "survey_app.cli.main", "jobs", "--while-stdin"]
_BREATH = 2.0  # seconds between the end of one process and the start of the next
_AT_ONCE, _LONG_BREATH = 10.0, 60.0
_GRACE = 10.0  # seconds that a job has for the step that it is in when the server ends


@contextmanager
def background_work() -> Iterator[None]:
    """Keep one `pingyi jobs` running while the body does. It reads the same environment."""
    ended = threading.Event()
    running: list[subprocess.Popen[bytes]] = []
    starting = threading.Lock()

    def keep() -> None:
        while not ended.is_set():
            with starting:
                if ended.is_set():
                    return
                # In a group of its own: a Ctrl+C at the terminal reaches the server, and through it this process.
                process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  # ours
                running[:] = [process]
            began = time.monotonic()
            process.wait()
            # One that ends at once will do so again: another one may be at work already.
            ended.wait(_BREATH if time.monotonic() - began > _AT_ONCE else _LONG_BREATH)

    keeper = threading.Thread(target=keep, name="pingyi-background", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        with starting:
            for process in running:
                _end(process)
        keeper.join()


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # a pipe
    process.stdin.close()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        # What it was doing is taken up again at the next start.
        process.kill()
        process.wait()
