"""The process: gunicorn, its worker, its greenlets, garbage collection."""
