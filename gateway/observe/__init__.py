"""What others see of a running gateway: a log line and metrics of each message, health over HTTP, traces."""
