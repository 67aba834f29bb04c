"""The types of single fields of a snapshot."""

from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
#: Milliseconds since 1970 UTC.
TimeMs = Annotated[int, Meta(ge=0)]
Rank = Annotated[int, Meta(ge=1)]
#: One of so many.
OneOf = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(min_length=1)]
Amount = Annotated[float, Meta(ge=0)]
Part = Annotated[float, Meta(ge=0, le=1)]
