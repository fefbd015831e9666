"""Every row of docs/security.md names the tests that show it, and these exist."""

import re

from support.protocol import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()


def rows():
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells and all(len(row) == 3 for row in cells)
    return cells


def test_every_threat_has_a_test():
    for threat, done, tests in rows():
        assert threat and done and (re.search(r"`[^`]+`", tests) or tests == "**not yet**"), threat


def test_every_test_that_is_named_exists():
    units = {f"{suite}.{name}" for path in (ROOT / "unit_tests").glob("**/*.cpp")
             for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", path.read_text(), re.MULTILINE)}
    for name in [one for row in rows() for one in re.findall(r"`([^`]+)`", row[2])]:
        if "::" in name:
            file, test = name.split("::")
            folder, _, stem = file.rpartition("/")
            assert f"def {test}(" in (ROOT / "integration_tests" / folder / f"test_{stem}.py").read_text(), name
        elif name.startswith("fuzz_"):
            assert (ROOT / "fuzz" / f"{name}.cpp").exists(), name
        else:
            assert name in units, name
