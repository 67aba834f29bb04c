"""Execute a notebook under the class environment: `execute.py NOTEBOOK SECONDS`; prints the executed one as JSON.

It needs nbclient, so `.venv-class/bin/python` runs it. The environment is passed on to the kernel. A cell that fails
ends it with the traceback. Nothing runs after it.
"""

import sys
from pathlib import Path

import nbformat  # type: ignore[import-not-found]
from nbclient import NotebookClient  # type: ignore[import-not-found]

if __name__ == "__main__":
    path = Path(sys.argv[1])
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=float(sys.argv[2]), kernel_name="python3", resources=folder).execute()
    sys.stdout.write(nbformat.writes(notebook))
