"""The standard tests of Airbyte's connector development kit: the whole suite, with our metadata.yaml and
acceptance-test-config.yml, over the executable and over the image."""

import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import xml.etree.ElementTree as xml

import pytest
from support.connector import EXECUTABLE
from support.environments import environment
from support.image import docker_environment, image
from support.protocol import ROOT

SUITE = ROOT / "integration_tests" / "clients" / "cdk" / "standard_suite.py"
GOOD, BAD = ["config", "some_scopes"], ["wrong_token", "wrong_project"]
# What the suite only advises today, it is to demand.
ADVICE = "airbyte_cdk.test.standard_tests.DiscoveredCatalogWarning"
# The suite's own words for why a test has nothing to do.
NOT_LISTED = "does not run for scenario"
ONLY_CHECKED = "its config is listed under `connection` in"
FAILS_ANYHOW = "Skipping (expected to fail)."


@pytest.fixture
def folder(tmp_path, sandbox):
    """A connector's folder as Airbyte lays it out, with the secrets of a sandbox that runs."""
    folder = tmp_path / "source-sentry"
    secrets = folder / "secrets"
    secrets.mkdir(parents=True)
    for path in (ROOT / "metadata.yaml", ROOT / "acceptance-test-config.yml", SUITE):
        shutil.copy(path, folder)
    for name, changes in {
        "config": {},
        "some_scopes": {"auth_token": "sandbox-scopes-project.read-event.read-org.read"},
        "wrong_token": {"auth_token": "nobody-knows-this-token"},
        "wrong_project": {"project": "wbe"},
        "no_organization": {"organization": None},
    }.items():
        (secrets / f"{name}.json").write_text(json.dumps(sandbox.config(**changes)))
    return folder


@pytest.fixture(scope="session")
def registry():
    """A connector registry in which our repository's latest version has the specification of the connector that ours
    replaces: so the suite tells whether each of its configurations is one for ours."""
    official = subprocess.run([environment("official") / "source-sentry", "spec"], capture_output=True, check=True)
    [spec] = [json.loads(line)["spec"] for line in official.stdout.splitlines() if b'"type":"SPEC"' in line]
    fields = spec["connectionSpecification"]["properties"]["discover_fields"]
    fields["items"] = {"type": fields.pop("item")}  # a slip of the pen; Airbyte's generated clients read it so too
    entry = json.dumps({"dockerImageTag": "0.0.1", "spec": spec}).encode()

    class Registry(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path == "/source-sentry/source-sentry/latest/oss.json"
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(entry if known else b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def run_suite(folder, registry, *options, variables=os.environ):
    """Runs the suite; which tests passed, and which were skipped with which words."""
    report, scratch = folder / "report.xml", folder / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [environment("cdk") / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p",
         "airbyte_cdk.test.standard_tests.pytest_hooks", "-W", f"error::{ADVICE}", f"--junit-xml={report}", *options,
         SUITE.name],
        cwd=folder, capture_output=True, text=True,
        env={**variables, "SOURCE_SENTRY": EXECUTABLE, "REGISTRY": registry, "TMPDIR": str(scratch)})
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    passed, skipped = set(), {}
    for case in xml.parse(report).iter("testcase"):
        name = re.sub(r"\['(\w+)' Test Scenario\]", r"[\1]", case.get("name"))
        skip = case.find("skipped")
        if skip is None:
            passed.add(name)
        else:
            skipped[name] = skip.get("message")
    return passed, skipped


def named(test, scenarios):
    return {f"{test}[{scenario}]" for scenario in scenarios}


def expect_reasons(skipped, reasons):
    """`reasons`: test -> words that its reason holds."""
    assert set(skipped) == set(reasons), skipped
    for test, words in reasons.items():
        assert words in skipped[test], (test, skipped[test])


def test_the_executable_passes_the_standard_tests(folder, registry):
    passed, skipped = run_suite(folder, registry, "-m", "not image_tests")
    assert passed == {"test_spec"} | (
        named("test_config_matches_spec", GOOD + BAD) | named("test_check", GOOD + BAD + ["no_organization"])
        | named("test_discover", GOOD) | named("test_basic_read", GOOD + BAD)
        | named("test_fail_read_with_bad_catalog", GOOD + BAD))
    expect_reasons(skipped, {
        **{test: ONLY_CHECKED
           for what in ("config_matches_spec", "discover", "basic_read", "fail_read_with_bad_catalog")
           for test in named(f"test_{what}", ["no_organization"])},
        **{test: NOT_LISTED for test in named("test_discover", BAD)},
    })


def test_the_image_passes_the_standard_tests(folder, registry):
    options = ("-m", "image_tests", f"--connector-image={image()}", "--read-from-streams=all",
               f"--read-scenarios={','.join(GOOD)}")
    passed, skipped = run_suite(folder, registry, *options, variables=docker_environment())
    prefix = "test_docker_image_build_and"
    assert passed == {f"{prefix}_spec", "test_docker_image_spec_backward_compatibility"} | (
        named(f"{prefix}_config_matches_spec", GOOD + BAD) | named(f"{prefix}_check", GOOD + BAD + ["no_organization"])
        | named(f"{prefix}_discover", GOOD) | named(f"{prefix}_read", GOOD))
    expect_reasons(skipped, {
        **{test: ONLY_CHECKED for what in ("config_matches_spec", "discover", "read")
           for test in named(f"{prefix}_{what}", ["no_organization"])},
        **{test: NOT_LISTED for test in named(f"{prefix}_discover", BAD)},
        **{test: FAILS_ANYHOW for test in named(f"{prefix}_read", BAD)},
    })
