"""quiet.py MODULE…: run a module; Ctrl-C ends it without a traceback."""

import runpy
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    del sys.argv[0]
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(130)
