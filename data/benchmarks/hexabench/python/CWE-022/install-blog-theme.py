from pathlib import Path

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.shortcuts import redirect

DOWNLOADS = Path(settings.MEDIA_ROOT) / "theme-downloads"


@staff_member_required
def install_theme(request):
    theme = request.GET["theme"]
    destination = Path(settings.BASE_DIR) / "themes"
    destination.mkdir(exist_ok=True)

    # The theme was fetched to DOWNLOADS/<theme>.tar.gz before.
    # Extract it to the destination and go to the theme list.
