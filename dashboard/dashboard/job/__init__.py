"""What the dashboard requests from the job."""
