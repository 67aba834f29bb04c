"""Delete all counts of the containers: `docker compose run --rm fresh`, while they are down.

This is a command and not a setting: containers restart by themselves, and a container that crashed must not delete
anything. It runs in ingest's image and uses only the standard library.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

#: The volumes. Each contains a folder of the same name with the files of its service.
KEPT = Path("/kept")
NAMES = ("spool", "counts", "history")

#: Posts on Kafka may be somebody else's, and counts without them would be made again from them.
NOT_ON_KAFKA = (
    "the log is on Kafka (LOG_URL), and nothing is deleted; delete the topic there, or name another one in LOG_URL"
)


class InUseError(Exception):
    """A service is using its folder. The message is one sentence."""


def check_unused(folder: Path) -> None:
    """Raise `InUseError` if a service holds a lock in `folder`. Ingest and dashboard lock by flock, DuckDB by fcntl."""
    for path in folder.glob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUseError(f"{folder.name} is in use; stop the services first: docker compose down") from error
        finally:
            os.close(descriptor)


def main(kept: Path) -> int:
    """Check all three folders, then delete them."""
    if os.environ.get("LOG_URL"):
        sys.stderr.write(f"fresh: {NOT_ON_KAFKA}\n")
        return 1
    folders = [kept / name / name for name in NAMES]
    try:
        for folder in folders:
            check_unused(folder)
        for folder in folders:
            if folder.exists():
                shutil.rmtree(folder)
    except (InUseError, OSError) as error:
        sys.stderr.write(f"fresh: {error}\n")
        return 1
    sys.stdout.write("fresh: posts, counts and history are deleted; docker compose up --wait begins from zero\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(KEPT))
