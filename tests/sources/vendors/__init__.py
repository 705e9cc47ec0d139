"""Samples of every source, written to the vendor's documented schema: one module per source."""
