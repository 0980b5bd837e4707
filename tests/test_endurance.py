"""What `python -m tests.trust endurance` tries, with fewer cases."""

import errno
import os
import signal

import pytest

from tests.trust import endurance

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_no_more_is_said_and_what_is_done_is_kept(number):
    assert endurance.full_disk(number).held


def test_a_cache_that_cannot_be_written_is_no_trouble():
    assert endurance.no_cache().held


@pytest.mark.slow
def test_a_checkpoint_for_which_there_is_no_room_is_said_and_the_one_before_is_kept():
    assert endurance.no_room().held


@pytest.mark.slow
@pytest.mark.parametrize("name", endurance.COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_with_one_message(name, number):
    row = endurance.stopped(name, number)
    assert row.held, row


@pytest.mark.slow
@pytest.mark.parametrize("name", endurance.COMMANDS)
def test_two_calls_into_one_folder(name):
    row = endurance.two_at_once(name)
    assert row.held, row


@pytest.mark.slow
def test_memory_does_not_grow():
    for row in (endurance.trainings(40), endurance.hessians(400)):
        assert row.held, row
