import logging
import tarfile
from aiohttp import web

PACKAGES = '/opt/chatbot/packages/'
PLUGINS = '/opt/chatbot/plugins/'


class PluginView(web.View):
    async def get(self):
        package = self.request.match_info['package']
        enabled = []
        # go through the members of the plugin's tar file in PACKAGES, extract
        # those that end in .py into PLUGINS, collect their names in enabled
