"""`make run` and `make demo`: the launcher, in the process that becomes the server; nothing is imported twice."""
# ruff: noqa: E402, I001  the order of the imports is the point

from gevent import monkey

monkey.patch_all()  # gunicorn.conf.py does the same, and finds it done

import gc
import sys

gc.disable()  # what is imported stays: walking over it again and again takes a tenth of the start

from kiosk import launcher

gc.freeze()
gc.enable()

if __name__ == "__main__":
    sys.exit(launcher.main())
