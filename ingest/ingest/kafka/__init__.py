"""The log on Kafka: posts and cursors in transactions, what the topic already has, what STATUS says about it."""
