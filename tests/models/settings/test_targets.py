from __future__ import annotations

from typing import Any

import pytest

from models.errors import ConfigError
from models.settings.layers import load_settings
from models.settings.mismatches import Mismatch
from models.settings.targets import Run, Target, check_targets, read_targets

HOOK = {"webhook": "https://chat.example.net/x"}
RUN = Run(status="FAILURE", job="guards.Guard", job_name="Guard", hook="H", button="")


def one(**row: Any) -> Target:
    (target,) = read_targets([{**HOOK, **row}])
    return target


def test_targets_have_names_of_their_own() -> None:
    rows = [HOOK, {"command": "page"}, {**HOOK, "name": "chat"}]
    assert [t.name for t in read_targets(rows)] == ["webhook", "command-2", "chat"]


def test_what_is_shown_of_a_webhook_is_its_host() -> None:
    assert one().place == "chat.example.net"
    assert one(webhook="secret:url").place == "secret:url"


def test_the_secrets_that_are_needed_are_known() -> None:
    target = one(webhook="secret:url", secret_headers={"A": "token"})
    assert list(target.secrets()) == ["url", "token"]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, True),
        ({"statuses": ["INTERRUPTED"]}, False),
        ({"hooks": ["H"]}, True),
        ({"hooks": "H", "jobs": "Guard"}, True),
        ({"hooks": ["H"], "jobs": ["other"]}, False),
        ({"jobs": ["guards.Guard"]}, True),
        ({"buttons": ["B"]}, False),
    ],
)
def test_filters_all_have_to_hold(filters: dict[str, Any], *, wanted: bool) -> None:
    assert one(**filters).wants(RUN) is wanted


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({}, "has one of webhook, command, mail"),
        ({"webhook": "https://x", "mail": "a@b"}, "has one of"),
        ({"webhook": "ftp://x"}, "has a URL"),
        ({"webhook": ""}, "says where"),
        ({**HOOK, "hoks": ["H"]}, "did you mean hooks"),
        ({**HOOK, "statuses": ["SUCCESS"]}, "statuses of FAILURE, INTERRUPTED"),
        ({**HOOK, "headers": ["a"]}, "names with texts as headers"),
        ({**HOOK, "timeout_s": 0}, "timeout_s between"),
        ({**HOOK, "timeout_s": True}, "a number as timeout_s"),
        ({**HOOK, "name": 3}, "a text as name"),
        ({**HOOK, "hooks": [3]}, "texts as hooks"),
        ({"command": "page 'ops"}, "has a command line"),
        ({"mail": "ops@example.net"}, "whom its mail is `from`"),
        ({"mail": "a@b", "from": "c@d", "server": "host:"}, "HOST:PORT"),
    ],
)
def test_a_wrong_target_says_what_it_must_be(row: dict[str, Any], says: str) -> None:
    with pytest.raises(Mismatch, match=says):
        check_targets([row])


@pytest.mark.parametrize("value", ["x", [3], [HOOK, {**HOOK, "name": "webhook"}]])
def test_a_setting_of_another_kind_is_refused(value: Any) -> None:
    with pytest.raises(Mismatch, match="a list of targets"):
        check_targets(value)


def test_a_wrong_target_is_told_with_file_and_line(tmp_path: Any) -> None:
    (tmp_path / "config.yaml").write_text("\nnotify:\n  - {webhok: x}\n")
    with pytest.raises(ConfigError, match=r"config.yaml:3 must be a list whose entry"):
        load_settings(tmp_path)
