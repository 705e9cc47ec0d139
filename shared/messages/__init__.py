"""What a customer reads: templates, brand theme, links, and the renderer that joins them."""
