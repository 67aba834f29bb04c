"""The snapshot: its schema, its views, the newest one."""
