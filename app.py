"""What `cdk` runs: writes the templates of one stage. Needs no account, network or Docker."""

import sys

from infra.bundling import BundlingError
from infra.synthesis import synthesize
from ops.lint.build import LintError, refuse

if __name__ == "__main__":
    try:
        refuse()
        synthesize()
    except (BundlingError, LintError) as error:
        sys.exit(str(error))
