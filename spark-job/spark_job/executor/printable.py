"""Make text from outside (servers, posts, files) safe to print in a sentence of the job."""

from spark_job.log_lines import escape

MAX_CHARACTERS = 500


def printable(text: object, most: int = MAX_CHARACTERS) -> str:
    """`text` on one line, cut to `most` characters. Characters that are invisible or move the cursor are escaped."""
    line = str(text)
    return escape(line if len(line) <= most else line[: most - 1] + "…")
