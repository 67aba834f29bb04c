"""The one error of this package."""


class StreamError(Exception):
    """What can't be done with the stream, as one sentence. A notebook shows the sentence without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of the traceback."""
        return [f"StreamError: {self}"]
