"""A finding is one line of the table."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.spread import Spread


@dataclass(frozen=True)
class Target:
    """A lower or an upper bound."""

    bound: float
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether `value` meets the target."""
        return value <= self.bound if self.at_most else value >= self.bound

    def halved(self) -> "Target":
        """Half of the target, for a quick run, which has few posts and repeats."""
        return Target(2 * self.bound if self.at_most else self.bound / 2, self.at_most)


@dataclass(frozen=True)
class Finding:
    """One figure. `value` is None if there is none. `note` says why, or how it was measured."""

    what: str
    unit: str = ""
    value: Spread | None = None
    target: Target | None = None
    note: str = ""
    digits: int = 0
    samples: list[Any] = field(default_factory=list)

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target; `None` without a target."""
        if self.target is None:
            return None
        return self.value is not None and self.target.is_met(self.value.median)

    def as_json(self) -> dict[str, Any]:
        """The finding as in results.json."""
        return asdict(self) | {"met": self.met}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        """The reverse of `as_json`."""
        value = Spread(**data["value"]) if data["value"] else None
        target = Target(**data["target"]) if data["target"] else None
        known = {name: data[name] for name in ("what", "unit", "note", "digits", "samples")}
        return cls(value=value, target=target, **known)
