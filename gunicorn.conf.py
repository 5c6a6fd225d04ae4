"""The process model, each line with its reason (docs/decisions/0001, 0002 and 0029)."""
# ruff: noqa: E402, I001  the order of the imports is the point

from gevent import monkey

monkey.patch_all()  # before psycopg and threading's users are imported: they look once whether they are patched

import gc
import os
import resource
import sys
from pathlib import Path

gc.disable()  # what is imported stays: walking over it again and again takes a tenth of the start
ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))
# The program's code is imported once, here, and shared by the workers, as is the application (on_starting): a killed
# worker is back in 0.1 s. After an upgrade the server is restarted, not told to HUP.
from kiosk import first_use, heap, metrics
from kiosk.config import ConfigError, read_settings, require_writable
from kiosk.extensions import db
from kiosk.services.host import awake
from kiosk.services.upkeep import housekeeping, in_use, schema, secret_key
from kiosk.services.store import disk
from kiosk.services.store.writer_gevent import GeventQueue
from kiosk.web.frame import languages

try:
    _settings = read_settings()
    require_writable(_settings.instance_dir)
except ConfigError as error:
    sys.exit(f"kiosk: {error}")

# Read once, here: should the file be lost while the server runs, a worker that comes later must not make another.
os.environ["KIOSK_SECRET_KEY"] = _settings.secret_key

# Phones and streams need more than the usual 1,024 descriptors.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = 8192 if _hard == resource.RLIM_INFINITY else min(8192, _hard)
if _soft != resource.RLIM_INFINITY and _soft < _files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_files, _hard))

wsgi_app = "wsgi:app"
chdir = str(ROOT)  # wsgi.py is found from wherever the server is started
bind = _settings.bind
workers = _settings.workers  # two are the optimum on two cores; one that dies leaves the other at the door
worker_class = (
    "kiosk.serving.Worker"  # gevent: a stream costs a greenlet, not a thread: 4 streams on 4 threads answered nobody
)
# A worker: 400 phones with a few connections each, and the screens; with what is left for databases, files and jobs
# where the system gives few descriptors. A worker without one accepts nobody and cannot cut anybody off.
worker_connections = max(100, min(2000, _files - 200))
preload_app = False  # on_starting makes the application: after the settings are checked, and nothing of it stays open
max_requests = 0  # a worker that retires cuts every stream it holds
timeout = 30  # a loop that did not turn for 30 s is stuck: no request may hold it for 0.1 s
graceful_timeout = 5  # streams never end by themselves; a write ends within 3 s
keepalive = 5  # a phone fetches page, style and script at once and comes back seconds later with the form
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  the heartbeat must not wait for the disk
control_socket_disable = True  # gunicorn 27 would open one in the home directory; signals are enough
forwarded_allow_ips = ""  # gunicorn believes nobody; werkzeug's ProxyFix counts KIOSK_TRUSTED_PROXIES hops
accesslog = None  # receipts, device links and set-up links are capabilities: their paths belong in no log
logger_class = "kiosk.logs.ServerLogger"  # JSON lines without names, mobiles and secret addresses
proc_name = "kiosk"

disk.share_between_workers()
metrics.share_between_workers()
gc.freeze()  # the collector must not touch, and so copy, the pages that the workers share
gc.enable()


def on_starting(server):
    """Make the application that the workers share, and do not start with another secret or another schema than the
    database's. No connection, thread or timer may live on into a worker: what asks the database is closed again."""
    app = server.app.wsgi()
    if "kiosk_writer" in getattr(app, "extensions", {}):
        _require_own_database(app)
        languages.load_words(app)
        first_use.use_once(app)
    in_use.share(_settings.instance_dir)  # the workers inherit it: nobody restores a backup under them
    heap.give_back()
    heap.fill_holes()
    gc.freeze()


def _require_own_database(app):
    with app.app_context():
        try:
            schema.require_present()
            secret_key.require_own()
        except (schema.OtherSchema, secret_key.OtherSecret) as error:
            sys.exit(f"kiosk: {error}")
        finally:
            db.engine.dispose()


def child_exit(server, worker):
    """Take what a dead worker was doing out of the sums of /metrics; what it had counted stays."""
    metrics.forget_worker(worker.pid)


def on_exit(server):
    """Leave nothing behind."""
    metrics.forget_all()


def post_worker_init(worker):
    """Give the worker its queue: the loop gathers the writes, and what may wait is done in a native thread."""
    extensions = getattr(worker.wsgi, "extensions", {})
    if "kiosk_writer" in extensions:
        extensions["kiosk_writer"] = GeventQueue(extensions["kiosk_writer"].writer)
        awake.watch_in_background(worker.wsgi)
        housekeeping.keep_house_in_background(worker.wsgi)
    heap.give_back()
    gc.freeze()  # what was made at the start stays: walking over it again and again only costs time
    # A request frees almost all by itself; every 700 objects, a sampling profiler saw 5 % of a rush in the collector.
    # Every 5,000 it takes as long in all as every 20,000, half as long at once, and leaves fewer holes.
    gc.set_threshold(5_000, 20, 20)
