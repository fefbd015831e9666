"""Makes what the clients' tests need and takes minutes to make: the clients' own environments and the images."""

from support.environments import REQUIREMENTS, environment
from support.image import image


def main():
    for wanted in sorted(REQUIREMENTS.glob("*.txt")):
        environment(wanted.stem)
    print(image())
    print(image("listener"))


if __name__ == "__main__":
    main()
