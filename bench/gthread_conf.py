"""gunicorn's settings with threads instead of gevent, for the comparison in docs/decisions/0001."""

import os

from kiosk.config import read_settings

_settings = read_settings()
bind = _settings.bind
workers = _settings.workers
worker_class = "gthread"
threads = int(os.environ.get("BENCH_THREADS", "32"))  # as many as the load has connections
control_socket_disable = True
accesslog = None
keepalive = 5
graceful_timeout = 5
logger_class = "kiosk.logs.ServerLogger"
