"""A learner's way in a real JupyterLab: the terminal, and what a headless Chromium shows."""

import base64
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupyterlab")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a terminal of Unix")
ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
COMMAND = (sys.executable, "-m", "minifnn", "lessons", "mine", "--", "--allow-root", "--no-browser")


class Terminal:
    """`minifnn lessons` in a terminal of its own; what it prints is read by `until`."""

    def __init__(self, folder, *more):
        import pty

        folder.mkdir(parents=True)
        variables = {"PYTHONPATH": str(ROOT), "HOME": str(folder), "NO_COLOR": "1"}
        self.code, self.text = None, ""
        self.process, self.screen = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.execve(sys.executable, [*COMMAND, "--port=0", *more], os.environ | variables)

    def until(self, pattern, seconds=60):
        """What matches in what is printed from now on, or nothing."""
        end, self.text = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            if select.select([self.screen], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.screen, 65536).decode(errors="replace")
                except OSError:  # it has ended
                    break
            if found := re.search(pattern, self.text):
                return found
        return None

    def press(self, keys):
        os.write(self.screen, keys)

    def ended(self, seconds=20):
        """The exit code, or None while it runs."""
        end = time.monotonic() + seconds
        while self.code is None:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                break
            else:
                time.sleep(0.1)
        return self.code


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def open_one(*more):
        opened.append(Terminal(tmp_path / "a path" / "größer один", *more))
        return opened[-1]

    yield open_one
    for one in opened:
        if one.ended(0) is None:
            os.kill(one.process, signal.SIGKILL)
            os.waitpid(one.process, 0)


def test_ctrl_c_asks_first_and_goes_on_if_nobody_answers(terminal):
    lab = terminal()
    assert lab.until(r"http://localhost:\d+/lab/tree/01_gate.ipynb\?token=\w+\s")
    lab.press(b"\x03")
    assert lab.until("resuming operation", 20)
    time.sleep(1)  # it says so before it does
    assert lab.ended(0) is None
    lab.press(b"\x03")
    assert lab.until(re.escape("(y/[n])?"), 20)
    lab.press(b"y\n")
    assert lab.until("Shutting down", 20)
    assert lab.ended() == 0


@pytest.mark.slow
def test_sigterm_ends_it(terminal):
    lab = terminal()
    assert lab.until(r"/lab/tree/01_gate")
    os.kill(lab.process, signal.SIGTERM)
    assert lab.until("received signal 15", 20)
    assert lab.ended() == 0


# ------------------------------------------------------------------------------- the browser


class Browser:
    """A page of a headless Chromium, spoken to by its debugging protocol."""

    def __init__(self, folder, url, width=1200):
        from websocket import create_connection

        flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
        more = (f"--user-data-dir={folder}", f"--window-size={width},900")
        start = [CHROMIUM, *flags.split(), *more, "--remote-debugging-port=0", "about:blank"]
        self.process = subprocess.Popen(start, stderr=subprocess.PIPE, text=True)
        line = next(line for line in self.process.stderr if "listening on" in line)
        port = re.search(r":(\d+)/", line).group(1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            (page,) = [one for one in json.load(answer) if one["type"] == "page"]
        self.socket, self.n = (
            create_connection(page["webSocketDebuggerUrl"], timeout=120, suppress_origin=True),
            0,
        )
        self.call("Page.navigate", url=url)

    def call(self, method, **parameters):
        self.n += 1
        self.socket.send(json.dumps({"id": self.n, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.n:
            pass
        return answer["result"]

    def ask(self, code):
        """The value of a JavaScript expression, or of its promise."""
        done = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        return done["result"].get("value")

    def wait(self, code, seconds=90):
        end = time.monotonic() + seconds
        while not (value := self.ask(code)):
            assert time.monotonic() < end, code
            time.sleep(0.3)
        return value

    def do(self, command, **arguments):
        self.ask(f"jupyterapp.commands.execute({command!r}, {json.dumps(arguments)})")

    def picture(self, path, width=1200):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        time.sleep(1)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.communicate()


PANEL = "[...jupyterapp.shell.widgets('main')].find((w) => w.context?.path === '01_gate.ipynb')"
CELLS = f"({PANEL}).content.widgets"
SAID = f"JSON.stringify(({CELLS}).map((one) => one.model.outputs?.toJSON()))"
VERDICTS = """[...document.querySelectorAll('.jp-OutputArea b')]
  .filter((b) => /^\\d+\\.\\d+: /.test(b.innerText))
  .map((b) => [b.innerText, getComputedStyle(b).color, getComputedStyle(b).backgroundColor])"""


def contrast(*colours):
    """The ratio of WCAG 2 between two colours as `rgb(1, 2, 3)`."""

    def light(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted(map(light, colours))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_the_first_lesson_in_a_browser(terminal, tmp_path):
    """Open, unmodified and unrun; run from the top, solved, saved; readable in both themes."""
    lab = terminal("--expose-app-in-browser")
    url = lab.until(r"http://localhost:\d+/lab/tree/01_gate.ipynb\?token=\w+").group()
    mine = tmp_path / "a path" / "größer один" / "mine"
    page = Browser(tmp_path / "profile", url)
    try:
        page.wait(f"({PANEL})?.context?.model?.getMetadata('language_info').version")
        page.wait(f"({PANEL}).sessionContext.session.kernel.status === 'idle'")
        time.sleep(3)
        assert page.ask(f"({PANEL}).context.model.dirty") is False
        page.picture(tmp_path / "opened.png")
        page.ask(f"jupyterapp.shell.activateById(({PANEL}).id)")
        page.do("notebook:run-all-cells")
        page.wait(f"{SAID}.split(': not attempted</b>').length > 3")
        solved = nbformat.read(ROOT / "lessons" / "solved" / "01_gate.ipynb", 4)
        answers = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in solved.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        page.ask(
            f"""{CELLS}.forEach((cell) => {{
              const id = cell.model.sharedModel.getMetadata('nbgrader')?.grade_id;
              const answer = {json.dumps(answers)}[id];
              if (answer) cell.model.sharedModel.setSource(answer);
            }})"""
        )
        page.do("notebook:run-all-cells")
        page.wait(f"{SAID}.split(': correct</b>').length > 3")
        for theme in ("Light", "Dark"):
            page.do("apputils:change-theme", theme=f"JupyterLab {theme}")
            page.ask(
                f"""({PANEL}).content.scrollToItem(({CELLS}).findIndex((cell) =>
                  cell.model.sharedModel.getSource().startsWith('lesson.check(')), 'center')"""
            )
            for width in (1200, 800):
                page.picture(tmp_path / f"{theme}{width}.png", width)
                shown = page.wait(f"{VERDICTS}.length && {VERDICTS}")
                assert min(contrast(text, ground) for _, text, ground in shown) >= 4.5
        idle = f"({PANEL}).sessionContext.session.kernel.status === 'idle'"
        page.wait(idle)  # or the cells that still run change it again
        page.ask(f"({PANEL}).context.save().then(() => true)")
        page.wait(f"({PANEL}).context.model.dirty === false")
    finally:
        page.close()
    from minifnn.lesson.progress import progress

    assert re.search(r"01_gate +\++ ", progress(mine))
    assert (mine / "answers" / "1.1.py").is_file()
