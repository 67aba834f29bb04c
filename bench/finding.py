"""What was found out: one line of the table."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.spread import Spread


@dataclass(frozen=True)
class Target:
    """At least, or at most, so much."""

    bound: float
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return value <= self.bound if self.at_most else value >= self.bound

    def halved(self) -> "Target":
        """What is half as good: a quick run asks for no more, since it has few posts and repeats."""
        return Target(2 * self.bound if self.at_most else self.bound / 2, self.at_most)


@dataclass(frozen=True)
class Finding:
    """One figure. `value` is missing where there is none, and `note` says why or how it was measured."""

    what: str
    unit: str = ""
    value: Spread | None = None
    target: Target | None = None
    note: str = ""
    digits: int = 0
    samples: list[Any] = field(default_factory=list)

    @property
    def met(self) -> bool | None:
        """Whether the target is met by the median; `None` without a target."""
        if self.target is None:
            return None
        return self.value is not None and self.target.is_met(self.value.median)

    def as_json(self) -> dict[str, Any]:
        """As it stands in results.json."""
        return asdict(self) | {"met": self.met}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        """What `as_json` gave."""
        value = Spread(**data["value"]) if data["value"] else None
        target = Target(**data["target"]) if data["target"] else None
        known = {name: data[name] for name in ("what", "unit", "note", "digits", "samples")}
        return cls(value=value, target=target, **known)
