import tornado.ioloop
import tornado.web
from lxml import etree


class PlaylistHandler(tornado.web.RequestHandler):
    def put(self):
        parser = etree.XMLParser(resolve_entities=True, remove_blank_text=True)
        playlist = etree.fromstring(self.request.body, parser=parser)
        tracks = []
        for track in playlist.iterfind("trackList/track"):
            tracks.append({child.tag: child.text for child in track})
        self.write({"tracks": tracks})


if __name__ == "__main__":
    tornado.web.Application([(r"/playlist", PlaylistHandler)]).listen(8003)
    tornado.ioloop.IOLoop.current().start()
