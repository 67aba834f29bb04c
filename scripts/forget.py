"""The first step of `make run FRESH=1`: delete the stored data, and nothing else."""

import shutil
from pathlib import Path

FOLDERS = ("spool", "counts", "history")
"""Folders below DATA_DIR. Each holds the files of one service."""
OURS = ("spool.", "counts.", "history.", "lock")
"""The beginnings of the names of our files."""


class ForgetError(Exception):
    """The stored data can't be deleted. The message is one sentence that names the folder."""


def forget(data_dir: Path) -> None:
    """Delete the folders of the services below `data_dir`. If a folder is a link, delete the files in its target.

    Raises ForgetError. Nothing is removed if a link leads to files that are not ours.
    """
    folders = [data_dir / name for name in FOLDERS]
    for folder in folders:
        _check(folder)
    for folder in folders:
        _remove(folder)


def _check(folder: Path) -> None:
    if not folder.is_symlink() or not folder.exists():
        return
    if not folder.is_dir():
        raise ForgetError(f"FRESH=1: {folder} leads to a file, not to a folder; remove the link yourself")
    others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(OURS) or path.is_dir())
    if others:
        raise ForgetError(
            f"FRESH=1: {folder} leads to a folder with other files, such as {others[0]!r}; empty it yourself"
        )


def _remove(folder: Path) -> None:
    try:
        if folder.is_symlink():
            for path in folder.iterdir() if folder.exists() else ():
                path.unlink()
        elif folder.is_dir():
            shutil.rmtree(folder)
        elif folder.exists():
            folder.unlink()
    except OSError as error:
        raise ForgetError(f"FRESH=1: {folder} can't be removed: {error.strerror}") from error
