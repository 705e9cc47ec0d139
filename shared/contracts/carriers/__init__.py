"""What carriers say and how they write it: the one place for their words, codes, times, places.

- ``*.toml``: the words of the Japanese carriers and the plain ones of any other, one table per
  carrier and service; ``details.toml``: what stands in brackets behind a word.
- ``words``: reads a word, or a parcel's words in their order, by these tables.
- ``times``: dates and times as tracking pages write them, without a year or with 月 and 日.
- ``english``: what English words beside a carrier's code mean.
- ``zones``: the time zone of the place where a parcel was scanned.
- ``dhl``: the codes of the DHL divisions that answer in shapes of their own.

A carrier's own codes stand in its source (``shared/sources/fedex.py``). The house reading, which
all of them follow, is in ``shared/contracts/tracking.py``.
"""
