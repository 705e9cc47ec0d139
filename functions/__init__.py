"""What is deployed: one file, one Lambda. Parse, one call, map the outcome."""
