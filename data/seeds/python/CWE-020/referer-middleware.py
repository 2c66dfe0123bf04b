from django.http import HttpResponseForbidden


class HotlinkMiddleware:
    """Keeps other sites from embedding our pictures."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/media/"):
            referer = request.META.get("HTTP_REFERER", "")
            if not self.is_own_page(referer):
                return HttpResponseForbidden("hotlinking is off")
        return self.get_response(request)

    def is_own_page(self, referer):
        return referer == "" or "gallery.fotohaus.org" in referer
