"""Open the DuckDB file of the state: check it, upgrade its format, and set it aside only if it is corrupt.

A file that can't be used for another reason (no permission, a newer format, a full disk) is left as it is, and the job
refuses to start: its counts are still good.
"""

import contextlib
import logging
import stat
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb

from spark_job.first_line import first_line
from spark_job.state.schema import FORMAT, META, MIGRATIONS, OWN_TABLES, SCHEMA

logger = logging.getLogger(__name__)

#: DuckDB's messages for a damaged file. Its error codes don't separate damage from a missing permission.
CORRUPT = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Corrupt WAL file",
    "Could not read enough bytes from file",
)
#: A part of DuckDB's message, and what helps. The first match is used.
HELP = (
    ("Permission denied", "Give the file to the user that runs the job (chown), with its .wal file."),
    ("Operation not permitted", "Give the folder and the file to the user that runs the job (chown)."),
    ("Read-only file system", "Mount the file system so that it can be written to."),
    ("No space left", "Make room on the disk."),
    ("quota", "Make room on the disk."),
    ("Too many open files", "Raise the limit of open files (ulimit -n)."),
    ("version number", "Run the newer DuckDB that wrote it, or move the file away to count from zero."),
    ("ut of memory", "Give the job more memory."),
    ("annot allocate memory", "Give the job more memory."),
)
#: Files that DuckDB opens: the file, its log, and temporary ones.
SPARE_FILES = 8
#: The size of the blocks of a new file. Each column of a table that was written since the last checkpoint has at least
#: one block in memory, and there are more than a hundred. With DuckDB's own 256 KiB they have 34 MB at 50 posts/s. A
#: file that exists keeps the size that it has.
BLOCK_BYTES = "16384"
ANY_HELP = "Repair that, or move the file away to count from zero."


class StateInUseError(Exception):
    """Another process has the state file open."""


class StateRefusedError(Exception):
    """The state file can't be used, and is not corrupt. Its text names the file and says what helps."""


class _CorruptError(Exception):
    """The file is damaged."""


