"""Airbyte's own connector beside ours, over TLS: it knows nothing else."""

import json
import os
import subprocess

from support import protocol
from support.connector import Connector, Run
from support.environments import environment


class OfficialRun(Run):
    """What came out of a run that is not ours, so it need not keep to our order of messages."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr.decode()
        self.messages = [json.loads(line) for line in stdout.splitlines()]
        for message in self.messages:
            protocol.message_validator()(message)


class Official(Connector):
    """Runs of the official connector, which trusts `authority` besides nobody."""

    def __init__(self, folder, authority):
        super().__init__(folder)
        # It trusts only the bundle of its certifi package: put ours in its place.
        (folder / "sitecustomize.py").write_text(f"import certifi\ncertifi.where = lambda: {str(authority)!r}\n")
        driver = os.path.join(os.path.dirname(__file__), "official_driver.py")
        self.process = subprocess.Popen([environment("official") / "python", driver], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})

    def run(self, *arguments, env=None, timeout=None):
        assert env is None, "it is loaded already"
        out, err = self.folder / "stdout", self.folder / "stderr"
        print(json.dumps({"arguments": arguments, "stdout": str(out), "stderr": str(err)}), file=self.process.stdin,
              flush=True)
        return OfficialRun(int(self.process.stdout.readline()), out.read_bytes(), err.read_bytes())

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0


class Ours(Connector):
    """Ours, told to trust `authority`."""

    def __init__(self, folder, authority):
        super().__init__(folder)
        self.trust = {"SSL_CERT_FILE": str(authority)}

    def run(self, *arguments, env=None, timeout=120):
        return super().run(*arguments, env={**self.trust, **(env or {})}, timeout=timeout)


class Authority:
    """Somebody who signs certificates, and one for 127.0.0.1."""

    def __init__(self, folder):
        self.certificate = folder / "authority.pem"
        self.server, self.key = folder / "server.pem", folder / "server.key"
        signer = folder / "authority.key"
        certify(signer, self.certificate, "-subj", "/CN=A test's authority", "-addext", "keyUsage=critical,keyCertSign")
        certify(self.key, self.server, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                "-CA", self.certificate, "-CAkey", signer)

    def options(self):
        return "--tls-cert", str(self.server), "--tls-key", str(self.key)


def certify(key, certificate, *more):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-keyout", key, "-out", certificate, *more], check=True, capture_output=True)
