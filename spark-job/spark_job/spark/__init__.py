"""The Spark session and the streaming query."""
