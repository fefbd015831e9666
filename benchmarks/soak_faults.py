"""What the soak does to answers. Whoever adds a fault says what it may cost: see SURVIVED and TOLD."""

import datetime
import email.utils
import string

FOREVER = -1
EVENTS = "/events/?"  # lists, of a project's events and of Explore's ids
ANYWHERE = ["*", "/events/", "/issues/", "/releases/", "/projects/", "/keys/", "sort=new", "dataset=errors", "group="]
EMPTY_SWEEP = "empty sweep"
LISTS_OF_SEVERAL = "&project="  # where 404 says that a server has no such list; also of Explore
WINDOWS = ["full=true", "/issues/?"]
WIDE = 86_400 * 20  # narrower ones mean hundreds of requests for the years before there was anything
DOCUMENTS = ["/projects/acme/", "/acme/issues/", "/acme/$"]
NGINX_REFUSES = {"status": 503, "body": "<html>503 Service Temporarily Unavailable</html>", "content_type": "text/html"}
FIREWALL = {"status": 403, "body": "<html>Request blocked</html>", "content_type": "text/html"}
FOREIGN_PROJECT = {"id": "999", "slug": "web", "name": "Web", "dateCreated": "2031-01-01T00:00:00Z",
                   "organization": {"id": "77", "slug": "globex"}}
