"""The demo: two shops, some sixty orders, one hundred and twenty days.

``shopify`` writes payloads to Shopify's documented webhook schema, ``shops`` has the two shops
and their customers, ``stories`` tells what happens to each order, ``scenario`` puts all of it in
the order of its arrival. Everything is made by code and the same every time.
"""
