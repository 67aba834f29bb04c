"""`python stopper.py PROCESS SECONDS` stops a process for some seconds (SIGSTOP), then continues it (SIGCONT).

It continues the process as soon as its standard input ends. So the process goes on, whatever ends the program that
started this one. It imports the standard library only.
"""

import os
import select
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Stop, wait, continue."""
    process, seconds = int(sys.argv[1]), float(sys.argv[2])
    # A signal to all processes of the job must not end this one before the process goes on.
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGSTOP)
        try:
            select.select([sys.stdin], [], [], seconds)
        finally:
            os.kill(process, signal.SIGCONT)


if __name__ == "__main__":
    main()
