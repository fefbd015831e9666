"""Looks at a page as a reader does, in Debian's headless Chromium."""

import json
import re
import shutil
import struct
import subprocess
import zlib

BROWSER = shutil.which("chromium-headless-shell")
# Blink's numbers for prefers-color-scheme.
SCHEMES = {"dark": 0, "light": 1}
# What a page looks like to its reader: how wide it is, which labels touch one another, what is cut off at the sides.
MEASURE = """<script>
const seen = [...document.querySelectorAll("main *:not(svg *)")].filter(one => one.getClientRects().length > 0);
const box = one => one.getBoundingClientRect();
const labels = seen.filter(one => one.matches(".day, .name, .line span"));
const touch = (a, b) => box(a).left + 0.5 < box(b).right && box(b).left + 0.5 < box(a).right &&
                        box(a).top + 0.5 < box(b).bottom && box(b).top + 0.5 < box(a).bottom;
const overlaps = [];
labels.forEach((a, i) => labels.slice(i + 1).forEach(b => {
  if (touch(a, b)) overlaps.push(a.textContent + " / " + b.textContent);
}));
const outside = seen.filter(one => !one.parentElement.matches(".name") &&
                                   (box(one).left < -0.5 || box(one).right > innerWidth + 0.5));
const cut = seen.filter(one => one.matches(".day, .line span, .pill, dd, h1, .number, .count, .title, th") &&
                               one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1);
const text = document.createElement("pre");
text.id = "measured";
text.textContent = JSON.stringify({width: innerWidth, wanted: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight, labels: labels.length, overlaps,
  outside: outside.map(one => one.outerHTML.slice(0, 200)), cut: cut.map(one => one.outerHTML.slice(0, 200))});
document.body.append(text);
</script>"""


def measure(page, width, folder):
    """What a reader whose window is `width` pixels wide sees of a page: see MEASURE."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    copy = folder / "measured.html"
    copy.write_text(text.replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    dom = browse(copy, folder, f"--window-size={width},844", "--dump-dom").decode()
    told = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)[1]
    return json.loads(told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def screenshot(page, width, height, scheme, picture):
    browse(page, picture.parent, f"--window-size={width},{height}", f"--screenshot={picture}",
           f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")


def browse(page, folder, *flags):
    done = subprocess.run([BROWSER, "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                           f"--user-data-dir={folder}/browser", *flags, page.as_uri()], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def first_pixel(picture):
    """The colour in the upper left corner of a PNG. Nothing is before it, so no filter changes it."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    data, place = b"", 8
    while place < len(content):
        [length] = struct.unpack(">I", content[place:place + 4])
        if content[place + 4:place + 8] == b"IDAT":
            data += content[place + 8:place + 8 + length]
        place += length + 12
    return tuple(zlib.decompress(data)[1:4])
