"""examples/listen: what runs the listener in Kubernetes and by compose is right by the linters of each."""

import subprocess

import pytest
from support.environments import environment
from support.protocol import ROOT

EXAMPLES = ROOT / "examples" / "listen"
# Their schemas come with them; the network is not asked.
LINTERS = [
    ("kubernetes.yaml", ["kubernetes-validate", "--strict"], "strategy:", "strategie:"),
    ("kubernetes.yaml", ["kubernetes-validate", "--strict"], "runAsUser: 1000", "runAsUser: listen"),
    ("compose.yaml", ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"], "network_mode:", "network_mod:"),
]


@pytest.mark.parametrize("name, command, right, wrong", LINTERS, ids=["key", "type", "compose"])
def test_the_linter_agrees_and_would_refuse_a_mistake(tmp_path, name, command, right, wrong):
    def lint(text):
        file = tmp_path / name
        file.write_text(text)
        return subprocess.run([environment("delivery") / command[0], *command[1:], file], capture_output=True,
                              text=True, timeout=120)

    text = (EXAMPLES / name).read_text()
    done = lint(text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert right in text
    done = lint(text.replace(right, wrong, 1))
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stdout + done.stderr
