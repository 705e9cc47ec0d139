"""The ports on AWS: the only place that imports the SDK."""
