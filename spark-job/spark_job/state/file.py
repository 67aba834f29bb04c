"""The DuckDB file of the state: checked, opened, brought to the present format, and set aside only if it is corrupt.

What can't be used for another reason (no permission, a newer format, no room) is left as it is, and the job refuses to
start: those counts are still good.
"""

import contextlib
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb

from spark_job.state.schema import FORMAT, META, MIGRATIONS, OWN_TABLES, SCHEMA

logger = logging.getLogger(__name__)

#: How DuckDB says that a file is not as it was written. Its error codes don't tell this from a missing permission.
CORRUPT = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Corrupt WAL file",
    "Could not read enough bytes from file",
)
#: A word of DuckDB's error, and what helps. The first one that fits is taken.
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
#: The file, its log, and a few that come and go.
SPARE_FILES = 8
ANY_HELP = "Repair that, or move the file away to count from zero."


class StateInUseError(Exception):
    """Another process has the state file open."""


class StateRefusedError(Exception):
    """The state file can't be used, and is not corrupt. One sentence that names the file, and one that helps."""


class _CorruptError(Exception):
    """The file is not as it was written."""


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """Open or create the file with its tables.

    Raises `StateInUseError` when another process has it, `duckdb.Error` when it can't be read or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder of an earlier version may be open to other users.
    path.parent.chmod(0o700)
    db = _connect(path, read_only=False)
    try:
        # Tables of a few hundred thousand rows are not worth dividing: with two threads snapshots take as long, and use
        # the other core, which ingest and Spark need.
        db.execute("SET threads = 1")
        # So many rows are fetched by their number and not by a scan, see `contenders.rows_of`.
        db.execute("SET dynamic_or_filter_threshold = 500")
        # What isn't checkpointed is also held in memory; small steps keep both small. Still
        # smaller ones would come with each large commit, and cost as much as it.
        db.execute("SET checkpoint_threshold = '4MB'")
        # Rows of a pane are written two or three times within minutes: to look for the best compression each time takes
        # a quarter of a batch, and the file is small.
        db.execute("SET force_compression = 'uncompressed'")
        _bring_up_to_date(db, path)
    except BaseException:
        with contextlib.suppress(duckdb.Error):
            db.close()
        raise
    return db


def open_checked(path: Path, now_ms: int) -> tuple[duckdb.DuckDBPyConnection, str | None]:
    """Open the file; one that is corrupt is set aside and a new one begun.

    Returns the connection and one sentence about what was set aside, or `None`. Every block is read once, so that a
    file that is corrupt somewhere shows it now and not in a week; blocks carry checksums. Raises `StateInUseError`,
    `StateRefusedError` for what is to be left as it is, and `OSError` if the folder can't be made.
    """
    # Without its folder there is no file to be left as it is: that is a plain OSError.
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
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
    except (duckdb.Error, OSError) as error:
        raise StateRefusedError(_sentence(path, str(error))) from error


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "set lock" in str(error):
            raise StateInUseError(str(path)) from error
        raise


def _require_file(path: Path) -> None:
    """Refuse what is no file: DuckDB would wait for ever for a pipe, and follow a link to a disk that isn't there."""
    if path.is_symlink() and not path.exists():
        raise StateRefusedError(_sentence(path, f"it is a link to {str(path.readlink())!r}, which is not there"))
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise StateRefusedError(_sentence(path, "it is not a file"))
    # DuckDB ends the process where it can't open another file.
    with contextlib.ExitStack() as opened:
        for _ in range(SPARE_FILES if path.exists() else 0):
            opened.enter_context(path.open("rb"))


def _check(path: Path) -> None:
    """Read all of the file and change nothing; raises `duckdb.Error`, `StateRefusedError` or `_CorruptError`."""
    with contextlib.closing(_connect(path, read_only=True)) as db:
        tables = _tables(db)
        _require_own(path, _format(db, tables))
        for table in tables:
            db.execute(f'SELECT sum(hash(t)) FROM "{table}" t').fetchall()  # noqa: S608 - DuckDB's own list


def _tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    found = db.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    return [name for (name,) in found]


def _require_own(path: Path, found: int | None) -> None:
    """Refuse a file whose format is not of this version of the job, or that is not the job's."""
    if found is None:
        raise StateRefusedError(_sentence(path, "it is a DuckDB file with other tables than the job's"))
    if found > FORMAT:
        reason = f"its format is {found}, and this version of the job knows {FORMAT} at most"
        helps = "Run the newer version of the job, or move the file away to count from zero."
        raise StateRefusedError(_sentence(path, reason, helps))


def _format(db: duckdb.DuckDBPyConnection, tables: list[str]) -> int | None:
    """The format of the file: `FORMAT` for one without tables, `None` for one that is not the job's."""
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
    # The table and its row come in one transaction.
    if len(rows) != 1 or rows[0][0] is None:
        raise _CorruptError("its format is not stored")
    return int(rows[0][0])


def _bring_up_to_date(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the tables that are missing, and those of an older format into the present ones, in one transaction."""
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
    """Turn what DuckDB says of a corrupt file into `_CorruptError`; its other errors pass."""
    try:
        yield
    except duckdb.Error as error:
        if any(words in str(error) for words in CORRUPT):
            raise _CorruptError(str(error).splitlines()[0]) from error
        raise


def _sentence(path: Path, error: str, helps: str | None = None) -> str:
    reason = error.splitlines()[0].removeprefix("IO Error: ")
    if helps is None:
        helps = next((helps for word, helps in HELP if word in reason), ANY_HELP)
    return f"{path} can't be used and was left as it is: {reason.rstrip('.!')}. {helps}"


def _set_aside(path: Path, now_ms: int, reason: str) -> None:
    """Give the file and its write-ahead log other names."""
    for part in (path, path.with_name(path.name + ".wal")):
        if part.exists():
            part.rename(part.with_name(f"{part.name}.broken-{now_ms}"))
    logger.warning("%s could not be read and was set aside as %s.broken-%d: %s", path, path.name, now_ms, reason)
