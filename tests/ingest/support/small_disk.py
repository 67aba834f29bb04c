"""A disk that is full when the test says so: a small file system of its own, or a limit on the size of files."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_BYTES = 16 * 2**20


class SmallDisk:
    """`folder` has 16 MiB. Without the right to mount, the size of files is limited instead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        self._left: int | None = None
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
        self.is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0

    def fill(self, left_bytes: int) -> None:
        """Leave this many bytes free."""
        if self.is_mounted:
            used = sum(path.stat().st_blocks * 512 for path in self.folder.rglob("*"))
            self._ballast.write_bytes(bytes(DISK_BYTES - used - left_bytes))
        else:
            self._left = left_bytes

    @contextmanager
    def limits(self) -> Iterator[None]:
        """Processes that are started in this context are limited to this disk."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        if not self.is_mounted and self._left is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self._left, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def free(self, *pids: int) -> None:
        """Free the disk for these processes."""
        if self.is_mounted:
            self._ballast.unlink()
            return
        self._left = None
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    def close(self) -> None:
        """Unmount."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
