"""Two people of another WebRTC stack (aiortc) in one call, over the HTTP form: each sees the other's colour and hears the other,
and the record has both. Prints what came; exit status 1 when it is not so."""

import asyncio
import json
import sys
import time
import urllib.error
import urllib.request
import uuid

import aioice.ice
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame

# Longest wait for anything.
WITHIN_S = 30
# What VP8 makes of a plain colour differs by less.
OFF_MAX = 8
# Frames that have to come: enough that it goes on, not only begins.
FRAMES = 20

# aioice offers no loopback address, and here there is nothing else.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class Colour(VideoStreamTrack):
    """A picture of one colour (Y, U, V)."""

    def __init__(self, colour):
        super().__init__()
        self.colour = colour

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(320, 240, "yuv420p")
        for plane, value in zip(frame.planes, self.colour):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Person:
    """Somebody in the call."""

    def __init__(self, colour):
        self.connection, self.colour = RTCPeerConnection(), colour
        self.seen, self.frames = None, {"audio": 0, "video": 0}
        self.connection.on("track", lambda track: asyncio.ensure_future(self.take(track)))

    async def take(self, track):
        while True:
            try:
                frame = await track.recv()
            except Exception:  # The track has ended.
                return
            self.frames[track.kind] += 1
            if track.kind == "video":
                # The middle of each plane.
                self.seen = [bytes(plane)[plane.buffer_size // 2 + plane.width // 2] for plane in frame.planes]

    async def join(self, api, call):
        for track in (AudioStreamTrack(), Colour(self.colour)):
            self.connection.addTrack(track)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp.encode()
        answer, headers = await api(f"/v1/calls/{call}/media?device=desktop", offer, "application/sdp")
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.decode(), "answer"))
        return headers["Location"]

    def sees(self, colour):
        near = self.seen and all(abs(one - other) <= OFF_MAX for one, other in zip(self.seen, colour))
        return near and min(self.frames.values()) >= FRAMES


def caller(url, token=None):
    """Asks as whoever the token says."""

    def ask(path, body, content_type, method):
        headers = {"Content-Type": content_type, "Idempotency-Key": str(uuid.uuid4())} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(url + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path} was answered {error.code}: {error.read().decode()}")

    async def api(path, body=None, content_type="application/json", method=None):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        method = method or ("POST" if body is not None else "GET")
        return await asyncio.to_thread(ask, path, body, content_type, method)

    return api


async def until(what, holds):
    begun = time.monotonic()
    while not (found := await holds()):
        if time.monotonic() - begun > WITHIN_S:
            raise SystemExit(f"never: {what}")
        await asyncio.sleep(0.1)
    return found


async def main(url, email, password):
    async def json_of(api, path, body=None, method=None):
        return json.loads((await api(path, body, method=method))[0] or b"null")

    nobody = caller(url)
    owner = caller(url, (await json_of(nobody, "/v1/sessions", {"email": email, "password": password}))["token"])
    account = (await json_of(owner, "/v1/account"))["id"]
    of_shopper = {"email": "sofia@example.com", "password": "a shopper of a test only"}
    shopper_id = (await json_of(owner, "/v1/shoppers", of_shopper | {"name": "Sofia", "languages": ["en"]}))["id"]
    session = await json_of(nobody, "/v1/sessions", of_shopper | {"account_id": account})
    shopper = caller(url, session["token"])
    await json_of(shopper, f"/v1/shoppers/{shopper_id}/status", {"status": "available"}, "PUT")
    asked_for = {"account_id": account, "customer": {"name": "Ana"}, "platform": "web", "device": "desktop", "language": "en"}
    made = await json_of(nobody, "/v1/calls", asked_for)
    call, customer = made["id"], caller(url, made["customer_token"])
    await json_of(shopper, f"/v1/calls/{call}/claim", {})
    await json_of(shopper, f"/v1/calls/{call}/start", {})

    people = {"customer": Person((76, 84, 255)), "shopper": Person((29, 255, 107))}
    places = [await people["customer"].join(customer, call), await people["shopper"].join(shopper, call)]

    async def both_see():
        one, other = people.values()
        return one.sees(other.colour) and other.sees(one.colour)

    try:
        await until("each sees and hears the other", both_see)
    finally:
        print(json.dumps({name: {"seen": person.seen, "frames": person.frames} for name, person in people.items()}))
    for api, place in zip((customer, shopper), places):
        await api(place, method="DELETE")
    for person in people.values():
        await person.connection.close()

    async def record():
        found = await json_of(owner, f"/v1/calls/{call}/media")
        return found if all(one["left_at"] for one in found["participants"]) else None

    found = await until("both have left", record)
    roles = sorted((one["role"], one["reason"], len(one["tracks"])) for one in found["participants"])
    if roles != [("customer", "client_initiated", 2), ("shopper", "client_initiated", 2)] or not found["both_connected_at"]:
        raise SystemExit(f"the record has something else: {json.dumps(found, indent=1)}")
    print(f"each sees the other's colour, and the record has both: {found['live_seconds']} s live")


asyncio.run(main(*sys.argv[1:4]))
