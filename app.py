"""What `cdk` runs: writes the templates of one stage. Needs no account, network or Docker."""

from infra.synthesis import synthesize

if __name__ == "__main__":
    synthesize()
