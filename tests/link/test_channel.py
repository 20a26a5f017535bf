"""What is sent of a channel leaves in the order of RFC 4254 §5.3, whichever threads end it."""

import logging
import threading

import paramiko
import pytest
from paramiko.common import MSG_CHANNEL_CLOSE, MSG_CHANNEL_EOF

from gpuws.link.paramiko.channel import SshChannel
from gpuws.link.paramiko.transport import SshTransport
from gpuws.sshserver.channel import ServerChannel
from gpuws.sshserver.transport import ServerTransport


class Slow:
    """A transport whose first message takes its time: the peer's close is read meanwhile."""

    def __init__(self, channel):
        self.channel, self.sent = channel, []
        self.reader = threading.Thread(target=channel._handle_close, args=(None,), daemon=True)

    def post(self, messages):
        if not self.sent and not self.reader.is_alive():
            self.reader.start()
            self.reader.join(0.1)
        self.sent += [message.asbytes()[0] for message in messages]

    def _send_user_message(self, message):
        self.post([message])

    def _unlink_channel(self, number):
        """Nobody asks for it again."""


def test_no_end_of_file_follows_the_close_that_is_sent_meanwhile():
    channel = SshChannel(1)
    channel.transport = transport = Slow(channel)
    channel.logger = logging.getLogger(__name__)
    channel.remote_chanid, channel.active = 7, True
    channel.shutdown_write()
    transport.reader.join(5)
    assert transport.sent == [MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


@pytest.mark.parametrize(("transport", "channel"), [(SshTransport, SshChannel), (ServerTransport, ServerChannel)])
def test_each_message_of_a_channel_reaches_what_cures_it(transport, channel):
    """paramiko's own table calls its base class: a method that replaces one of its would never run."""
    for message, handler in paramiko.Transport._channel_handler_table.items():
        assert transport._channel_handler_table[message] is getattr(channel, handler.__name__)
    assert transport._channel_handler_table[MSG_CHANNEL_CLOSE] is not paramiko.Channel._handle_close
