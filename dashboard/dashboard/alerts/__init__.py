"""Alerts: stored, put into words, and delivered to the operator's targets."""
