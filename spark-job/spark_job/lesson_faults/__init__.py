"""Harm that a lesson does on purpose, and whether the counts come out right. Only with LESSON_FAULTS=1, on the demo."""
