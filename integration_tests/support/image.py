"""The connector's image and the listener's, built for real from the Dockerfile without a container daemon."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from .protocol import ROOT, SHARED

BUILDER = str(SHARED / "tools" / "build-image")
FAKE_DOCKER = SHARED / "tools" / "fake-docker"
NEEDED = ("debootstrap", "buildah", "jq")
LOCK = ROOT / "build" / "image.busy"
ENVIRONMENT = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}  # as the builder has them


def image(target=None):
    """The tag of the image of the present sources, which is built first where it is missing; IMAGE names another one.
    `target`: that of another stage of the Dockerfile. Safe to call from several processes at once. On a machine that
    cannot build images the test is skipped; in CI it fails."""
    missing = [tool for tool in (*NEEDED, BUILDER) if shutil.which(tool) is None] + ["root"] * (os.geteuid() != 0)
    if missing:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse(f"building an image takes root, {', '.join(NEEDED)} and a builder; missing: {', '.join(missing)}")
    if target is None and "IMAGE" in os.environ:
        return os.environ["IMAGE"]
    tag = f"source-sentry/{target or 'source-sentry'}:{sources_digest({'live'} if target is None else set())}"
    LOCK.parent.mkdir(exist_ok=True)
    with open(LOCK, "w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if not buildah("images", "--quiet", tag, check=False).strip():
            options = [] if target is None else ["--target", target]
            done = subprocess.run([BUILDER, "build", tag, str(ROOT), *options], capture_output=True, text=True)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return tag


def sources_digest(without):
    """Names the content of everything that goes into the image. `without`: what is sent, but not taken."""
    ignore = ROOT / ".dockerignore"
    sent = [ROOT / line[1:] for line in ignore.read_text().split() if line.startswith("!") and line[1:] not in without]
    files = [ROOT / "Dockerfile", ignore]
    for path in sent:
        files += sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def buildah(*arguments, check=True):
    return subprocess.run(["buildah", *arguments], env=ENVIRONMENT, check=check, text=True,
                          stdout=subprocess.PIPE, stderr=None if check else subprocess.DEVNULL).stdout


def image_config(tag):
    """What the image says of itself: entry point, environment, labels, user."""
    return json.loads(buildah("inspect", "--type", "image", tag))["OCIv1"]["config"]


def docker_environment():
    """An environment in which the command docker runs our images."""
    return {**os.environ, "PATH": f"{FAKE_DOCKER}:{os.environ['PATH']}"}


@contextlib.contextmanager
def unpacked(tag):
    """The folder with the image's files, while it is needed."""
    container = buildah("from", "--pull-never", tag).strip()
    try:
        yield pathlib.Path(buildah("mount", container).strip())
    finally:
        buildah("rm", container)
