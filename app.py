"""What `cdk` runs: writes the templates of one stage. Needs no account, network or Docker."""

import sys

from infra.bundling import BundlingError
from infra.synthesis import synthesize

if __name__ == "__main__":
    try:
        synthesize()
    except BundlingError as error:
        sys.exit(str(error))
