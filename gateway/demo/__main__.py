"""`python -m gateway.demo [--stay]`: what `make demo` runs, and `gatepost demo` too."""

import sys

from gateway.core.errors import GatepostError
from gateway.demo import run

if __name__ == "__main__":
    try:
        sys.exit(run(stay="--stay" in sys.argv[1:]))
    except GatepostError as error:
        sys.exit(f"demo: {error}")
