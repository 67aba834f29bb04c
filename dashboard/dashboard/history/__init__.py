"""The closed panes of the last day."""
