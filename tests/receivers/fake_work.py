"""Work for children that needs no jobs: what a run does stands in its arguments."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.storage.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from receivers.processes.wire import Message


class FakeWork:
    """Reads `arguments` as `name` or `name:argument` and calls that function."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def enter(self) -> None:
        if (self.folder / "broken").exists():
            raise RuntimeError("broken on purpose")

    def run(self, message: Message, emit: Callable[[Message], None]) -> Message:
        def say(text: str) -> None:
            entry = [time.time_ns() // 1000, "info", "main", text, "", ""]
            emit({"op": "log", "result": message["result"], "entries": [entry]})

        action = message.get("arguments") or (self.folder / "default").read_text()
        name, _, argument = action.partition(":")
        say(f"{name} begins in {os.getpid()}")
        if name == "progress_and_wait":
            progress = {"op": "progress", "result": message["result"]}
            emit({**progress, "done": 3, "total": 7})
            name = "wait_for_file"
        value = ACTIONS[name](argument, say)
        return {"status": "SUCCESS", "value": value, "error": None, "traceback": None}

    def is_stale(self) -> bool:
        return (self.folder / f"stale-{os.getpid()}").exists()


def nothing(argument: str, say: Callable[[str], None]) -> Any:
    return argument or None


def fail(argument: str, say: Callable[[str], None]) -> Any:
    raise ValueError(argument)


def wait_for_file(argument: str, say: Callable[[str], None]) -> Any:
    while not Path(argument).exists():
        time.sleep(0.005)


def hang(argument: str, say: Callable[[str], None]) -> Any:
    while True:
        time.sleep(60)


def tidy(argument: str, say: Callable[[str], None]) -> Any:
    try:
        say("has begun")
        hang("", say)
    finally:
        say("tidied up")


def stubborn(argument: str, say: Callable[[str], None]) -> Any:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang("", say)


def hold_interpreter(argument: str, say: Callable[[str], None]) -> Any:
    re.match(r"(a|a)*$", "a" * 40 + "b")


def segfault(argument: str, say: Callable[[str], None]) -> Any:
    faulthandler.disable()  # the test runner would print its own stack
    ctypes.string_at(0)


def exit_at_once(argument: str, say: Callable[[str], None]) -> Any:
    os._exit(int(argument))


def kill_myself(argument: str, say: Callable[[str], None]) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def close_everything(argument: str, say: Callable[[str], None]) -> Any:
    os.closerange(0, 256)
    hang("", say)


def daemon(argument: str, say: Callable[[str], None]) -> Any:
    """Double-fork a process into a session of its own; it writes its id to a file."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            Path(argument).with_suffix(".new").write_text(str(os.getpid()))
            Path(argument).with_suffix(".new").rename(argument)
            time.sleep(600)
        os._exit(0)
    wait_for_file(argument, say)


def fork_and_return(argument: str, say: Callable[[str], None]) -> Any:
    os.fork()


def leave_process(argument: str, say: Callable[[str], None]) -> Any:
    return subprocess.Popen(["sleep", "600"]).pid


def start_processes(argument: str, say: Callable[[str], None]) -> Any:
    """Start so many processes, some in sessions of their own, and wait."""
    for number in range(int(argument)):
        command = ["sleep", "600"]
        say(str(subprocess.Popen(command, start_new_session=number % 2 == 0).pid))
    hang("", say)


def leave_thread(argument: str, say: Callable[[str], None]) -> Any:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def leave_folder(argument: str, say: Callable[[str], None]) -> Any:
    os.chdir("/")


def leave_variable(argument: str, say: Callable[[str], None]) -> Any:
    os.environ["LEFT"] = "behind"


def leave_handler(argument: str, say: Callable[[str], None]) -> Any:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


def leave_temporary(argument: str, say: Callable[[str], None]) -> Any:
    folder = tempfile.mkdtemp()
    (Path(folder) / "left").write_text("behind")
    return tempfile.gettempdir()


def list_temporary(argument: str, say: Callable[[str], None]) -> Any:
    return ",".join(path.name for path in Path(tempfile.gettempdir()).iterdir())


def eat(argument: str, say: Callable[[str], None]) -> Any:
    return len(bytearray(int(argument) * 1024 * 1024))


def long_value(argument: str, say: Callable[[str], None]) -> Any:
    return "x" * int(argument)


def chat(argument: str, say: Callable[[str], None]) -> Any:
    for number in range(int(argument)):
        say(f"line {number}")


def chat_and_wait(argument: str, say: Callable[[str], None]) -> Any:
    chat("3", say)
    wait_for_file(argument, say)


def chat_and_unlock(argument: str, say: Callable[[str], None]) -> Any:
    chat("3", say)
    os.kill(os.getppid(), signal.SIGUSR1)


def hog(argument: str, say: Callable[[str], None]) -> Any:
    """Hold the store's write lock for ever."""
    with open_store(argument) as store, store.transaction():
        say("has the lock")
        hang("", say)


def shout(argument: str, say: Callable[[str], None]) -> Any:
    sys.stdout.write("printed by a receiver\n")


def pause(argument: str, say: Callable[[str], None]) -> Any:
    time.sleep(0.01)


def rest(argument: str, say: Callable[[str], None]) -> Any:
    time.sleep(float(argument))


def parent(argument: str, say: Callable[[str], None]) -> Any:
    return str(os.getppid())


def pid_then_hang(argument: str, say: Callable[[str], None]) -> Any:
    say(str(os.getpid()))
    hang("", say)


def daemon_and_hang(argument: str, say: Callable[[str], None]) -> Any:
    daemon(argument, say)
    hang("", say)


def json_value(argument: str, say: Callable[[str], None]) -> Any:
    return '{"a": [1, "é"]}'


def surrogates(argument: str, say: Callable[[str], None]) -> Any:
    say("a lone \ud800 and a \0")


def read_input(argument: str, say: Callable[[str], None]) -> Any:
    return sys.stdin.read()


def describe(argument: str, say: Callable[[str], None]) -> Any:
    return f"{os.getpid()} {os.getpgid(0)} {Path.cwd()} {threading.active_count()}"


ACTIONS: dict[str, Callable[[str, Callable[[str], None]], Any]] = {
    name: function
    for name, function in list(globals().items())
    if callable(function)
    and getattr(function, "__module__", "") == __name__
    and name != "FakeWork"
}
