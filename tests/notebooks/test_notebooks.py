"""All notebooks: stripped, of one kernel, and with the same code in both languages."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*/*.ipynb"))
LANGUAGES = ("en", "es")


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def test_each_notebook_is_there_in_both_languages() -> None:
    names = {language: {path.name for path in NOTEBOOKS if path.parent.name == language} for language in LANGUAGES}
    assert "1-watch.ipynb" in names["en"]
    assert names["en"] == names["es"]
    assert {path.parent.name for path in NOTEBOOKS} == set(LANGUAGES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_has_no_outputs_and_nothing_of_the_machine_on_which_it_ran(path: Path) -> None:
    notebook = read(path)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}] * len(notebook["cells"])
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.parent.name == "en"], ids=named)
def test_both_languages_have_the_same_code_and_as_many_texts(path: Path) -> None:
    other = FOLDER / "es" / path.name
    # Only what a chart says differs.
    assert code(path) == [cell.replace('(language="es")', "()") for cell in code(other)]
    kinds = [[cell["cell_type"] for cell in read(one)["cells"]] for one in (path, other)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_every_cell_has_an_id_of_its_own(path: Path) -> None:
    ids = [cell["id"] for cell in read(path)["cells"]]
    assert len(set(ids)) == len(ids)
