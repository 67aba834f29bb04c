"""Alerts: which rules there are, when they fire, and what waits until the dashboard has stored it."""
