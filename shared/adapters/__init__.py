"""The ports, fulfilled: on AWS, and in memory. One test suite holds both to the same behaviour."""
