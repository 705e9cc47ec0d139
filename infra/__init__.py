"""The infrastructure as code. Never deployed itself."""
