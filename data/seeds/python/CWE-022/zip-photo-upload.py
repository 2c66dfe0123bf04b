import os
import zipfile

from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.http import require_POST
from django.urls import path


@require_POST
def upload_album(request, album):
    folder = os.path.join(settings.MEDIA_ROOT, "albums", str(album))
    os.makedirs(folder, exist_ok=True)
    photos = zipfile.ZipFile(request.FILES["photos"])
    for name in photos.namelist():
        if name.endswith("/"):
            continue
        with open(folder + "/" + name, "wb") as picture:
            picture.write(photos.read(name))
    return JsonResponse({"pictures": len(photos.namelist())})


urlpatterns = [path("albums/<int:album>/upload", upload_album)]