def _note_missing_pandas() -> None:
    """Let Python know at once that pandas is not installed, if it isn't.

    DuckDB tries to import it twice for each parameter of a statement, and each time Python would search its whole path.
    """
    if "pandas" not in sys.modules and find_spec("pandas") is None:
        sys.modules["pandas"] = None  # type: ignore[assignment]


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """Open or create the file with its tables.

    Raises:
        StateInUseError: Another process has it open.
        StateRefusedError: It is of a newer format, or not a state file.
        OSError: Its folder can't be made or used.
        duckdb.Error: It can't be read or written.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder of an earlier version may be open to other users.
    path.parent.chmod(0o700)
    _note_missing_pandas()
    db = _connect(path, read_only=False)
    try:
        # With two threads, snapshots of a few hundred thousand rows take as long, and use the core that ingest and
        # Spark need.
        db.execute("SET threads = 1")
        # Up to this many rows are fetched by their row id and not by a scan, see `sql.rows_of`.
        db.execute("SET dynamic_or_filter_threshold = 500")
        # Changes since the last checkpoint are in memory too, so checkpoints are small. With a smaller threshold, each
        # large commit would cause a checkpoint, which takes as long as the commit.
        db.execute("SET checkpoint_threshold = '4MB'")
        # Rows of a pane are written two or three times within minutes. To choose the best compression each time takes a
        # quarter of a micro-batch, and the file is small.
        db.execute("SET force_compression = 'uncompressed'")
        _bring_up_to_date(db, path)
    except BaseException:
        with contextlib.suppress(duckdb.Error):
            db.close()
        raise
    return db


def open_checked(path: Path, now_ms: int) -> tuple[duckdb.DuckDBPyConnection, str | None]:
    """Open the file. If it is corrupt, set it aside and create a new one.

    Every block is read once and has a checksum, so damage anywhere is found now and not in a week.

    Returns:
        The connection, and one sentence about a file that was set aside, or `None`.

    Raises:
        StateInUseError: Another process has it open.
        StateRefusedError: It can't be used, and is left as it is.
        OSError: Its folder can't be made.

    """
    # Without a folder there is no file, so this is a plain OSError.
    path.parent.mkdir(parents=True, exist_ok=True)
    with refusing(path):
        _require_file(path)
        try:
            if path.exists():
                with _corruption():
                    _check(path)
            with _corruption():
                return open_file(path), None
        except _CorruptError as error:
            _set_aside(path, now_ms, str(error))
            return open_file(path), "the stored counts could not be read"


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn errors of the file at the start of the job into `StateRefusedError`."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise StateRefusedError(_sentence(path, first_line(error))) from error


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only, config={"default_block_size": BLOCK_BYTES})
    except duckdb.IOException as error:
        if "set lock" in str(error):
            raise StateInUseError(f"another process has {path} open") from error
        raise


def _require_file(path: Path) -> None:
    """Refuse what is not a regular file: DuckDB waits for ever on a pipe, and follows a link to a missing disk."""
    if path.is_symlink() and not path.exists():
        raise StateRefusedError(_sentence(path, f"it is a link to {str(path.readlink())!r}, which is not there"))
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise StateRefusedError(_sentence(path, "it is not a file"))
    # DuckDB ends the process when it can't open another file, so try that first.
    with contextlib.ExitStack() as opened:
        for _ in range(SPARE_FILES if path.exists() else 0):
            opened.enter_context(path.open("rb"))


def _check(path: Path) -> None:
    """Read the whole file, and change nothing.

    Raises:
        duckdb.Error: It can't be read.
        StateRefusedError: It is of a newer format, or not a state file.
        _CorruptError: It is damaged.

    """
    with contextlib.closing(_connect(path, read_only=True)) as db:
        tables = _tables(db)
        _require_own(path, _format(db, tables))
        for table in tables:
            db.execute(f'SELECT sum(hash(t)) FROM "{table}" t').fetchall()  # noqa: S608 - DuckDB's own list


def _tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    found = db.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    return [name for (name,) in found]


def _require_own(path: Path, found: int | None) -> None:
    """Refuse a file of a newer format, and one that is not a state file of the job."""
    if found is None:
        raise StateRefusedError(_sentence(path, "it is a DuckDB file with other tables than the job's"))
    if found > FORMAT:
        reason = f"its format is {found}, and this version of the job knows {FORMAT} at most"
        helps = "Run the newer version of the job, or move the file away to count from zero."
        raise StateRefusedError(_sentence(path, reason, helps))


def _format(db: duckdb.DuckDBPyConnection, tables: list[str]) -> int | None:
    """The format of the file: `FORMAT` if it has no tables, `None` if it is not a state file of the job."""
    if not tables:
        return FORMAT
    if "meta" not in tables:
        return None if OWN_TABLES.isdisjoint(tables) else 1
    columns = [
        name for (name,) in db.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = 'meta'").fetchall()
    ]
    if columns != ["format"]:
        return None
    rows = db.execute("SELECT format FROM meta").fetchall()
    # The table and its row are made in one transaction.
    if len(rows) != 1 or rows[0][0] is None:
        raise _CorruptError("its format is not stored")
    return int(rows[0][0])


def _bring_up_to_date(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create missing tables and upgrade those of an older format, in one transaction."""
    tables = _tables(db)
    old = _format(db, tables)
    _require_own(path, old)
    if old == FORMAT and "meta" in tables:
        return
    db.execute("BEGIN")
    db.execute(SCHEMA)
    for number in range(old or FORMAT, FORMAT):
        for statement in MIGRATIONS[number]:
            db.execute(statement)
    db.execute(META)
    db.execute("DELETE FROM meta")
    db.execute("INSERT INTO meta VALUES (?)", [FORMAT])
    db.execute("COMMIT")


@contextlib.contextmanager
def _corruption() -> Iterator[None]:
    """Turn DuckDB's errors for a damaged file into `_CorruptError`. Other errors pass."""
    try:
        yield
    except duckdb.Error as error:
        if any(words in str(error) for words in CORRUPT):
            raise _CorruptError(first_line(error)) from error
        raise


def _sentence(path: Path, error: str, helps: str | None = None) -> str:
    reason = error.removeprefix("IO Error: ")
    if helps is None:
        helps = next((helps for word, helps in HELP if word in reason), ANY_HELP)
    return f"{path} can't be used and was left as it is: {reason.rstrip('.!')}. {helps}"


def _set_aside(path: Path, now_ms: int, reason: str) -> None:
    """Give the file and its write-ahead log other names."""
    for part in (path, path.with_name(path.name + ".wal")):
        if part.exists():
            part.rename(part.with_name(f"{part.name}.broken-{now_ms}"))
    logger.warning("%s could not be read and was set aside as %s.broken-%d: %s", path, path.name, now_ms, reason)
