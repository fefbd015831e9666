"""The house itself: which folder may include which, that versions agree, that every stream has what it needs."""

import json
import re
import subprocess

import yaml
from support.connector import STREAMS
from support.protocol import ROOT

# From the roof down: a room may include itself and what stands below its floor, and nothing beside it. The listener's
# rooms, of live/, stand on those of src/.
FLOORS = [
    ["live"],
    ["live/app"],
    ["live/doctor"],
    ["live/drain"],
    ["live/receive"],
    ["live/notion"],
    ["live/notion/work"],
    ["live/notion/api"],
    ["live/notion/cache", "live/notion/text"],
    ["live/server"],
    ["app"],
    ["app/commands", "app/usage"],
    ["app/terminal"],
    ["app/settings"],
    ["files", "protocol"],
    ["files/format"],
    ["sentry/source"],
    ["sentry/streams"],
    ["sentry/streams/mapped"],
    ["sentry/streams/custom", "sentry/streams/families", "sentry/webhooks"],
    ["sentry/streams/explore"],
    ["sentry/streams/spec"],
    ["sentry/projects"],
    ["sentry/answers"],
    ["sentry"],
    ["engine/run"],
    ["engine/read"],
    ["engine/custom", "engine/series"],
    ["engine/write"],
    ["engine/plan"],
    ["engine/expand"],
    ["engine/fetch", "engine/state"],
    ["mapping/custom", "mapping/dialects", "mapping/schema"],
    ["mapping/shape"],
    ["mapping/expression", "mapping/yaml"],
    ["mapping/jq"],
    ["http", "json"],
    ["http/body"],
    ["sink", "spool"],
    ["base/secrets"],
    ["base"],
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# What faces the internet, and may take nothing else of ours along.
BARE = {"live/server": {"base"},
        "live/receive": {"base", "live/server", "sentry/webhooks", "spool"}}
MOST_UNITS = 12
MOST_LINES = 400
# Third-party headers that only one place may know.
FENCES = {"CLI/": "app/cli.cpp app/usage/arguments.cpp app/usage/commands.cpp app/usage/outline.cpp "
                  "app/usage/setting_flags.cpp live/app/options.cpp",
          "curl/": "http/curl_client.cpp", "libdeflate": "http/body/inflater.cpp",
          "xxhash": "files/line_memory.cpp files/key_sort.cpp", "simdjson": "json/record_splitter.cpp json/tokens.cpp", "zlib": "http/body/piecewise_inflater.cpp files/format/gzip.cpp spool/frame.cpp",
          "zstd": "files/format/zstd.cpp", "jq.h": "mapping/jq/libjq.h", "jv.h": "mapping/jq/libjq.h",
          "yaml-cpp/": "mapping/yaml/yaml.cpp",
          "boost/": "live/server/channel.cpp live/server/channel.h live/server/connection.cpp live/server/connection.h "
                    "live/server/http_server.cpp live/server/listening_socket.cpp live/server/listening_socket.h "
                    "live/server/tls_context.h",
          "openssl/": "live/server/tls_context.cpp live/receive/endpoint.cpp live/receive/signature.cpp "
                      "live/notion/users.cpp",
          "hiredis/": "live/notion/cache/redis_cache.cpp"}
# nlohmann's whole header costs a second of the compiler's time in every file that it gets into, so headers take
# <nlohmann/json_fwd.hpp>. These hold a document by value:
WHOLE_JSON = {
    "app/settings/config_file.h": "the configuration as it was read",
    "app/settings/settings.h": "the same, with what else is set",
    "engine/plan/stream_job.h": "the saved state that came in for a stream",
    "engine/state/stream_state.h": "the same, and the keys of its partitions",
    "live/drain/kept_states.h": "the states that have left",
    "files/manifest.h": "the state that covers a stream's files",
    "mapping/dialects/opslevel_parts.h": "the native form of one extractor",
    "mapping/dialects/translation.h": "the native form of a dialect's text",
    "protocol/stream_output.h": "the last state, for the heartbeat that repeats it",
    "sentry/mapping_config.h": "the entries of mapped and custom streams as they came",
    "sentry/streams/mapped/definitions.h": "the same, with those of Port's and OpsLevel's texts",
    "sentry/source/source.h": "the saved state that the caller hands over",
    "sentry/webhooks/live_read.h": "the same",
}


def includes(path):
    return re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.MULTILINE)


def place_of(path):
    """As includes name it: below src, but live/ with its own name."""
    base = ROOT / "src" if path.is_relative_to(ROOT / "src") else ROOT
    return path.relative_to(base)


def room_of(path):
    return str(place_of(path).parent)


def sources(pattern="**/*.*"):
    """The connector's files, and the listener's."""
    return [path for folder in ("src", "live") for path in sorted((ROOT / folder).glob(pattern))
            if path.suffix in (".h", ".cpp")]


def is_ours(header):
    return (ROOT / (header if header.startswith("live/") else f"src/{header}")).exists()


def test_includes_point_one_way():
    for path in sources():
        room = room_of(path)
        if path == ROOT / "src" / "main.cpp":
            continue  # the roof
        assert room in FLOOR_OF, f"{path.name} is in a room that no floor has"
        for header in includes(path):
            target = header.rpartition("/")[0]
            if is_ours(header) and target != room:
                assert FLOOR_OF[target] > FLOOR_OF[room], f"{room}/{path.name} includes {header}"
                assert target in BARE.get(room, {target}), f"{room}/{path.name} includes {header}"


