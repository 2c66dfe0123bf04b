import base64
import zlib

from aiohttp import web
from lxml import etree

NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


async def single_sign_on(request: web.Request) -> web.Response:
    packed = request.query["SAMLRequest"]
    message = zlib.decompress(base64.b64decode(packed), -15)

    # Which saml:Issuer sent the message? Look up its name in
    # request.app["services"] and show the login form for it.
