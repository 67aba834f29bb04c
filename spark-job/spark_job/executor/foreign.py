"""Text from outside (servers, posts, files) on its way into a sentence of the job."""

from spark_job.log_lines import escape

MAX_CHARACTERS = 500


def shown(text: object, most: int = MAX_CHARACTERS) -> str:
    """`text` cut to `most` characters, on one line: what is invisible or moves the cursor is written as an escape."""
    line = str(text)
    return escape(line if len(line) <= most else line[: most - 1] + "…")
