"""`bench/results.json`: the findings of the last measurement of each row."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from bench.finding import Finding


@dataclass
class Row:
    """The findings of one row, on which day (UTC), in how many seconds, on which machine."""

    findings: list[Finding]
    day: str
    seconds: float
    machine: dict[str, str] = field(default_factory=dict)


@dataclass
class Results:
    """Rows by name."""

    rows: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Results":
        """The results in the file; empty if there is no file."""
        if not path.exists():
            return cls()
        data = json.loads(path.read_text())
        return cls(
            {
                name: Row(
                    [Finding.from_json(one) for one in row["findings"]], row["day"], row["seconds"], row["machine"]
                )
                for name, row in data["rows"].items()
            }
        )

    def write(self, path: Path) -> None:
        """Write the results into the file."""
        rows = {
            name: {
                "day": row.day,
                "seconds": round(row.seconds),
                "machine": row.machine,
                "findings": [finding.as_json() for finding in row.findings],
            }
            for name, row in self.rows.items()
        }
        path.write_text(json.dumps({"rows": rows}, indent=1, ensure_ascii=False) + "\n")
