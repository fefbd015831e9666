"""Certificates for servers under test, made by openssl."""

import ssl
import subprocess


def openssl(*arguments, at=None):
    """`at`: the day it is when openssl looks at the clock."""
    clock = ["faketime", at] if at else []
    subprocess.run([*clock, "openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A certificate authority of one's own, in `folder`. `file` is what clients must trust."""

    def __init__(self, folder):
        self.folder, self.file, self.key = folder, folder / "ca.pem", folder / "ca.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.file,
                "-days", 9999, "-subj", "/CN=authority under test", at="2020-01-01")

    def context(self, name="IP:127.0.0.1", at=None):
        """A server's context; its certificate is for `name`, made on the day `at` and good for two days."""
        leaf, request, extensions = (self.folder / f"leaf.{kind}" for kind in ("pem", "csr", "ext"))
        extensions.write_text(f"subjectAltName={name}\n")
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "leaf.key", "-out", request,
                "-subj", "/CN=server under test")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", 2,
                "-extfile", extensions, "-out", leaf, at=at)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf, self.folder / "leaf.key")
        return context
