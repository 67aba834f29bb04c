"""The first line of an error's text: DuckDB's texts have several, and some errors have none."""


def first_line(error: BaseException) -> str:
    """The first line of the text that is not empty. The name of the error's class if it has no text."""
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
