"""Every promise of docs/guarantees.md has its tests in docs/guarantees-tests.md; these exist, and no fault is missing."""

import re

import pytest
from support.protocol import ROOT

TESTS = ROOT / "integration_tests"


@pytest.fixture(scope="module")
def index():
    return (ROOT / "docs" / "guarantees-tests.md").read_text()


def promises():
    """The names of the promises, one of each bullet."""
    promised, _, _ = (ROOT / "docs" / "guarantees.md").read_text().partition("## What is not promised")
    bullets = re.findall(r"^- (?:\*\*(.+?)\.\*\* )?", promised, re.MULTILINE)
    assert bullets and all(bullets), "a promise begins with its name: - **Name.** What is promised."
    assert len(bullets) == len(set(bullets)), "two promises of one name"
    return bullets


def entries(index):
    """The index's text for each promise."""
    listed = index.partition("## Promises")[2].partition("\n## ")[0].partition("### What is not promised")[0]
    found = re.findall(r"^- \*\*(.+?)\.\*\* (.*?)(?=^- |^#|\Z)", listed, re.MULTILINE | re.DOTALL)
    assert len(found) == len(dict(found)), "two entries of one name"
    return dict(found)


def rows(index):
    """The rows of the tables of faults, without their heads."""
    lines = [line for line in index.splitlines() if line.startswith("|")]
    return [line for line in lines if not line.startswith(("|---", "| fault |"))]


def functions(file):
    return set(re.findall(r"^def (test_\w+)", (TESTS / file).read_text(), re.MULTILINE))


def named(text):
    """Pairs of file and function: `limits::test_x` is test_x of test_limits.py; clients/ may come before the name."""
    found = re.findall(r"`((?:\w+/)*)(?:test_)?(\w+?)(?:\.py)?::(test_\w+)`", text)
    return {(f"{folder}test_{file}.py", test) for folder, file, test in found}


def whole_files(text):
    """The test files that are named as a whole, or as unit tests are."""
    integration = re.findall(r"`(test_\w+\.py)`", text)
    return [TESTS / name for name in integration] + [ROOT / name for name in re.findall(r"`(unit_tests/[^`]+)`", text)]


def test_every_test_that_is_named_exists(index):
    assert index.count("::") == len(re.findall(r"`[^`\s]+::test_\w+`", index)) + 1  # one explains the form
    for file, test in named(index):
        assert test in functions(file), f"{file}::{test}"
    for path in whole_files(index):
        assert path.exists(), path


def test_every_unit_test_that_is_named_exists(index):
    sources = "".join(path.read_text() for path in (ROOT / "unit_tests").rglob("*_test.cpp"))
    for suite, test in re.findall(r"`([A-Z]\w+)\.([A-Z]\w+)`", index):
        assert re.search(rf"TEST(_F|_P)?\({suite}, {test}\)", sources), f"{suite}.{test}"


def test_every_fault_has_its_row(index):
    files = [path.name for path in TESTS.glob("test_faults_*.py")]
    assert {(file, test) for file in files for test in functions(file)} <= named(index)


def test_every_promise_has_a_test(index):
    listed = entries(index)
    assert set(promises()) == set(listed)
    for name, text in listed.items():
        assert named(text) or whole_files(text), name


def test_every_fault_names_a_test(index):
    for row in rows(index):
        last = row.rstrip(" |").rpartition("|")[2]
        assert named(last) or whole_files(last), row
