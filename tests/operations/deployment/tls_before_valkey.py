"""What ends TLS before a Valkey built without it: PEM, KEY, SOCKET; says its port."""

import asyncio
import ssl
import sys
from contextlib import suppress

PEM, KEY, SOCKET = sys.argv[1:]


async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    inside, answers = await asyncio.open_unix_connection(SOCKET)
    await asyncio.gather(pour(reader, answers), pour(inside, writer))


async def main() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM, KEY)
    server = await asyncio.start_server(join, "127.0.0.1", 0, ssl=context)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


asyncio.run(main())
