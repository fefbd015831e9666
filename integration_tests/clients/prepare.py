"""Makes what the clients' tests need and takes minutes to make: the clients' own environments and the images."""

import os

from support.environments import REQUIREMENTS, environment
from support.image import image


def main():
    for wanted in sorted(REQUIREMENTS.glob("*.txt")):
        environment(wanted.stem)
    print(image())
    if "BARE" in os.environ:  # minutes of both processors; the build of the release has shown that it compiles
        print(image("listener"))


if __name__ == "__main__":
    main()
