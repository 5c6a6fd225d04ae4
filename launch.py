"""`make run` and `make demo`: the launcher, in the process that becomes the server; nothing is imported twice."""
# ruff: noqa: E402, I001  the order of the imports is the point

from gevent import monkey

monkey.patch_all()  # gunicorn.conf.py does the same, and finds it done

import sys

from kiosk import launcher

if __name__ == "__main__":
    sys.exit(launcher.main())
