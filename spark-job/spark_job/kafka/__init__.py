"""The driver's side of a log on Kafka: what the topic has, and up to when it is counted."""
