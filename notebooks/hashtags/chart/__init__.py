"""Bars that move in a notebook."""
