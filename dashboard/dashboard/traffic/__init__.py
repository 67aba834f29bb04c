"""Who may connect, and how much each client may request."""
