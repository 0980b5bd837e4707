"""What `python -m tests.trust fuzz` tries, with fewer cases."""

import os

import pytest

from tests.trust import damage, fuzz, readers

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the clock that ends a hanging call is POSIX's"),
    pytest.mark.filterwarnings("ignore"),
]


def test_functions_name_what_is_wrong_with_an_argument(capsys):
    row = fuzz.functions(3)
    assert row.held, capsys.readouterr().out
    assert row.cases > 200


def test_the_command_line_says_what_is_wrong(capsys):
    row = fuzz.command_line(20)
    assert row.held, capsys.readouterr().out


@pytest.mark.parametrize("kind", damage.KINDS)
def test_readers_refuse_what_grew_out_of_a_right_file(kind, capsys):
    row = readers.by_hypothesis(kind, 6)
    assert row.held, capsys.readouterr().out


@pytest.mark.slow
def test_more_functions_more_often(capsys):
    row = fuzz.functions(20)
    assert row.held, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("kind", damage.KINDS)
def test_readers_led_by_atheris(kind):
    pytest.importorskip("atheris")
    row = readers.by_atheris(kind, 500)
    assert row.held and row.cases >= 500, row


def test_a_hang_an_exception_and_a_message_without_a_name_are_found(tmp_path):
    """Or else the tests above could not fail."""
    watch = fuzz.Watch(tmp_path)

    def raising(error):
        def function():
            raise error

        return function

    watch.call("f", ["x"], raising(ValueError("x: expected 4, got 3")))
    assert not watch.findings
    watch.call("f", ["x"], raising(ValueError("something is wrong")))
    watch.call("f", ["x"], raising(KeyError("x")))
    watch.call("f", ["x"], raising(MemoryError("x")))
    assert len(watch.findings) == 3
    (tmp_path / "half").write_text("")
    watch.call("f", ["x"], raising(ValueError("x: expected 4, got 3")))
    assert len(watch.findings) == 4
