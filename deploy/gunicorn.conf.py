"""gunicorn instead of `pingyi serve` (granian), where pure Python is wanted: about half the rate.

pip install gunicorn
gunicorn -c deploy/gunicorn.conf.py wsgi:app
"""

import os
import resource

# On this machine only: nginx stands in front.
bind = f"{os.environ.get('PINGYI_HOST', '127.0.0.1')}:{os.environ.get('PINGYI_PORT', '8000')}"
# Two processes use two cores; they take turns with the database.
workers = 2
# Many threads make large batches, and a batch is one synchronisation of the disk.
worker_class = "gthread"
# Of each process: a sender waits for the commit on one.
threads = 32
# Longer than the writer's own patience of 20 seconds.
timeout = 60
# No line for a visit: it would hold address, path and user agent. (This is also gunicorn's default.)
accesslog = None
# To the journal: what ends the server.
errorlog = "-"
# A level that says nothing of single requests: from "error" down gunicorn writes the first line of those it cannot read
# or that fail, and a code may stand in it.
loglevel = "critical"
# Output of the program stays its own.
capture_output = False
# No numbers for each request.
statsd_host = None
# Room for a long sealed capability is in the body, not here.
limit_request_line = 4094
# A heartbeat in memory, never in a file on a disk that fills.
worker_tmp_dir = "/dev/shm"  # noqa: S108  # names of files there are drawn by gunicorn
# Each worker opens its own connections and its own writer: nothing is shared by being there before the fork.
preload_app = False
# Files of the program are for its own account only.
umask = 0o077
# The address of the visitor comes from nginx; the program itself decides how many hops it trusts.
forwarded_allow_ips = ""


def on_starting(_server: object) -> None:
    """A crash leaves no picture of the memory, where codes and answers pass."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
