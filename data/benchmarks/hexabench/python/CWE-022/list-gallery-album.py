import os

from django.http import JsonResponse
from django.views.generic import View

GALLERY = "/srv/gallery"


class AlbumView(View):
    extensions = (".jpg", ".png", ".webp")

    def get(self, request, *args, **kwargs):
        album = request.GET.get("album", "latest")
        # names of the pictures in the album's folder, sorted, as JSON
