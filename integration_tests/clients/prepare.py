"""Makes what the clients' tests need and takes minutes to make: the clients' own environments and the image."""

from support.environments import REQUIREMENTS, environment
from support.image import image


def main():
    for wanted in sorted(REQUIREMENTS.glob("*.txt")):
        environment(wanted.stem)
    print(image())


if __name__ == "__main__":
    main()
