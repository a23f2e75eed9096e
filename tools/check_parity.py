"""Compare mmalm with numbers recorded from released codes: one line per output tensor, exit 1 on any FAIL.

python tools/check_parity.py FILE.safetensors [FILE ..]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mmalm.errors import MmalmError
from mmalm.parity import check_case


def main(argv: list[str] | None = None) -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='+', metavar='FILE', help='recorded case, a safetensors file')
    failed = False
    for file in parser.parse_args(argv).files:
        try:
            for comparison in check_case(file):
                print(comparison)
                failed |= not comparison.passed
        except MmalmError as error:
            print(f'{Path(file).name}  -  nan  FAIL')
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == '__main__':
    sys.exit(main())
