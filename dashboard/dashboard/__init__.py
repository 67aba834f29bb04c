"""The dashboard: takes snapshots, remembers the newest, pushes it to every open page."""
