"""What the codes of two DHL divisions mean that answer in shapes of their own.

DHL Express (MyDHL API, ``typeCode``) and DHL eCommerce Americas (``primaryEventId``). Source: DHL's
list of status codes by service, as karrio (modules/connectors/mydhl/vendors) keeps it; the readings
are ours. A code in no table is told by its words alone (carriers/english.py).
"""

from __future__ import annotations

from shared.contracts.tracking import by_code
from shared.domain.shipments import Actor, Status

_EXPRESS = {
    Status.ACCEPTED: "PU SA",
    Status.IN_TRANSIT: "AF DF PL TR FD IC CR BR BN RR SC MS MC TP MD PD",
    Status.ARRIVED_AT_DELIVERY_DEPOT: "AR",
    Status.OUT_FOR_DELIVERY: "WC",
    Status.DELIVERY_ATTEMPTED: "NH CA ND",
    Status.AVAILABLE_FOR_PICKUP: "CC",
    Status.HELD: "AD",
    Status.DELIVERED: "OK DD",
    Status.EXCEPTION: "BA CM RD CD UD HP OH SS DS",
    Status.RETURNING: "RT",
}
EXPRESS = by_code(_EXPRESS)

_ECOMMERCE = {
    Status.LABEL_CREATED: "109 235 238 300 350 445",
    Status.ACCEPTED: "50 100 115 130 200 211 505 511",
    Status.IN_TRANSIT: (
        "104 110 113 114 120 125 155 156 359 360 361 365 371 399 400 401 402 431 441 442 447 449 "
        "450 451 452 454 456 461 462 463 464 470 472 473 477 478 479 480 481 482 483 499 501 502 "
        "504 509 510 515 517 518 521 523 524 525 526 528 529 530 531 532 533 534 535 536 537 538 "
        "539 540 541 543 545 546 547 548 549 557 562 566 567 568 592 593 640 641 642 670 671"
    ),
    Status.ARRIVED_AT_DELIVERY_DEPOT: "468 494 520 542 575 576 579",
    Status.OUT_FOR_DELIVERY: "544 558 580 597 598",
    Status.DELIVERY_ATTEMPTED: (
        "550 551 552 553 554 555 556 563 564 571 583 595 596 605 612 613 614 615 629 638 639"
    ),
    Status.AVAILABLE_FOR_PICKUP: "469 522 560 565 570 585 599 601",
    Status.HELD: "581 609 616",
    Status.DELIVERED: "572 600 606 607 621 652 653 654 655 656 657 658 659",
    Status.EXCEPTION: (
        "107 240 358 443 448 453 503 506 507 508 582 608 610 611 619 620 623 625 626 630 631 632 "
        "633 636 644 650 665 683 686 689 690 691 693 700 710 720 730 740 750 760 770 780 825 844"
    ),
    Status.RETURNING: (
        "108 602 604 800 802 804 806 808 810 811 813 815 816 817 818 820 853 854 856 857 858 859"
    ),
    Status.RETURNED: "860 863",
    Status.CANCELLED: "101",
}
ECOMMERCE = by_code(_ECOMMERCE)

# Who has to do something, where the status alone does not say so (the house reading, tracking.py).
_ACTS = {
    Actor.RECIPIENT: "HP 240 503",
    Actor.SHOP: (
        "BA CM RD DS 107 358 448 608 610 611 619 620 623 625 626 630 631 633 636 650 683 686 689 "
        "690 691 700 710 720 730 740 750 770 780 825"
    ),
    Actor.CARRIER: (
        "MD MC MS CD UD OH 443 450 453 506 507 508 546 592 593 640 641 644 665 670 671"
    ),
}
ACTS = by_code(_ACTS)

# How DHL eCommerce Americas writes zones.
ZONES = {
    "ET": "America/New_York",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CT": "America/Chicago",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MT": "America/Denver",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "AST": "America/Puerto_Rico",
    "AT": "America/Puerto_Rico",
    "AKT": "America/Anchorage",
    "HT": "Pacific/Honolulu",
    "HST": "Pacific/Honolulu",
    "GMT": "UTC",
    "UTC": "UTC",
}