def test_no_room_is_crowded_and_no_file_long():
    for room in FLOOR_OF:
        units = {path.stem for path in sources() if room_of(path) == room}
        assert 0 < len(units) <= MOST_UNITS, f"{room} has {len(units)} units"
    for path in sources():
        lines = path.read_text().count("\n")
        assert lines <= MOST_LINES, f"{path.name} has {lines} lines"


def test_third_party_headers_stay_behind_their_fences():
    for path in sources():
        for header in includes(path):
            for prefix, home in FENCES.items():
                if header.startswith(prefix):
                    assert str(place_of(path)) in home.split(), f"{path} includes {header}"
            if header.startswith("spdlog/"):
                assert path.suffix == ".cpp", f"{path} includes {header}"


def test_headers_include_the_whole_of_json_only_to_hold_a_document():
    whole = {str(place_of(path)) for path in sources()
             if path.suffix == ".h" and "nlohmann/json.hpp" in includes(path)}
    assert whole == set(WHOLE_JSON), "take <nlohmann/json_fwd.hpp>, or name the header and its reason in WHOLE_JSON"


def test_the_sandbox_knows_nothing_of_the_connector():
    for path in (ROOT / "sandbox").glob("**/*.*"):
        for header in includes(path) if path.suffix in (".h", ".cpp") else []:
            assert header.rpartition("/")[0] not in set(FLOOR_OF) - {"base"} or (ROOT / "sandbox" / header).exists(), (
                f"{path} includes {header}")


def test_one_version_everywhere():
    cmake = (ROOT / "CMakeLists.txt").read_text()
    version = re.search(r"project\(source-sentry VERSION ([\d.]+)", cmake)[1]
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert metadata["dockerImageTag"] == version
    assert f"io.airbyte.version={version}" in dockerfile
    assert f"io.airbyte.name={metadata['dockerRepository']}" in dockerfile
    # The last image is the connector's, the one before it the listener's.
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="?([^"\n]*?)"?(?: \\)?$', dockerfile, re.MULTILINE))
    assert labels.keys() == {"title", "description", "version", "licenses", "source", "documentation"}
    assert set(re.findall(r"(?:io\.airbyte|image)\.version=(\S+)", dockerfile)) == {version}
    assert (labels["version"], labels["licenses"], labels["title"]) == (version, metadata["license"], "source-sentry")
    assert f'DESCRIPTION "{labels["description"]}"' in cmake and f'HOMEPAGE_URL "{labels["source"]}"' in cmake
    assert (ROOT / labels["documentation"].partition("/blob/main/")[2]).exists()
    for path in ("Dockerfile", "docs/install.md", "examples/listen/compose.yaml", "examples/listen/kubernetes.yaml"):
        named = re.findall(r"source[-_]sentry(?:-listen)?[_:-](\d+\.\d+\.\d+)", (ROOT / path).read_text())
        assert {version} == set(named), path
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_metadata_names_existing_streams_and_keeps_to_known_keys():
    document = yaml.safe_load((ROOT / "metadata.yaml").read_text())
    assert set(document) == {"metadataSpecVersion", "data"}
    data = document["data"]
    for key in ("name", "definitionId", "connectorType", "dockerRepository", "dockerImageTag", "license",
                "documentationUrl", "githubIssueLabel", "connectorSubtype", "releaseStage"):
        assert data[key], key
    assert set(data["suggestedStreams"]["streams"]) <= set(STREAMS)
    assert data["maxSecondsBetweenMessages"] == 60 and data["connectorSubtype"] == "api"


def untyped(schema, path):
    """The places in a schema that have no type."""
    found = [] if "type" in schema else [path]
    for name, inner in schema.get("properties", {}).items():
        found += untyped(inner, f"{path}.{name}")
    return found + (untyped(schema["items"], path + "[]") if "items" in schema else [])


def test_no_property_of_a_schema_is_without_a_type():
    """PyAirbyte warns of each such property, once for every record."""
    for path in sorted((ROOT / "schemas").glob("*.json")):
        schema = json.loads(path.read_text())
        assert untyped(schema.get("connectionSpecification", schema), path.stem) == []


def test_the_documentation_is_our_own():
    pages = {yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]["documentationUrl"],
             json.loads((ROOT / "schemas" / "spec.json").read_text())["documentationUrl"]}
    assert len(pages) == 1
    page = pages.pop()
    assert page.startswith("https://") and page.endswith("/docs/airbyte.md") and "docs.airbyte.com" not in page


def test_every_stream_is_served_by_the_sandbox(connector, sandbox):
    from support.connector import catalog
    run = connector.read(sandbox.config(), catalog())
    for stream in STREAMS:
        assert run.records(stream), f"the sandbox has no {stream}"
    for stream in set(STREAMS) - {"project_detail", "all_projects_detail"}:  # rows of projects
        assert stream in sandbox.truth(), f"sandbox/server/truth.cpp has no list of {stream}"


def test_nothing_of_the_shared_data_is_copied_here():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert not [name for name in tracked if "airbyte_protocol" in name or "openapi" in name]
