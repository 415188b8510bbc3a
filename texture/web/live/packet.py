"""Socket.IO's packets: what is accepted from clients, and how JSON is written."""

from __future__ import annotations

from typing import Any

import orjson
from engineio import json
from socketio.packet import EVENT, Packet

OUR_OWN = (["connect"], ["disconnect"])  # how the server's own events would begin, had a client sent them


class FastJson:
    """The JSON module of Socket.IO, with a faster `dumps`, which takes JSON that is ready as an `orjson.Fragment`."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        """As compact as can be, whatever separators are asked for."""
        return orjson.dumps(value).decode()


class ClientPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that accepts no attachments, and no event that only the server may make.

    An event may announce any number of attachments, which would be kept until the last one has come.
    """

    json = FastJson

    def decode(self, encoded_packet: Any) -> int:
        """Raise ValueError where the packet has what is not accepted."""
        count: int = super().decode(encoded_packet)
        if count:
            raise ValueError("attachments are not accepted")
        if self.packet_type == EVENT and self.data[:1] in OUR_OWN:
            raise ValueError("an event of the server's own")
        return count
