"""Reminds of a product shortly before it runs out, and once more when it surely has."""
