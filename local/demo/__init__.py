"""The demo: four shops, some eighty orders, one hundred and twenty days.

``shops`` has the shops and their customers. Two are on Shopify: ``shopify`` writes payloads to its
documented webhook schema, ``stories`` tells what happens to each order. ``linden`` is on
commercetools (``commercetools``) with AfterShip (``aftership``), ``wakaba`` on EC-CUBE
(``eccube``) with ヤマト (``yamato``); their stories stand in their own modules. ``scenario`` puts
all of it in the order of its arrival. Everything is made by code and the same every time.
"""
