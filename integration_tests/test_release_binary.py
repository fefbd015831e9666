"""What the release executables are made of: how they are protected, and which libraries they take."""

import pathlib
import re
import subprocess

import pytest
from support.connector import BUILD, EXECUTABLE
from support.listener import LISTEN
from support.protocol import ROOT

# What CMake calls each library that docs/dependencies.md names; Threads and PkgConfig are no libraries of others.
CMAKE_NAMES = {"libcurl": "CURL", "simdjson": "simdjson", "spdlog": "spdlog", "nlohmann/json": "nlohmann_json",
               "CLI11": "CLI11", "cpp-httplib": "cpp-httplib", "OpenSSL": "OpenSSL", "zlib": "ZLIB",
               "Boost": "Boost", "hiredis": "hiredis", "libdeflate": "deflate", "zstd": "zstd", "jq": "jq", "yaml-cpp": "yaml-cpp", "GoogleTest": "GTest"}


@pytest.fixture(params=[EXECUTABLE, LISTEN], ids=["connector", "listener"])
def executable(request):
    if not pathlib.Path(request.param).exists():
        pytest.skip(f"{pathlib.Path(request.param).name} is not built")
    return request.param


@pytest.fixture
def readelf(executable):
    def read(*arguments):
        return subprocess.run(["readelf", "--wide", *arguments, executable], capture_output=True, text=True,
                              check=True).stdout

    return read


@pytest.fixture(scope="module")
def release():
    """Skips what is true of release builds alone."""
    kind = re.search(r"CMAKE_BUILD_TYPE:\w+=(\w*)", (BUILD / "CMakeCache.txt").read_text())[1]
    if kind != "Release":
        pytest.skip(f"{BUILD.name} is a build of type {kind}, which is not what users run")


def test_it_is_position_independent(release, readelf):
    assert re.search(r"Type:\s+DYN \(Position-Independent Executable file\)", readelf("--file-header"))
    assert "PIE" in re.search(r"\(FLAGS_1\).*", readelf("--dynamic"))[0]


def test_its_tables_are_read_only_once_it_runs(release, readelf):
    """Full RELRO: everything is bound at the start, and then the tables are closed."""
    assert "GNU_RELRO" in readelf("--program-headers")
    assert "NOW" in re.search(r"\(FLAGS_1\).*", readelf("--dynamic"))[0]


def test_its_stack_is_not_executable_and_nothing_is_both_writable_and_so(release, readelf):
    segments = re.findall(r"^  (\w+) +(?:0x\w+ +){5}([R ][W ][E ])", readelf("--program-headers"), re.MULTILINE)
    assert dict(segments)["GNU_STACK"] == "RW "
    assert "RWE" not in [flags for _, flags in segments]


def test_its_functions_check_their_stack_and_their_buffers(release, readelf):
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols
    assert re.search(r"__\w+_chk@GLIBC", symbols), "none of _FORTIFY_SOURCE"


def test_its_functions_are_marked_as_targets_of_jumps(release, readelf, executable):
    """endbr64 at their beginnings. The executable as a whole does not carry the mark that switches the processor's
    check on, since Debian 12's own start files (crt1.o) are without."""
    if "X86-64" not in readelf("--file-header"):
        pytest.skip("only x86 has this")
    symbols = len(re.findall(r"FUNC ", readelf("--dyn-syms")))
    with open(executable, "rb") as file:
        assert file.read().count(b"\xf3\x0f\x1e\xfa") > symbols


def test_it_carries_no_search_path_of_the_machine_that_built_it(release, readelf):
    assert not re.search(r"\((RPATH|RUNPATH)\)", readelf("--dynamic"))


def rows():
    """The rows of the tables of libraries in docs/dependencies.md, by library."""
    lines = [line for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row for row in cells if len(row) == 6 and row[0] != "library"}


def test_every_library_that_it_takes_stands_in_the_documentation(readelf):
    taken = set(re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("--dynamic")))
    named = set(re.findall(r"`([^`]+\.so[^`]*)`", "".join(row[1] for row in rows().values())))
    sanitizers = {name for name in taken if "san" in name}
    assert taken - sanitizers - {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"} <= named
    assert all(row[4] and row[5] for row in rows().values())


def test_the_connector_takes_none_of_the_listeners():
    needed = subprocess.run(["readelf", "--wide", "--dynamic", EXECUTABLE], capture_output=True, text=True, check=True)
    assert "libcurl" in needed.stdout and not re.search(r"\[lib(hiredis|ssl|crypto|boost)", needed.stdout)


def test_every_package_that_cmake_asks_for_stands_in_the_documentation():
    text = "".join((ROOT / folder / "CMakeLists.txt").read_text() for folder in (".", "live", "sandbox", "unit_tests"))
    asked = set(re.findall(r"find_package\(([\w-]+)", text)) - {"Threads", "PkgConfig"}
    asked |= set(re.findall(r"find_library\(\w+ ([\w-]+)", text))
    asked |= set(re.findall(r"pkg_check_modules\(\w+ .* ([\w-]+)\)", text))
    named = {CMAKE_NAMES[library] for library in rows() if library in CMAKE_NAMES}
    assert asked == named


def test_versions_are_those_of_the_packages_that_are_installed():
    if 'VERSION_CODENAME=bookworm' not in open("/etc/os-release").read():
        pytest.skip("the versions are Debian 12's")
    for library, row in rows().items():
        package, version = row[2].strip("`"), row[3]
        found = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", package], capture_output=True,
                               text=True, check=True).stdout
        assert re.match(rf"(\d+:)?{re.escape(version)}(\W|$)", found), f"{library}: {found}"


def test_libjq_is_new_enough():
    """Records are written by whoever can send events."""
    least = re.search(r"must be (\S+) or newer", (ROOT / "docs" / "dependencies.md").read_text())[1]
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libjq1"], capture_output=True, text=True)
    if query.returncode != 0:
        pytest.skip("libjq1 is no Debian package here")
    assert subprocess.run(["dpkg", "--compare-versions", query.stdout, "ge", least]).returncode == 0, query.stdout
