"""Host names that nobody but the executable knows, and that it may fail to look up for a while."""

from .preload import library


def lost_names(known=0, lost=0):
    """Environment variables with which names that end in .test are this machine, but for `lost` look-ups that fail
    after the first `known` ones."""
    return {"LD_PRELOAD": library("names").path, "NAMES_KNOWN": str(known), "NAMES_LOST": str(lost)}


def named(url):
    """The address of a local server by such a name."""
    return url.replace("127.0.0.1", "sentry.test")
