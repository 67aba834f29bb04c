"""Code that several sources need."""
