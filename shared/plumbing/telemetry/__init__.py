"""What a program says of itself: logs, metrics, status and readiness."""
