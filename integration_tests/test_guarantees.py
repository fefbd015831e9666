"""docs/guarantees.md names what exists, and leaves no fault out."""

import re

import pytest
from support.protocol import ROOT

TESTS = ROOT / "integration_tests"


@pytest.fixture(scope="module")
def document():
    return (ROOT / "docs" / "guarantees.md").read_text()


def functions(file):
    return set(re.findall(r"^def (test_\w+)", (TESTS / file).read_text(), re.MULTILINE))


def named(document):
    """Pairs of file and test; the document has a letter for each file of faults."""
    letters = dict(re.findall(r"`([A-Z])`(?: stands)?\s+for\s+`(test_\w+\.py)`", document))
    return {(letters.get(file, file), test) for file, test in re.findall(r"`(\w+(?:\.py)?)::(test_\w+)`", document)}


def test_every_test_that_is_named_exists(document):
    for file, test in named(document):
        assert test in functions(file), f"{file}::{test}"


def test_every_fault_has_its_row(document):
    files = [path.name for path in TESTS.glob("test_faults_*.py")]
    assert {(file, test) for file in files for test in functions(file)} <= named(document)
