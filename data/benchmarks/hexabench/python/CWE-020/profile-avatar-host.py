from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST


@login_required
@require_POST
def change_avatar(request):
    avatar = request.POST.get("avatar_url", "").strip()
    profile = request.user.profile

    # we take pictures from gravatar.com and nothing else; tell the member
    # with a message when the address is from another site