FUTURE_EVENT = {"id": "f" * 32, "dateCreated": "2031-01-01T00:00:00Z", "dateReceived": "2031-01-01T00:00:00Z"}
ENDLESS, BAD_EVENT, BAD_PROJECT = "endless", "an event that fails", "a project that fails"
# Kind: (where, how often at most, what). An answer that is wrong and yet valid is not among them: nobody could tell.
# 500 and 404 for long would send issues and releases to older routes, as they should, which show less.
# An event and a project of those that are read are filled in, and the world's time of the day before.
FAULTS = {
    "500": (ANYWHERE, 2, {"status": 500, "body": ""}),
    "events 500": (["/events/"], 30, {"status": 500, "body": ""}),
    "502": (ANYWHERE, 30, {"status": 502, "body": "<html>Bad Gateway</html>"}),
    "503": (ANYWHERE, 30, {"status": 503, "body": ""}),
    "504": (ANYWHERE, 2, {"status": 504, "body": ""}),
    "events 504": (["/events/"], 12, {"status": 504, "body": "stream timeout"}),
    "408": (ANYWHERE, 2, {"status": 408, "body": ""}),
    "404": ([LISTS_OF_SEVERAL], 5, {"status": 404, "body": '{"detail":"The requested resource does not exist"}'}),
    "query time-out": (["/events/", "/issues/"], 8, {"status": 400, "body": '{"detail":"Query timeout. Please try '
                                                                            'again."}'}),
    "410": (["/events/"], 2, {"status": 410, "body": '{"message":"This API no longer exists."}'}),
    "401": (ANYWHERE, 3, {"status": 401, "body": '{"detail":"Invalid token"}'}),
    "403": (["/events/", "/keys/", "sort=new", "group="], 3, {"status": 403, "body": '{"detail":"no"}'}),
    "web page": (ANYWHERE, 2, {"html": True}),
    "429 gateway": (ANYWHERE, 5, {"rate_limited": 20, "rate_limited_shape": "gateway"}),
    "429 query": (ANYWHERE, 5, {"rate_limited": 5, "rate_limited_shape": "query"}),
    "429 old": (ANYWHERE, 5, {"rate_limited": 5, "rate_limited_shape": "old"}),
    "429 glitchtip": (ANYWHERE, 5, {"rate_limited": 5, "rate_limited_shape": "glitchtip"}),
    "closed": (ANYWHERE, 12, {"close": "before"}),
    "cut": (ANYWHERE, 12, {"truncate": 200}),
    "cut at once": (ANYWHERE, 4, {"truncate": 0}),
    "cut gzip": (ANYWHERE, 12, {"truncate_gzip": True}),
    "no JSON": (ANYWHERE, 8, {"replace": ['"id"', "id"]}),
    "half a record": (["full=true"], 4, {"replace": ['"dateCreated":', '"dateCreated"']}),
    "no Link": ([EVENTS], 2, {"drop_headers": ["Link"]}),
    "malformed Link": ([EVENTS], 2, {"set_headers": {"Link": '<u; rel="next results=true cursor="0:10:0"'}}),
    "Link without a cursor": ([EVENTS], 2, {"set_headers": {"Link": '<u>; rel="next"; results="true"'}}),
    "circle": (["full=true"], 2, {"repeat_cursor": True}),
    # Keys come in one page, so that this leads to it.
    "empty page": (["/keys/"], 1, {"status": 200, "body": "[]", "after": 0, "headers": {
        "Link": '<u>; rel="next"; results="true"; cursor="0:0:0"'}}),
    EMPTY_SWEEP: (["sort=new", "group="], 2, {"status": 200, "body": "[]", "after": 0}),
    "slow": (ANYWHERE, 30, {"delay_ms": 150}),
    "silent": (ANYWHERE, 1, {"delay_ms": 2000}),  # 200 s, of which the connector waits for 120
    "drip": (ANYWHERE, 3, {"drip_ms": 1}),
    "slow drip": (["/issues/", "/keys/", "/releases/"], 1, {"drip_ms": 15}),
    "524": (ANYWHERE, 2, {"status": 524, "body": "<html>A timeout occurred</html>"}),
    "wide 524": (WINDOWS, FOREVER, {"status": 524, "body": "<html>A timeout occurred</html>", "wider_than": WIDE}),
    "wide 502": (WINDOWS, FOREVER, {"status": 502, "body": "<html>Bad Gateway</html>", "wider_than": WIDE}),
    "503 Retry-After": (ANYWHERE, 4, {"status": 503, "body": "", "headers": {"Retry-After": "30"}}),
    "nginx limit_req": (["*"], FOREVER, {**NGINX_REFUSES, "per_second": 200}),  # two of the connector's seconds
    "nginx limit_conn": (["*"], FOREVER, {**NGINX_REFUSES, "at_once": 1}),
    "1970": (ANYWHERE, FOREVER, {"set_headers": {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}}),
    "cached": (ANYWHERE, FOREVER, {"set_headers": {"Date": "$yesterday", "Age": "86400"}}),
    "cached without Age": (DOCUMENTS, 20, {"set_headers": {"Date": "$yesterday"}}),
    "401 Basic": (ANYWHERE, 3, {"status": 401, "body": "<html>401 Authorization Required</html>",
                                "content_type": "text/html", "headers": {"WWW-Authenticate": 'Basic realm="x"'}}),
    "403 firewall": (["/events/", "/keys/", "sort=new", "group="], 3, FIREWALL),
    "403 firewall for >": (["lastSeen:>"], FOREVER, FIREWALL),
    "preload": (ANYWHERE, FOREVER, {"add_headers": {"Link": "</style.css>; rel=preload; as=style"}}),
    "folded": (ANYWHERE, FOREVER, {"folded": True}),
    "trailer": (ANYWHERE, FOREVER, {"trailer": True}),
    ENDLESS: (["full=true", "/keys/", "/releases/", "/issues/"], FOREVER, {"endless": True}),
    "another's document": (DOCUMENTS, 4, {"body_of_last": True}),
    BAD_EVENT: (["/events/"], FOREVER, {"status": 500, "body": "", "holds": "$event"}),
    BAD_PROJECT: (["/projects/acme/$project/$"], FOREVER, {"status": 500, "body": ""}),
    "foreign row": (["/acme/projects/?"], FOREVER, {"row": FOREIGN_PROJECT}),
    # In whichever window it is listed, so that it is written, once in a run.
    "event of the future": (["full=true"], FOREVER, {"row": FUTURE_EVENT}),
}
NAMES = "name look-up"  # not the server's doing, see support/names.py
# Whatever a run meets of these alone costs it nothing: it ends well.
HEADERS = {"1970", "cached", "cached without Age", "preload", "folded", "trailer", "foreign row", "event of the future"}
SURVIVED = HEADERS | {"wide 524", "wide 502", "503 Retry-After", "nginx limit_req", "nginx limit_conn", "slow", NAMES}
# Whoever has met one of these so often has not read everything, and must say so.
TOLD = {ENDLESS: 110, BAD_PROJECT: 6}
# They lie about the time, so the clock of the machine has to be right.
CLOCKS = {"1970", "cached", "cached without Age"}


def fault(dice, kind, world):
    """`world` fills in what it is about."""
    places, most, what = FAULTS[kind]
    times = FOREVER if most == FOREVER else dice.randint(1, most)
    return filled({"path": dice.choice(places), "after": dice.randrange(dice.choice([1, 20, 150])), "times": times,
                   **what}, world)


def filled(value, world):
    if isinstance(value, dict):
        return {key: filled(one, world) for key, one in value.items()}
    return string.Template(value).safe_substitute(world) if isinstance(value, str) else value


def day_before(now):
    """As an HTTP date."""
    return email.utils.format_datetime(now - datetime.timedelta(days=1), usegmt=True)
